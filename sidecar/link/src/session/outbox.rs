//! What goes up a stream, in order.

use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind;
use tokio::sync::mpsc;

/// Messages that wait for the transport at most. A control plane that does not
/// read holds its senders back; one that is silent as well is given up.
const WAITING_MAX: usize = 64;

/// The sending end of one stream. Messages sent after its end go nowhere.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    sender: mpsc::Sender<v1::SessionRequest>,
}

impl Outbox {
    pub(crate) fn new() -> (Self, mpsc::Receiver<v1::SessionRequest>) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self { sender }, receiver)
    }

    /// Sends when there is room. Whether anybody still listens is seen by the
    /// loop that reads.
    pub(crate) async fn send(&self, kind: Kind) {
        drop(
            self.sender
                .send(v1::SessionRequest { kind: Some(kind) })
                .await,
        );
    }
}
