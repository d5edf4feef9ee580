//! The crowd: thousands of clients on sockets of their own, in processes beside the measurement, so that a process
//! stays within its open files and the one who counts does not wait for the one who reads.

mod book;
mod client;
mod hands;
mod news;
mod wire;
mod words;

pub use hands::run;
pub use words::{ALL_SCREENS, GUESTS, SCREENS, Seat, Speech, Status};

use crate::pin::Pin;
use crate::report::Times;
use anyhow::{Context, Result, bail};
use std::io::{BufWriter, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use words::{Ask, TIMES};

/// Clients of one process: a process may open 20,000 files here, and needs a few itself.
pub const OF_ONE_PROCESS: usize = 19_000;
/// Handshakes that one process has under way.
const AT_ONCE: usize = 128;
const PATIENCE: Duration = Duration::from_secs(90);
/// Nothing more comes after it.
const SILENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);
const TELL_EVERY: Duration = Duration::from_secs(2);

/// All clients of a measurement. Dropped, they are gone.
pub struct Crowd {
    processes: Vec<Process>,
}

struct Process {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Crowd {
    /// Starts so many processes.
    ///
    /// # Errors
    /// This program cannot be started once more.
    pub fn start(processes: usize, pin: Pin) -> Result<Self> {
        let processes = (0..processes).map(|n| Process::start(n, pin)).collect::<Result<_>>()?;
        Ok(Self { processes })
    }

    /// Connects clients, spread over the processes, and waits until they have their topics.
    ///
    /// # Errors
    /// One that is not let in.
    pub async fn connect(&mut self, seats: impl IntoIterator<Item = Seat>) -> Result<()> {
        let mut files: Vec<NamedTempFile> =
            self.processes.iter().map(|_| NamedTempFile::new()).collect::<Result<_, _>>()?;
        let count = files.len();
        {
            let mut writers: Vec<_> = files.iter_mut().map(BufWriter::new).collect();
            for (n, seat) in seats.into_iter().enumerate() {
                let writer = &mut writers[n % count];
                serde_json::to_writer(&mut *writer, &seat)?;
                writer.write_all(b"\n")?;
            }
            writers.iter_mut().try_for_each(Write::flush)?;
        }
        for (process, file) in self.processes.iter_mut().zip(&files) {
            process.ask(&Ask::Connect { file: file.path().to_owned(), at_once: AT_ONCE }).await?;
        }
        self.wait("connected", |status| (status.ready, status.clients)).await.map(drop)
    }

    /// Waits until the first number reaches the second, and tells how it goes.
    ///
    /// # Errors
    /// A fault of a client, or a number that does not come.
    pub async fn wait(&mut self, what: &str, numbers: impl Fn(&Status) -> (usize, usize)) -> Result<Status> {
        let begin = Instant::now();
        let mut told = begin;
        let mut moved = (begin, 0);
        loop {
            let status = self.status().await?;
            if let Some(fault) = status.fault {
                bail!("{fault}");
            }
            let (now, wanted) = numbers(&status);
            if now >= wanted {
                return Ok(status);
            }
            if now > moved.1 {
                moved = (Instant::now(), now);
            }
            if moved.0.elapsed() > PATIENCE {
                bail!("only {now} of {wanted} are {what}");
            }
            if told.elapsed() > TELL_EVERY {
                told = Instant::now();
                eprintln!("    {now} of {wanted} {what}");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until so many timed messages were heard, or no more come.
    ///
    /// # Errors
    /// A process that is gone.
    pub async fn hear(&mut self, wanted: u64) -> Result<Status> {
        let mut moved = (Instant::now(), 0);
        loop {
            let status = self.status().await?;
            let heard = status.all().timed;
            if heard > moved.1 {
                moved = (Instant::now(), heard);
            }
            if heard >= wanted || moved.0.elapsed() > SILENCE {
                return Ok(status);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// # Errors
    /// A process that is gone.
    pub async fn status(&mut self) -> Result<Status> {
        self.ask(&Ask::Status).await
    }

    /// Forgets what was counted.
    ///
    /// # Errors
    /// A process that is gone.
    pub async fn reset(&mut self) -> Result<()> {
        self.ask(&Ask::Reset).await.map(drop)
    }

    /// Cuts every connection.
    ///
    /// # Errors
    /// A process that is gone.
    pub async fn cut(&mut self) -> Result<()> {
        self.ask(&Ask::Cut).await.map(drop)
    }

    /// All come back, each at some time within `spread`, and are current after so many events.
    ///
    /// # Errors
    /// A process that is gone.
    pub async fn rejoin(&mut self, spread: Duration, events: u64) -> Result<()> {
        self.ask(&Ask::Rejoin { spread_us: crate::stopwatch::micros(spread), events }).await.map(drop)
    }

    /// From due to heard: by [`GUESTS`] and [`SCREENS`], and until all of a command's screens ([`ALL_SCREENS`]).
    ///
    /// # Errors
    /// A process that is gone.
    pub async fn times(&mut self) -> Result<[Times; TIMES]> {
        let status = self.ask(&Ask::Times).await?;
        let mut times = [Times::new()?, Times::new()?, Times::new()?];
        for (times, list) in times.iter_mut().zip(status.times) {
            list.into_iter().for_each(|(us, count)| times.add_many(us, count));
        }
        Ok(times)
    }

    /// So many screens hear of a command; all of them in the same process.
    ///
    /// # Errors
    /// A process that is gone.
    pub async fn screens_of_a_command(&mut self, screens: usize) -> Result<()> {
        self.ask(&Ask::Screens { screens }).await.map(drop)
    }

    async fn ask(&mut self, ask: &Ask) -> Result<Status> {
        let mut all = Status::default();
        let answers = futures_util::future::join_all(self.processes.iter_mut().map(|process| process.ask(ask))).await;
        for status in answers {
            all.add(status?);
        }
        Ok(all)
    }
}

impl Process {
    fn start(n: usize, pin: Pin) -> Result<Self> {
        let mut command = pin.command(&std::env::current_exe()?);
        command.args(["crowd", "--process", &n.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut command = tokio::process::Command::from(command);
        let mut child = command.kill_on_drop(true).spawn().context("the crowd cannot be started")?;
        let input = child.stdin.take().context("a pipe")?;
        let output = BufReader::new(child.stdout.take().context("a pipe")?).lines();
        Ok(Self { input, output, _child: child })
    }

    async fn ask(&mut self, ask: &Ask) -> Result<Status> {
        let mut line = serde_json::to_vec(ask)?;
        line.push(b'\n');
        self.input.write_all(&line).await.context("a process of the crowd is gone")?;
        let answer = self.output.next_line().await?.context("a process of the crowd is gone")?;
        Ok(serde_json::from_str(&answer)?)
    }
}
