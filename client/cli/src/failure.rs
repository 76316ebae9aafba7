//! What went wrong: one line, what can be done about it, and the exit code.

use dualwrite_proto::status;
use dualwrite_proto::v1::ErrorReason;
use serde::Serialize;
use tonic::{Code, Status};

use crate::exit::Exit;
use crate::hint::hint;
use crate::paint::{Paint, Tone};

/// Why a command did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// How the command ends.
    pub(crate) exit: Exit,
    /// The stable reason, when the control plane gave one.
    pub(crate) reason: Option<String>,
    /// What was wrong, in one line.
    pub(crate) message: String,
    /// Each thing that was wrong, where there are several.
    pub(crate) details: Vec<String>,
    /// What can be done about it.
    pub(crate) hint: Option<String>,
}

/// The JSON of a failure.
#[derive(Debug, Serialize)]
pub(crate) struct FailureView<'a> {
    error: ErrorView<'a>,
}

#[derive(Debug, Serialize)]
struct ErrorView<'a> {
    exit_code: u8,
    reason: Option<&'a str>,
    message: &'a str,
    details: &'a [String],
    hint: Option<&'a str>,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            reason: None,
            message: message.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    /// Something did not work.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// What was typed makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The same, with what can be done about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with each thing that was wrong.
    pub(crate) fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// For people.
    pub(crate) fn render(&self, paint: Paint) -> String {
        let mut text = format!("{} {}\n", paint.text(Tone::Bad, "error:"), self.message);
        for detail in &self.details {
            for line in detail.lines() {
                put!(text, "  {line}\n");
            }
        }
        if let Some(hint) = &self.hint {
            put!(text, "{} {hint}\n", paint.text(Tone::Strong, "hint:"));
        }
        text
    }

    /// For machines.
    pub(crate) fn view(&self) -> FailureView<'_> {
        FailureView {
            error: ErrorView {
                exit_code: self.exit.code(),
                reason: self.reason.as_deref(),
                message: &self.message,
                details: &self.details,
                hint: self.hint.as_deref(),
            },
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let reason = status::reason_of(&status);
        let message = message_of(&status, reason);
        Self {
            exit: exit_of(&status, reason),
            reason: reason.map(|reason| status::reason_name(reason).to_owned()),
            details: details_of(&status, &message),
            hint: hint(&status, reason),
            message,
        }
    }
}

/// What was wrong, in one line. Guards that refused are told one by one, as
/// details, and not once more here.
fn message_of(status: &Status, reason: Option<ErrorReason>) -> String {
    let facts = status::metadata_of(status);
    let steps = facts.get("from").zip(facts.get("to"));
    if let (Some(ErrorReason::GuardRefused), Some((from, to))) = (reason, steps) {
        let guards = match status::preconditions_of(status).len() {
            1 => "1 guard refuses".to_owned(),
            count => format!("{count} guards refuse"),
        };
        return format!("{guards} the step from {from} to {to}");
    }
    match status.message() {
        "" => status.code().description().to_owned(),
        message => first_line(message).to_owned(),
    }
}

/// What the operator typed is wrong usage, wherever it was found out.
fn exit_of(status: &Status, reason: Option<ErrorReason>) -> Exit {
    match (reason, status.code()) {
        (Some(ErrorReason::GuardRefused), _) => Exit::Refused,
        (Some(ErrorReason::InvalidManifest), _) => Exit::Failed,
        (Some(_), Code::InvalidArgument) => Exit::Usage,
        (Some(_) | None, _) => Exit::Failed,
    }
}

/// Guards that refused and fields that are wrong, unless the message says it.
fn details_of(status: &Status, message: &str) -> Vec<String> {
    let guards = status::preconditions_of(status)
        .into_iter()
        .map(|unmet| format!("{}: {}", unmet.subject, unmet.message));
    let fields = status::fields_of(status)
        .into_iter()
        .filter(|field| !message.contains(&field.message))
        .map(|field| format!("{}: {}", field.path, field.message));
    guards.chain(fields).collect()
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or(message)
}

#[cfg(test)]
mod tests;
