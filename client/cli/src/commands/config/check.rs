//! `dualwrite config check FILE`

mod settings;

use clap::Args;
use dualwrite_core::manifest::{ManifestError, ManifestErrors};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::paint::{Paint, Tone};
use crate::source::Source;
use settings::Server;

/// Say everything that is wrong with a manifest, or with a settings file of the
/// sidecar or the control plane, and where.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The manifest or settings file; `-` for a manifest on standard input.
    file: String,
}

/// What was found.
#[derive(Debug, Serialize)]
struct CheckView {
    file: String,
    valid: bool,
    migration: Option<String>,
    errors: Vec<ErrorView>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ErrorView {
    line: usize,
    column: usize,
    path: String,
    message: String,
    expected: String,
    /// With the line of the file and a caret.
    #[serde(skip)]
    pointed: String,
}

impl Check {
    pub(in crate::commands) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let source = Source::read(&self.file)?;
        if let Some(server) = Server::of(&source.text).filter(|_| self.file != "-") {
            return server.check(&self.file, context.output.is_json());
        }
        let view = CheckView::of(&source);
        context.output.data(&view, render);
        Ok(if view.valid { Exit::Done } else { Exit::Failed })
    }
}

impl CheckView {
    fn of(source: &Source) -> Self {
        let (migration, errors, warnings) = match source.parse() {
            Ok(manifest) => {
                let warnings = manifest.spec.flags.warnings();
                (Some(manifest.name), Vec::new(), warnings)
            }
            Err(ManifestErrors { errors }) => {
                let errors = errors.into_iter().map(|error| ErrorView::of(source, error));
                (None, errors.collect(), Vec::new())
            }
        };
        let file = source.file.clone();
        Self {
            file,
            valid: migration.is_some(),
            migration,
            errors,
            warnings,
        }
    }
}

impl ErrorView {
    fn of(source: &Source, error: ManifestError) -> Self {
        let pointed = source.pointed(&error);
        let ManifestError {
            file: _,
            line,
            column,
            path,
            message,
            expected,
        } = error;
        Self {
            line,
            column,
            path,
            message,
            expected,
            pointed,
        }
    }
}

fn render(view: &CheckView, paint: Paint) -> String {
    let mut text = String::new();
    for error in &view.errors {
        put!(text, "{}\n\n", error.pointed);
    }
    for warning in &view.warnings {
        put!(text, "{} {warning}\n", paint.text(Tone::Warn, "warning:"));
    }
    let found = match (&view.migration, view.errors.len()) {
        (Some(name), _) => {
            format!(
                "{}: the manifest of {name} is {}",
                view.file,
                paint.text(Tone::Good, "valid")
            )
        }
        (None, 1) => format!("{}: {}", view.file, paint.text(Tone::Bad, "1 error")),
        (None, count) => {
            format!(
                "{}: {}",
                view.file,
                paint.text(Tone::Bad, &format!("{count} errors"))
            )
        }
    };
    text + &found + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> String {
        let source = Source {
            file: "cart.yaml".into(),
            text: text.into(),
        };
        render(&CheckView::of(&source), Paint::new(false))
    }

    #[test]
    fn errors_are_told_with_their_place() {
        let text = check(
            "apiVersion: dualwrite/v1\n\
             kind: Migration\n\
             metadata: { name: cart }\n\
             spec:\n\
             \x20 flags: { batchsize: 10 }\n\
             \x20 entities:\n\
             \x20   - name: cart\n\
             \x20     key: [id]\n\
             \x20     legacy: { table: shop_carts }\n\
             \x20     new: { table: carts }\n\
             \x20     columns:\n\
             \x20       - { legacy: cart_id, new: id, convert: cents }\n",
        );
        // The words are core's; here it is the place that counts.
        assert!(
            text.contains("cart.yaml:5:12: spec.flags.batchsize:"),
            "{text}"
        );
        assert!(
            text.contains("5 |   flags: { batchsize: 10 }\n  |            ^\n"),
            "{text}"
        );
        assert!(
            text.contains("cart.yaml:12:48: spec.entities[0].columns[0].convert:"),
            "{text}"
        );
        assert!(text.ends_with("cart.yaml: 2 errors\n"), "{text}");
    }

    #[test]
    fn a_valid_manifest_is_said_to_be_one_with_what_is_probably_not_meant() {
        insta::assert_snapshot!(check(
            "apiVersion: dualwrite/v1\n\
             kind: Migration\n\
             metadata: { name: cart }\n\
             spec:\n\
             \x20 flags: { fail_on_new_error: true }\n\
             \x20 entities:\n\
             \x20   - name: cart\n\
             \x20     key: [id]\n\
             \x20     legacy: { table: shop_carts }\n\
             \x20     new: { table: carts }\n\
             \x20     columns: [id]\n"
        ));
    }
}
