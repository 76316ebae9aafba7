//! Free loopback ports.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

/// A loopback TCP port that was free a moment ago.
///
/// Our own programs bind port 0 and say what they got, which has no gap; this is for programs that
/// cannot. Whoever uses it starts over with another port when somebody was faster.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("bind a loopback port")?;
    Ok(listener
        .local_addr()
        .context("read the port that was bound")?
        .port())
}
