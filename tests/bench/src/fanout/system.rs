//! What is compared.

use std::sync::Arc;

use anyhow::Result;
use dualwrite_tests::Process;
use serde::Serialize;
use tokio::task::JoinSet;

use super::broadcast::Broadcast;
use super::dualwrite::Dualwrite;
use super::etcd::Etcd;
use super::receipts::Receipts;

/// A way to tell many of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum System {
    /// Our control plane: a flag is changed, every session acknowledges, and then the caller is
    /// answered.
    Dualwrite,
    /// A key is put, every watcher is told. Nobody acknowledges.
    Etcd,
    /// The same bytes written to every connection, one after the other, by a loop.
    Broadcast,
}

impl System {
    pub(crate) const ALL: [Self; 3] = [Self::Dualwrite, Self::Etcd, Self::Broadcast];

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Dualwrite => "dualwrite",
            Self::Etcd => "etcd watch",
            Self::Broadcast => "TCP broadcast",
        }
    }

    /// All of them, in another order each round.
    pub(super) fn in_turn(round: u32) -> Vec<Self> {
        let mut all = Self::ALL.to_vec();
        let turn = usize::try_from(round).unwrap_or_default() % all.len();
        all.rotate_left(turn);
        all
    }

    /// Starts its server, with nobody connected.
    pub(super) async fn start(self) -> Result<Running> {
        Ok(match self {
            Self::Dualwrite => Running::Dualwrite(Dualwrite::start().await?),
            Self::Etcd => Running::Etcd(Etcd::start().await?),
            Self::Broadcast => Running::Broadcast(Broadcast::start().await?),
        })
    }
}

/// A server that runs, with how it is spoken to.
#[derive(Debug)]
pub(super) enum Running {
    Dualwrite(Dualwrite),
    Etcd(Etcd),
    Broadcast(Broadcast),
}

impl Running {
    pub(super) const fn process(&self) -> &Process {
        match self {
            Self::Dualwrite(server) => server.process(),
            Self::Etcd(server) => server.process(),
            Self::Broadcast(server) => server.process(),
        }
    }

    /// Connects one receiver, which then notes what it gets until the set is dropped.
    pub(super) async fn receive(
        &self,
        number: u32,
        receipts: Arc<Receipts>,
        receivers: &mut JoinSet<Result<()>>,
    ) -> Result<()> {
        match self {
            Self::Dualwrite(server) => server.receive(number, receipts, receivers).await,
            Self::Etcd(server) => server.receive(receipts, receivers).await,
            Self::Broadcast(server) => server.receive(receipts, receivers).await,
        }
    }

    /// Makes a change; it is answered when the caller is. The version is one more each time,
    /// beginning with 1.
    pub(super) async fn change(&mut self, version: u64) -> Result<()> {
        match self {
            Self::Dualwrite(server) => server.change(version).await,
            Self::Etcd(server) => server.change(version).await,
            Self::Broadcast(server) => server.change(version).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_begins_with_another() {
        let first: Vec<System> = (0..4).map(|round| System::in_turn(round)[0]).collect();
        let [a, b, c] = System::ALL;
        assert_eq!(first, [a, b, c, a]);
    }
}
