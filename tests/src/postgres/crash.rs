//! The sudden end of a server.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use rustix::process::{Pid, Signal, kill_process};

use crate::child::Child;
use crate::eventually::{BOUND, until};

/// Kills the server, then the backends that it had started, and waits until all are gone: a server
/// cannot start again beside a backend of its predecessor.
pub(super) async fn kill_with_backends(server: &mut Child) -> Result<()> {
    // Stopped first, so that it starts no backend between the listing and its end.
    server.signal(Signal::STOP)?;
    let backends = children_of(server.pid());
    server.signal(Signal::KILL)?;
    for backend in backends.iter().copied().filter(|pid| is_backend(*pid)) {
        if let Some(pid) = Pid::from_raw(backend) {
            // It may have ended by itself when its server did.
            kill_process(pid, Signal::KILL).unwrap_or_default();
        }
    }
    server.wait().await?;
    until("the end of the backends", BOUND, async || {
        !backends.iter().any(|pid| is_backend(*pid))
    })
    .await?;
    Ok(())
}

fn children_of(parent: u32) -> Vec<i32> {
    let path = PathBuf::from(format!("/proc/{parent}/task/{parent}/children"));
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

/// Whether this process still is a live backend (a dead one that nobody has waited for yet is not).
fn is_backend(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.split_once(") ")
        .is_some_and(|(name, rest)| name.ends_with("(postgres") && !rest.starts_with('Z'))
}
