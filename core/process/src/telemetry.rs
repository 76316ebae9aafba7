//! Where log lines go, and in which form.
//!
//! They go to standard error: text for a person at a terminal, one JSON object
//! a line for everything else. `DUALWRITE_LOG` says what is logged (`info` when
//! it is not set), and `NO_COLOR` takes the colours away.

use std::env::{self, VarError};
use std::io::{self, IsTerminal};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// Names what is logged, as in `info,dualwrite_link=debug`.
pub const LOG_VARIABLE: &str = "DUALWRITE_LOG";

/// What is logged when [`LOG_VARIABLE`] is not set.
pub const DEFAULT_LOG: &str = "info";

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error(
        "DUALWRITE_LOG=`{given}` is no log filter ({cause}); right would be `info` or `info,dualwrite_link=debug`"
    )]
    Filter {
        /// What the variable holds.
        given: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Somebody else has set up logging in this process.
    #[error("logging is set up already")]
    Twice,
}

/// Starts logging, as the environment of the process asks for. Once a process.
///
/// # Errors
/// [`TelemetryError`].
pub fn init() -> Result<(), TelemetryError> {
    let filter = filter(env::var(LOG_VARIABLE))?;
    let form = Form::of(
        io::stderr().is_terminal(),
        env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()),
    );
    tracing_subscriber::registry()
        .with(layer(form).with_filter(filter))
        .try_init()
        .map_err(|_| TelemetryError::Twice)
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

fn filter(variable: Result<String, VarError>) -> Result<EnvFilter, TelemetryError> {
    let given = match variable {
        Ok(given) if !given.is_empty() => given,
        Ok(_) | Err(VarError::NotPresent) => DEFAULT_LOG.to_owned(),
        Err(VarError::NotUnicode(given)) => given.to_string_lossy().into_owned(),
    };
    EnvFilter::try_new(&given).map_err(|error| TelemetryError::Filter {
        cause: error.to_string(),
        given,
    })
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
    fn an_absent_or_empty_filter_means_info() {
        for variable in [Err(VarError::NotPresent), Ok(String::new())] {
            assert_eq!(filter(variable).unwrap().to_string(), "info");
        }
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_told_with_a_right_one() {
        let error = filter(Ok("dualwrite=loud".to_owned()))
            .unwrap_err()
            .to_string();
        assert!(error.contains("`dualwrite=loud`"), "{error}");
        assert!(error.contains("dualwrite_link=debug"), "{error}");
    }
}
