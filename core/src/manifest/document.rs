//! The manifest as a whole.

use super::{API_VERSION, KIND, Manifest, ManifestErrors, entities, settings};
use crate::phase::Phase;
use crate::spec::{Spec, check_name};
use crate::yaml::parse;
use crate::yaml::reader::{Errors, Fields};
use crate::yaml::tree::{Node, Place};

pub(super) fn read(file: &str, text: &str) -> Result<Manifest, ManifestErrors> {
    let mut errors = Errors::new(file);
    let root = match parse::parse(text) {
        Ok(Some(root)) => root,
        Ok(None) => {
            errors.push(Place::START, "", "the file is empty", "a manifest");
            return Err(errors.finish());
        }
        Err(error) => {
            errors.push(error.place, "", error.message, error.expected);
            return Err(errors.finish());
        }
    };
    let manifest = document(&root, &mut errors);
    match manifest {
        Some(manifest) if errors.is_empty() => {
            for violation in manifest.spec.validate(&manifest.name) {
                let path = violation.under("spec");
                let place = root.locate(&path.path);
                errors.push(place, &path.path, path.message, path.expected);
            }
            if errors.is_empty() {
                Ok(manifest)
            } else {
                Err(errors.finish())
            }
        }
        Some(_) | None => Err(errors.finish()),
    }
}

fn document(root: &Node, errors: &mut Errors) -> Option<Manifest> {
    let fields = Fields::read(
        root,
        "",
        &["apiVersion", "kind", "metadata", "spec"],
        errors,
    )?;
    fixed(&fields, "apiVersion", API_VERSION, errors);
    fixed(&fields, "kind", KIND, errors);
    let name = fields
        .required("metadata", "a map with name", errors)
        .and_then(|node| name(node, errors));
    let spec = fields
        .required("spec", "a map with entities", errors)
        .and_then(|node| spec(node, errors));
    let (phase, spec) = spec?;
    Some(Manifest {
        name: name?,
        phase,
        spec,
    })
}

/// A field that can only be one text.
fn fixed(fields: &Fields<'_>, name: &str, value: &str, errors: &mut Errors) {
    let what = format!("`{value}`");
    let Some(given) = fields.text(name, &what, errors) else {
        return;
    };
    if given != value
        && let Some(node) = fields.optional(name)
    {
        errors.push(
            node.place,
            &fields.path_of(name),
            format!("`{given}` is not known"),
            what,
        );
    }
}

fn name(node: &Node, errors: &mut Errors) -> Option<String> {
    let fields = Fields::read(node, "metadata", &["name"], errors)?;
    let name = fields.text("name", "the service's name", errors)?;
    if !check_name(name)
        && let Some(node) = fields.optional("name")
    {
        let expected = "a lower case letter, then up to 30 lower case letters, digits or _";
        errors.push(
            node.place,
            "metadata.name",
            format!("`{name}` is no service name"),
            expected,
        );
    }
    Some(name.to_owned())
}

fn spec(node: &Node, errors: &mut Errors) -> Option<(Option<Phase>, Spec)> {
    let known = ["phase", "flags", "guards", "keepMarkers", "entities"];
    let fields = Fields::read(node, "spec", &known, errors)?;
    let phase = phase(&fields, errors);
    let flags = fields
        .optional("flags")
        .map(|node| settings::flags(node, errors));
    let guards = fields
        .optional("guards")
        .map(|node| settings::guards(node, errors));
    let keep_markers = fields.truth("keepMarkers", true, errors);
    let entities = fields.required("entities", "a list of entities", errors);
    let entities = entities.and_then(|node| entities::entities(node, errors))?;
    let spec = Spec {
        flags: flags.unwrap_or_default(),
        guards: guards.unwrap_or_default(),
        keep_markers,
        entities,
    };
    Some((phase, spec))
}

fn phase(fields: &Fields<'_>, errors: &mut Errors) -> Option<Phase> {
    let node = fields.optional("phase")?;
    let words = Phase::ALL.map(Phase::as_str).join(", ");
    let word = crate::yaml::reader::text(node, "spec.phase", &words, errors)?;
    let phase = Phase::parse(word);
    if phase.is_err() {
        errors.push(
            node.place,
            "spec.phase",
            format!("`{word}` is no phase"),
            words,
        );
    }
    phase.ok()
}
