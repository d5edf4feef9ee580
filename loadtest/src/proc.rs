//! What processes cost, as the kernel counts it (proc(5)): processor time and memory of a program with all its
//! children, and the kernel's own memory. Knows nothing of what they do.

use anyhow::{Context, Result};
use serde::Serialize;
use std::fs;
use std::ops::Sub;

/// `sysconf(_SC_CLK_TCK)`: 100 on every Linux of today.
const TICK_US: u64 = 10_000;
const PAGE_BYTES: u64 = 4096;

/// A program and its children.
#[derive(Clone, Copy, Debug)]
pub struct Program(u32);

/// Processor time of a program so far.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cpu {
    /// All of it, in microseconds.
    pub us: u64,
    /// Of it outside the kernel: sampled by ticks, so only good for longer times.
    pub user_us: u64,
}

/// Memory of a program, in bytes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Memory {
    /// Its share of what lies in memory.
    pub pss: u64,
    /// Of it what no file is behind.
    pub anonymous: u64,
}

/// What the kernel itself holds, in bytes: structures of sockets and files, and what waits in TCP's buffers.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Kernel {
    pub slab: u64,
    pub tcp: u64,
}

impl Program {
    /// The only child of a shell that watches it.
    ///
    /// # Errors
    /// It has none.
    pub fn watched_by(shell: u32) -> Result<Self> {
        let child = children(shell).first().copied();
        child.map(Self).context("a watched program has ended")
    }

    /// # Errors
    /// It has ended.
    pub fn cpu(self) -> Result<Cpu> {
        let mut all = Cpu::default();
        for process in self.family() {
            let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
            // What follows the name, which may hold anything: state, ppid, …, utime (14), stime (15).
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
            let (user, system) = ticks(11).zip(ticks(12)).context("proc_pid_stat(5)")?;
            all.user_us += user * TICK_US;
            all.us += threads_us(process).unwrap_or((user + system) * TICK_US);
        }
        Ok(all)
    }

    /// # Errors
    /// It has ended.
    pub fn memory(self) -> Result<Memory> {
        let mut all = Memory::default();
        for process in self.family() {
            let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
            all.pss += kilobytes(&rollup, "Pss:").context("Pss")?;
            all.anonymous += kilobytes(&rollup, "Anonymous:").context("Anonymous")?;
        }
        Ok(all)
    }

    fn family(self) -> Vec<u32> {
        let mut family = vec![self.0];
        let mut at = 0;
        while let Some(process) = family.get(at).copied() {
            family.extend(children(process));
            at += 1;
        }
        family
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self { us: self.us.saturating_sub(earlier.us), user_us: self.user_us.saturating_sub(earlier.user_us) }
    }
}

impl Kernel {
    /// # Errors
    /// No proc(5).
    pub fn now() -> Result<Self> {
        let slab = kilobytes(&fs::read_to_string("/proc/meminfo")?, "Slab:").context("Slab")?;
        let sockets = fs::read_to_string("/proc/net/sockstat")?;
        let tcp = sockets.lines().find(|line| line.starts_with("TCP:")).context("TCP")?;
        let pages = tcp.split_whitespace().skip_while(|word| *word != "mem").nth(1).and_then(|n| n.parse::<u64>().ok());
        Ok(Self { slab, tcp: pages.context("TCP: mem")? * PAGE_BYTES })
    }

    pub fn total(self) -> u64 {
        self.slab + self.tcp
    }
}

/// Processes that this one started, by any of its threads.
fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}

/// To the nanosecond, where the kernel counts so: living threads only, and a server's live as long as it does.
fn threads_us(process: u32) -> Option<u64> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten();
    let times = threads.map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    times.sum::<Option<u64>>().map(|ns| ns / 1000)
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_very_process_has_cost_something() {
        let us = Program(std::process::id());
        let begin = us.cpu().unwrap();
        let mut sum = 0u64;
        while (us.cpu().unwrap() - begin).us < 20_000 {
            sum = std::hint::black_box(sum + 1);
        }
        let memory = us.memory().unwrap();
        assert!(memory.anonymous > 0 && memory.pss > 100_000, "{memory:?}");
        assert!(Kernel::now().unwrap().slab > 1_000_000);
    }
}
