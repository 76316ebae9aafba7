//! Questions to one sidecar, and the answers that they wait for.
//!
//! Each kind of question is a type that knows what its answer looks like
//! ([`Ask`]); on the way they are [`Question`] and [`Answer`].

use std::collections::{BTreeMap, HashMap};

use dualwrite_core::diagnosis::{Finding, Removal, TestReport};
use dualwrite_core::side::Side;
use tokio::sync::oneshot;

use super::KeyCheck;

/// A question, as a sidecar is asked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// What the exact check of a key finds.
    CheckKey(CheckKey),
    /// What probes of each entity find.
    RunTest,
    /// What it finds of its databases and of itself.
    Diagnose,
    /// To remove everything of ours, and what that left.
    Remove,
}

/// A key to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckKey {
    /// The entity.
    pub entity: String,
    /// Field name to value in text form.
    pub key: BTreeMap<String, String>,
}

/// What a sidecar says to a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Question::CheckKey`].
    KeyChecked(Result<KeyCheck, Unanswered>),
    /// To [`Question::RunTest`].
    TestDone(Result<TestReport, Unanswered>),
    /// To [`Question::Diagnose`].
    Diagnosed(Vec<Finding>),
    /// To [`Question::Remove`].
    Removed(Removals),
}

/// How far a removal came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removals {
    /// What was done, one entry a side that could be reached.
    pub done: Vec<Removal>,
    /// What stands in the way of the rest; empty when nothing does.
    pub obstacle: String,
}

/// An answer, and the question it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The question.
    pub request_id: String,
    /// What is said to it.
    pub answer: Answer,
}

/// Why a sidecar could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unanswered {
    /// The stable reason as it travels, as in `WRONG_TYPE`; empty when the
    /// sidecar gave none.
    pub reason: String,
    /// The database at fault, where it is one.
    pub side: Option<Side>,
    /// The reason in a sentence.
    pub why: String,
}

/// A kind of question.
pub trait Ask {
    /// What a good answer holds.
    type Found;

    /// The question as it is asked.
    fn question(&self) -> Question;

    /// What an answer says; `None` when it is one to another kind of question.
    fn found(answer: Answer) -> Option<Result<Self::Found, Unanswered>>;
}

/// Asks for probes.
#[derive(Debug, Clone, Copy)]
pub struct RunTest;

/// Asks for a diagnosis.
#[derive(Debug, Clone, Copy)]
pub struct Diagnose;

/// Asks for the removal of everything of ours.
#[derive(Debug, Clone, Copy)]
pub struct Remove;

/// The open questions of a service. Whoever asks limits the time; a question
/// whose asker has gone is swept with its session or with the next question.
#[derive(Debug, Default)]
pub(super) struct Questions {
    open: HashMap<String, (String, oneshot::Sender<Answer>)>,
}

// === impl Ask ===

impl Ask for CheckKey {
    type Found = KeyCheck;

    fn question(&self) -> Question {
        Question::CheckKey(self.clone())
    }

    fn found(answer: Answer) -> Option<Result<KeyCheck, Unanswered>> {
        match answer {
            Answer::KeyChecked(result) => Some(result),
            Answer::TestDone(_) | Answer::Diagnosed(_) | Answer::Removed(_) => None,
        }
    }
}

impl Ask for RunTest {
    type Found = TestReport;

    fn question(&self) -> Question {
        Question::RunTest
    }

    fn found(answer: Answer) -> Option<Result<TestReport, Unanswered>> {
        match answer {
            Answer::TestDone(result) => Some(result),
            Answer::KeyChecked(_) | Answer::Diagnosed(_) | Answer::Removed(_) => None,
        }
    }
}

impl Ask for Diagnose {
    type Found = Vec<Finding>;

    fn question(&self) -> Question {
        Question::Diagnose
    }

    fn found(answer: Answer) -> Option<Result<Vec<Finding>, Unanswered>> {
        match answer {
            Answer::Diagnosed(findings) => Some(Ok(findings)),
            Answer::KeyChecked(_) | Answer::TestDone(_) | Answer::Removed(_) => None,
        }
    }
}

impl Ask for Remove {
    type Found = Removals;

    fn question(&self) -> Question {
        Question::Remove
    }

    fn found(answer: Answer) -> Option<Result<Removals, Unanswered>> {
        match answer {
            Answer::Removed(removals) => Some(Ok(removals)),
            Answer::KeyChecked(_) | Answer::TestDone(_) | Answer::Diagnosed(_) => None,
        }
    }
}

// === impl Questions ===

impl Questions {
    pub(super) fn ask(&mut self, request_id: &str, session: &str) -> oneshot::Receiver<Answer> {
        self.open.retain(|_, (_, asker)| !asker.is_closed());
        let (answer, asked) = oneshot::channel();
        self.open
            .insert(request_id.to_owned(), (session.to_owned(), answer));
        asked
    }

    pub(super) fn answer(&mut self, Answered { request_id, answer }: Answered) {
        if let Some((_, asker)) = self.open.remove(&request_id) {
            // The asker may have given up: nobody is left to tell.
            drop(asker.send(answer));
        }
    }

    /// The session has ended: whoever asked it sees its question dropped.
    pub(super) fn gone(&mut self, session: &str) {
        self.open.retain(|_, (of, _)| of != session);
    }
}
