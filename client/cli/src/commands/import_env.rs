//! `dualwrite import-env FILE`: from the variables that a service with dual
//! writes of its own has today to a manifest.

mod advice;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use dualwrite_core::environment::{self, Environment, dotenv, dotenv::DotenvEntry};
use dualwrite_core::flags::Flags;
use dualwrite_core::manifest::Manifest;
use dualwrite_core::phase::Phase;
use dualwrite_core::spec::{Spec, check_name};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::source::Source;
use advice::advice;

/// Write a manifest from the variables of a hand-written dual write.
///
/// Phase and flags come from DUAL_WRITE_ENABLED, DUAL_WRITE_TO_LEGACY,
/// DUAL_WRITE_TO_NEW, DUAL_WRITE_PRIMARY and the rest of them; names with the
/// service's prefix win. URLs of databases are never copied.
#[derive(Debug, Args)]
pub(crate) struct ImportEnv {
    /// The file with NAME=value lines; `-` for standard input.
    file: String,
    /// The service [default: DUALWRITE_SERVICE in the file, or the name of the
    /// manifest with the entities].
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// A manifest to take the entities (and all else that no variable says)
    /// from.
    #[arg(long, value_name = "MANIFEST")]
    entities: Option<String>,
    /// Where to write the manifest, which must not be there yet [default:
    /// standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What was made of the file.
#[derive(Debug, Serialize)]
struct ImportView {
    service: String,
    phase: &'static str,
    /// Which variable said what.
    origins: Vec<OriginView>,
    warnings: Vec<String>,
    /// Whether the manifest has entities, and can be applied.
    complete: bool,
    manifest: String,
    #[serde(skip)]
    advice: String,
}

#[derive(Debug, Serialize)]
struct OriginView {
    setting: &'static str,
    variable: String,
}

impl ImportEnv {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let source = Source::read(&self.file)?;
        let base = self.entities.as_deref().map(Source::read).transpose()?;
        let base = base.as_ref().map(Source::manifest).transpose()?;
        let view = ImportView::of(&source, self.service, base)?;
        for warning in &view.warnings {
            context.output.warn(warning);
        }
        if let Some(path) = &self.out {
            write(path, &view.manifest)?;
            context.output.note(&format!("wrote {}", path.display()));
        } else {
            context.output.data(&view, |view, _| view.manifest.clone());
        }
        context.output.note(&view.advice);
        Ok(Exit::Done)
    }
}

impl ImportView {
    fn of(
        source: &Source,
        service: Option<String>,
        base: Option<Manifest>,
    ) -> Result<Self, Failure> {
        let entries = entries(source)?;
        let service = self::service(service, &entries, base.as_ref())?;
        let read = read(source, &entries, &service, base.as_ref())?;
        let phase = phase(&read, base.as_ref(), source)?;
        let warnings = read.flags.warnings();
        let manifest = manifest(&service, phase, read.flags, base);
        let complete = !manifest.spec.entities.is_empty();
        Ok(Self {
            phase: phase.as_str(),
            origins: read.origins.into_iter().map(OriginView::of).collect(),
            warnings,
            complete,
            manifest: text(&manifest, &source.file),
            advice: advice(&service, &entries, &source.file, complete),
            service,
        })
    }
}

impl OriginView {
    fn of((setting, variable): (&'static str, String)) -> Self {
        Self { setting, variable }
    }
}

fn entries(source: &Source) -> Result<Vec<DotenvEntry>, Failure> {
    dotenv::parse(&source.text).map_err(|error| {
        let message = format!("{}:{}: {}", source.file, error.line, error.message);
        Failure::failed(message)
    })
}

/// The service: as it was said, as the file says, or as the entities' manifest
/// is named.
fn service(
    given: Option<String>,
    entries: &[DotenvEntry],
    base: Option<&Manifest>,
) -> Result<String, Failure> {
    let in_file = || {
        let own = entries
            .iter()
            .rfind(|entry| entry.name == "DUALWRITE_SERVICE");
        own.map(|entry| entry.value.clone())
    };
    let of_base = || base.map(|base| base.name.clone());
    let service = given.or_else(in_file).or_else(of_base).ok_or_else(|| {
        Failure::usage("nothing says which service this is").hint("name it with --service NAME")
    })?;
    if check_name(&service) {
        Ok(service)
    } else {
        Err(Failure::usage(format!(
            "`{service}` is no service name; a name is a lower case letter, then up to 30 lower \
             case letters, digits or _"
        )))
    }
}

fn read(
    source: &Source,
    entries: &[DotenvEntry],
    service: &str,
    base: Option<&Manifest>,
) -> Result<Environment, Failure> {
    let belongs = |entry: &&DotenvEntry| environment::belongs(&entry.name, service);
    let refers = entries.iter().filter(belongs).filter(|entry| entry.refers);
    let refers: Vec<String> = refers
        .map(|entry| {
            format!(
                "{}:{}: {} refers to another variable, which is not put in here; write its value",
                source.file, entry.line, entry.name
            )
        })
        .collect();
    if !refers.is_empty() {
        return Err(wrong(source, refers));
    }
    // Of a name that stands there twice the last counts, as for a shell.
    let last = entries.iter().enumerate().filter(|(index, entry)| {
        let later = &entries[index + 1..];
        later.iter().all(|other| other.name != entry.name)
    });
    let variables = last.map(|(_, entry)| (entry.name.as_str(), entry.value.as_str()));
    let flags = base.map_or_else(Flags::default, |base| base.spec.flags.clone());
    environment::read(variables, service, &flags)
        .map_err(|errors| wrong(source, errors.iter().map(ToString::to_string).collect()))
}

fn wrong(source: &Source, details: Vec<String>) -> Failure {
    let count = details.len();
    let plural = if count == 1 { "" } else { "s" };
    Failure::failed(format!("{} has {count} error{plural}", source.file)).details(details)
}

fn phase(read: &Environment, base: Option<&Manifest>, source: &Source) -> Result<Phase, Failure> {
    let phase = read.phase.or_else(|| base?.phase);
    phase.ok_or_else(|| {
        Failure::failed(format!("nothing in {} says the phase", source.file)).hint(
            "set DUAL_WRITE_ENABLED, DUAL_WRITE_TO_LEGACY and DUAL_WRITE_TO_NEW there, and \
             DUAL_WRITE_PRIMARY where all three are true",
        )
    })
}

fn manifest(service: &str, phase: Phase, flags: Flags, base: Option<Manifest>) -> Manifest {
    let spec = base.map_or_else(Spec::default, |base| base.spec);
    Manifest {
        name: service.to_owned(),
        phase: Some(phase),
        spec: Spec { flags, ..spec },
    }
}

/// The manifest's text, with what is still to be done.
fn text(manifest: &Manifest, file: &str) -> String {
    let mut text = format!("# Phase and flags are those of {file}.\n");
    text.push_str(&manifest.to_yaml());
    if manifest.spec.entities.is_empty() {
        text.push_str(
            "  # No entities yet. `dualwrite introspect` proposes them from both databases. Put\n  \
             # them here, or run `dualwrite import-env` again with --entities FILE.\n",
        );
    }
    text
}

/// A file that is there may be precious: it is never replaced.
fn write(path: &PathBuf, text: &str) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", path.display()))
                .hint("choose a file that is not there yet")
        })
}

#[cfg(test)]
mod tests;
