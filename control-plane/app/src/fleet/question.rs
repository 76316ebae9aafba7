//! Questions to one sidecar that wait for an answer.

use std::collections::HashMap;

use tokio::sync::oneshot;

use super::KeyCheck;

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The sidecar answered.
    Checked(Result<KeyCheck, String>),
    /// Its session ended first.
    Gone,
}

/// The open questions of a service. Whoever asks limits the time; a question
/// whose asker has gone is swept with its session or with the next answer.
#[derive(Debug, Default)]
pub(super) struct Questions {
    open: HashMap<String, (String, oneshot::Sender<Answer>)>,
}

impl Questions {
    pub(super) fn ask(&mut self, request_id: &str, session: &str) -> oneshot::Receiver<Answer> {
        self.open.retain(|_, (_, asker)| !asker.is_closed());
        let (answer, asked) = oneshot::channel();
        self.open
            .insert(request_id.to_owned(), (session.to_owned(), answer));
        asked
    }

    pub(super) fn answer(&mut self, request_id: &str, result: Result<KeyCheck, String>) {
        if let Some((_, asker)) = self.open.remove(request_id) {
            // The asker may have given up: nobody is left to tell.
            drop(asker.send(Answer::Checked(result)));
        }
    }

    pub(super) fn gone(&mut self, session: &str) {
        let ids: Vec<String> = self
            .open
            .iter()
            .filter(|(_, (of, _))| of == session)
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            if let Some((_, asker)) = self.open.remove(&id) {
                drop(asker.send(Answer::Gone));
            }
        }
    }
}
