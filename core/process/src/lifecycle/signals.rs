//! The signals that end a process.

use std::future::pending;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// Where the wish to end comes from: the operating system, or a channel.
#[derive(Debug)]
pub struct Signals(Source);

#[derive(Debug)]
enum Source {
    System {
        terminate: Signal,
        interrupt: Signal,
    },
    Channel(mpsc::Receiver<()>),
}

impl Signals {
    /// SIGTERM and SIGINT of this process. From here on they no longer kill it.
    ///
    /// # Errors
    /// When the operating system refuses to hand them over.
    pub fn install() -> io::Result<Self> {
        Ok(Self(Source::System {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        }))
    }

    /// What comes out of a channel: for servers that run inside another
    /// program. A closed channel never asks for anything.
    #[must_use]
    pub const fn from_channel(channel: mpsc::Receiver<()>) -> Self {
        Self(Source::Channel(channel))
    }

    /// Waits for the next one, and names it.
    pub async fn next(&mut self) -> &'static str {
        match &mut self.0 {
            Source::System {
                terminate,
                interrupt,
            } => tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            },
            Source::Channel(channel) => match channel.recv().await {
                Some(()) => "channel",
                None => pending().await,
            },
        }
    }
}
