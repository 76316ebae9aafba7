//! How many connections one process may have.

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, getrlimit, setrlimit};

/// Files that are open beside the connections.
const BESIDE: u64 = 200;

/// Makes room for so many connections, in this process and in those that it starts.
pub(super) fn room_for(connections: u32) -> Result<()> {
    let wanted = u64::from(connections) + BESIDE;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|maximum| maximum < wanted) {
        bail!(
            "{connections} connections need {wanted} open files, and this process may have {}: \
             raise the hard limit (`ulimit -Hn`), or measure fewer with --sessions",
            limit.maximum.unwrap_or_default()
        );
    }
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        setrlimit(Resource::Nofile, limit).context("raise the limit of open files")?;
    }
    Ok(())
}
