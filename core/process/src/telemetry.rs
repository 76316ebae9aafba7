//! Where log lines go, and in which form.
//!
//! They go to standard error: text for a person at a terminal, one JSON object
//! a line for everything else. The setting `log` says what is logged, and
//! `NO_COLOR` takes the colours away.

use std::env;
use std::io::{self, IsTerminal};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

pub use tracing_subscriber::EnvFilter;

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error(
        "`{given}` is no log filter ({cause}); right would be `info` or `info,dualwrite_link=debug`"
    )]
    Filter {
        /// What was given.
        given: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Somebody else has set up logging in this process.
    #[error("logging is set up already")]
    Twice,
}

/// Starts logging what `filter` asks for. Once a process.
///
/// # Errors
/// [`TelemetryError::Twice`].
pub fn init(filter: EnvFilter) -> Result<(), TelemetryError> {
    let form = Form::of(
        io::stderr().is_terminal(),
        env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()),
    );
    tracing_subscriber::registry()
        .with(layer(form).with_filter(filter))
        .try_init()
        .map_err(|_| TelemetryError::Twice)
}

/// What is logged, from text as in `info,dualwrite_link=debug`.
///
/// # Errors
/// [`TelemetryError::Filter`].
pub fn filter(text: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(text).map_err(|error| TelemetryError::Filter {
        cause: error.to_string(),
        given: text.to_owned(),
    })
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text { colours: bool },
    Json,
}

impl Form {
    const fn of(terminal: bool, no_color: bool) -> Self {
        if terminal {
            Self::Text { colours: !no_color }
        } else {
            Self::Json
        }
    }
}

fn layer(form: Form) -> Box<dyn Layer<Registry> + Send + Sync> {
    match form {
        Form::Text { colours } => fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(colours)
            .boxed(),
        Form::Json => fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(false)
            .json()
            .flatten_event(true)
            .boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_text_and_anything_else_json() {
        assert_eq!(Form::of(true, false), Form::Text { colours: true });
        assert_eq!(Form::of(true, true), Form::Text { colours: false });
        assert_eq!(Form::of(false, false), Form::Json);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_told_with_a_right_one() {
        let error = filter("dualwrite=loud").unwrap_err().to_string();
        assert!(error.contains("`dualwrite=loud`"), "{error}");
        assert!(error.contains("dualwrite_link=debug"), "{error}");
    }
}
