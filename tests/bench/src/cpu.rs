//! Processor time of processes, as the kernel counts it.

use std::fs;
use std::ops::{AddAssign, Sub};

use anyhow::{Context, Result};
use serde::Serialize;

/// Microseconds of one tick of `/proc`: it counts in hundredths of a second on every architecture
/// that we build for.
const TICK_MICROS: u64 = 10_000;

/// Which processes are watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    /// The sidecar, where it is a process of its own.
    pub(crate) sidecar: Option<u32>,
    /// The primary's server.
    pub(crate) legacy: u32,
    /// The secondary's server.
    pub(crate) new: u32,
}

/// Microseconds of user and system time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Cpu {
    /// This process: the clients and, where it runs in here, dualwrite's engine.
    pub(crate) client: u64,
    /// The sidecar's process.
    pub(crate) sidecar: u64,
    /// The primary's server with all of its backends.
    pub(crate) legacy: u64,
    /// The secondary's server with all of its backends.
    pub(crate) new: u64,
}

impl Cpu {
    /// All of it.
    pub(crate) const fn sum(self) -> u64 {
        self.client + self.sidecar + self.legacy + self.new
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            client: self.client.saturating_sub(before.client),
            sidecar: self.sidecar.saturating_sub(before.sidecar),
            legacy: self.legacy.saturating_sub(before.legacy),
            new: self.new.saturating_sub(before.new),
        }
    }
}

impl Watched {
    /// What they have used so far.
    pub(crate) fn read(&self) -> Result<Cpu> {
        Ok(Cpu {
            client: of("self")?.own,
            sidecar: match self.sidecar {
                Some(pid) => of(&pid.to_string())?.own,
                None => 0,
            },
            legacy: server(self.legacy)?,
            new: server(self.new)?,
        })
    }
}

/// What one process has used so far, in microseconds of user and system time.
pub(crate) fn process(pid: u32) -> Result<u64> {
    Ok(of(&pid.to_string())?.own)
}

/// A server's time: its own, that of the backends which live, and that of those which ended.
fn server(pid: u32) -> Result<u64> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))
        .context("list the backends of a server")?;
    let mut sum = Time::default();
    for child in children.split_whitespace() {
        // One that ended since is in the server's account now.
        sum += of(child).unwrap_or_default();
    }
    sum += of(&pid.to_string())?;
    Ok(sum.own + sum.ended_children)
}

/// Microseconds of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Time {
    own: u64,
    ended_children: u64,
}

impl AddAssign for Time {
    fn add_assign(&mut self, other: Self) {
        self.own += other.own;
        self.ended_children += other.ended_children;
    }
}

fn of(process: &str) -> Result<Time> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
    parse(&text).with_context(|| format!("{path} is not as expected"))
}

/// Fields 14 to 17: user and system time of the process, then of the children it waited for. The
/// name before them is in brackets, and may hold anything.
fn parse(stat: &str) -> Option<Time> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    let (user, system) = (next()?, next()?);
    let (children_user, children_system) = (next()?, next()?);
    Some(Time {
        own: (user + system) * TICK_MICROS,
        ended_children: (children_user + children_system) * TICK_MICROS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 95 0 0 0 3 4 10 20 20 0 1 0 100 0 0";
        let time = parse(stat).unwrap();
        assert_eq!((time.own, time.ended_children), (70_000, 300_000));
        assert_eq!(parse("7 (a) S 1"), None);
    }

    #[test]
    fn what_is_used_here_is_counted() {
        let before = of("self").unwrap();
        let mut turns = 0_u64;
        while of("self").unwrap().own < before.own + 2 * TICK_MICROS {
            turns += 1;
            assert!(turns < 10_000_000, "the kernel counts nothing");
        }
    }
}
