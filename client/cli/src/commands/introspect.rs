//! `dualwrite introspect`

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::time::Duration;

use clap::Args;
use dualwrite_proto::v1;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::local;
use crate::remote::patient;
use crate::render;
use crate::view::proposal::ProposalView;

/// The sidecar gives each database half a minute.
const PATIENCE: Duration = Duration::from_mins(1);

/// Propose a manifest from what both databases look like.
///
/// The manifest goes to standard output (or into a file), what to know about
/// it to standard error. Nothing is changed, and no row is read.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 something is proposed; 1 nothing could be.")]
pub(crate) struct Introspect {
    /// The sidecar that has the URLs of both databases.
    #[arg(
        long,
        value_name = "ADDR",
        env = "DUALWRITE_SIDECAR",
        default_value = local::DEFAULT
    )]
    sidecar: String,
    /// Only these tables of the legacy database, with or without a schema.
    #[arg(long = "table", value_name = "TABLE", num_args = 1..)]
    tables: Vec<String>,
    /// The migration's name; the sidecar's service unless given.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    name: String,
    /// Write the manifest into this file.
    #[arg(long, value_name = "FILE")]
    out: Option<String>,
    /// Overwrite the file.
    #[arg(long, requires = "out")]
    force: bool,
}

impl Introspect {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        if let Some(out) = self.out.as_ref().filter(|_| !self.force)
            && std::path::Path::new(out).exists()
        {
            return Err(exists(out));
        }
        let mut sidecar = local::connect(&self.sidecar).await?;
        let request = patient(
            v1::IntrospectRequest {
                tables: self.tables.clone(),
                name: self.name.clone(),
            },
            PATIENCE,
        );
        let answer = sidecar.introspect(request).await?.into_inner();
        let view = ProposalView::from(answer);
        if let Some(out) = &self.out {
            write(out, self.force, &view.manifest)?;
        }
        context.output.aside(|paint| render::remarks(&view, paint));
        if self.out.is_none() || context.output.is_json() {
            context.output.data(&view, |view, _| view.manifest.clone());
        }
        context.output.note(&next(&view, self.out.as_deref()));
        Ok(if view.entities.is_empty() {
            Exit::Failed
        } else {
            Exit::Done
        })
    }
}

fn write(file: &str, force: bool, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let written = options
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            exists(file)
        } else {
            Failure::failed(format!("cannot write {file}: {error}"))
        }
    })
}

fn exists(file: &str) -> Failure {
    Failure::failed(format!("{file} is there already"))
        .hint("say --force to overwrite it, or name another file")
}

/// What to do with the proposal.
fn next(view: &ProposalView, out: Option<&str>) -> String {
    if view.entities.is_empty() {
        return "Nothing could be proposed: the remarks say why, table by table.".to_owned();
    }
    let file = out.unwrap_or("FILE");
    let save = if out.is_some() {
        ""
    } else {
        " save it (--out FILE),"
    };
    format!(
        "Next:{save} decide the marked places, then `dualwrite config check {file}` and \
         `dualwrite apply -f {file}`."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_kept_unless_forced() {
        let folder = std::env::temp_dir().join(format!("dualwrite-out-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("m.yaml");
        let name = file.to_str().unwrap();
        write(name, false, "one").unwrap();
        let failure = write(name, false, "two").unwrap_err();
        assert!(failure.message.contains(name), "{}", failure.message);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "one");
        write(name, true, "3").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "3");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
