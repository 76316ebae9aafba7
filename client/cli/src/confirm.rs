//! Asking back before something that is hard to undo.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;

/// Goes on when the operator says yes, or said so beforehand (`--yes`), or when
/// nobody is there to ask: a script meant what it says.
///
/// # Errors
/// [`Failure`], when the answer is no.
pub(crate) fn confirm(context: &Context, question: &str) -> Result<(), Failure> {
    if context.yes {
        return Ok(());
    }
    let Some(answer) = Output::ask(question) else {
        return Ok(());
    };
    let answer = answer.map_err(|error| Failure::failed(format!("no answer: {error}")))?;
    if means_yes(&answer) {
        Ok(())
    } else {
        Err(Failure::failed("nothing was changed"))
    }
}

fn means_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for answer in ["y\n", "Y", " yes \n"] {
            assert!(means_yes(answer), "{answer:?}");
        }
        for answer in ["", "\n", "n", "no", "yep", "yy"] {
            assert!(!means_yes(answer), "{answer:?}");
        }
    }
}
