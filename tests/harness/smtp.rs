//! A mail server that speaks SMTP (RFC 5321) over a socket on loopback: greylists, refuses, is full, hangs up before and
//! after it took a mail, or says nothing more. It remembers what it took.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Takes,
    /// 450 at the recipient: come again later.
    Greylists,
    /// 550 at the recipient: there is nobody of that name.
    Refuses,
    /// 452 after the mail was read: no room just now.
    Full,
    /// 554 after the mail was read.
    RefusesText,
    /// The connection ends before the mail was handed over.
    HangsUp,
    /// The mail was taken, and the connection ends without a word.
    TakesAndHangsUp,
    /// The mail was taken, and nothing more is said.
    TakesAndSleeps,
}

/// A mail that it took.
#[derive(Clone, Debug)]
pub struct Taken {
    pub from: String,
    pub to: String,
    /// Header and body as they came.
    pub text: String,
}

#[derive(Default)]
struct Inner {
    taken: Vec<Taken>,
    /// Sessions in which a recipient was named.
    asked: u64,
    moods: VecDeque<Mood>,
}

#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    inner: Arc<Mutex<Inner>>,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let me = Self { port: listener.local_addr().expect("an address").port(), inner: Arc::default() };
        let server = me.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let session = Session::new(server.clone(), stream);
                tokio::spawn(async move { drop(session.run().await) });
            }
        });
        me
    }

    /// Lines of the settings that lead here.
    pub fn settings(&self) -> String {
        format!(
            "[smtp]\nhost = \"127.0.0.1\"\nport = {}\nprivacy = \"plain\"\nfrom = \"Olive <orders@olive.example>\"\n",
            self.port
        )
    }

    /// The next mails are met with these moods, those after them are taken.
    pub fn will(&self, moods: &[Mood]) {
        self.inner.lock().unwrap().moods.extend(moods);
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.inner.lock().unwrap().taken.clone()
    }

    pub fn asked(&self) -> u64 {
        self.inner.lock().unwrap().asked
    }

    fn next_mood(&self) -> Mood {
        let mut inner = self.inner.lock().unwrap();
        inner.asked += 1;
        inner.moods.pop_front().unwrap_or(Mood::Takes)
    }

    /// Waits until it has taken so many.
    pub async fn took(&self, count: usize) -> Vec<Taken> {
        let deadline = Instant::now() + super::SOON;
        loop {
            let taken = self.taken();
            if taken.len() >= count {
                return taken;
            }
            assert!(Instant::now() < deadline, "{} of {count} mails", taken.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

struct Session {
    server: MailServer,
    lines: Lines<BufReader<OwnedReadHalf>>,
    out: OwnedWriteHalf,
    from: String,
    to: String,
    mood: Mood,
}

impl Session {
    fn new(server: MailServer, stream: TcpStream) -> Self {
        let (read, out) = stream.into_split();
        let lines = BufReader::new(read).lines();
        Self { server, lines, out, from: String::new(), to: String::new(), mood: Mood::Takes }
    }

    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.out.write_all(format!("{line}\r\n").as_bytes()).await
    }

    async fn run(mut self) -> std::io::Result<()> {
        self.say("220 mail.example ESMTP").await?;
        while let Some(line) = self.lines.next_line().await? {
            let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => self.say("250-mail.example\r\n250-8BITMIME\r\n250 SMTPUTF8").await?,
                "MAIL" => {
                    self.from = address(&line);
                    self.say("250 good").await?;
                }
                "RCPT" => {
                    self.to = address(&line);
                    self.mood = self.server.next_mood();
                    match self.mood {
                        Mood::HangsUp => return Ok(()),
                        Mood::Greylists => self.say("450 4.2.0 greylisted, come again").await?,
                        Mood::Refuses => self.say("550 5.1.1 nobody of that name").await?,
                        _ => self.say("250 good").await?,
                    }
                }
                "DATA" => {
                    self.say("354 go on").await?;
                    if !self.read().await? {
                        return Ok(());
                    }
                }
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("250 good").await?,
            }
        }
        Ok(())
    }

    /// A mail up to its dot. False: the connection ends.
    async fn read(&mut self) -> std::io::Result<bool> {
        let mut text = String::new();
        loop {
            let Some(line) = self.lines.next_line().await? else { return Ok(false) };
            if line == "." {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
            text.push('\n');
        }
        match self.mood {
            Mood::Full => self.say("452 4.3.1 no room").await?,
            Mood::RefusesText => self.say("554 5.7.1 not this").await?,
            mood => {
                let taken = Taken { from: self.from.clone(), to: self.to.clone(), text };
                self.server.inner.lock().unwrap().taken.push(taken);
                match mood {
                    Mood::TakesAndHangsUp => return Ok(false),
                    Mood::TakesAndSleeps => tokio::time::sleep(Duration::from_secs(60)).await,
                    _ => self.say("250 2.0.0 taken").await?,
                }
            }
        }
        Ok(true)
    }
}

/// What stands in angle brackets.
fn address(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(String::new(), |(name, _)| name.to_owned())
}
