//! Questions to one session.

use tokio::sync::oneshot;

use super::Service;
use crate::fleet::{Answer, Answered, Command, Question};

impl Service {
    /// Asks a session; `None` when it has ended or its queue is full. The
    /// receiver ends without an answer when the session does.
    pub(crate) fn ask(
        &self,
        session: &str,
        request_id: &str,
        question: Question,
    ) -> Option<oneshot::Receiver<Answer>> {
        let asked = self.state().questions.ask(request_id, session);
        let command = Command::Ask {
            request_id: request_id.to_owned(),
            question,
        };
        self.send(session, command).then_some(asked)
    }

    pub(in crate::fleet) fn answer(&self, answered: Answered) {
        self.state().questions.answer(answered);
    }
}
