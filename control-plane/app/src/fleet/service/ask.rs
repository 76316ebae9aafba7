//! Questions to one session.

use tokio::sync::oneshot;

use super::Service;
use crate::fleet::{Answer, CheckKey, Command, KeyCheck};

impl Service {
    /// Asks a session about a key; `None` when it has ended or its queue is
    /// full.
    pub(crate) fn ask(&self, session: &str, check: CheckKey) -> Option<oneshot::Receiver<Answer>> {
        let asked = self.state().questions.ask(&check.request_id, session);
        self.send(session, Command::CheckKey(check))
            .then_some(asked)
    }

    pub(in crate::fleet) fn answer(&self, request_id: &str, result: Result<KeyCheck, String>) {
        self.state().questions.answer(request_id, result);
    }
}
