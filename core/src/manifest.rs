//! The manifest: what a service's migration is set to, as a YAML file.
//!
//! Every error says where (file, line, column and path), what is wrong and
//! what would be right. Errors of form (an unknown field, a missing one, a
//! value of the wrong type) are all found at once; when there are none, so are
//! those of meaning ([`Spec::validate`]).
//!
//! [`yaml`](crate::yaml) makes a tree with positions out of the text and has
//! the tools to read it, `manifest/document.rs` and `manifest/entities.rs` read
//! the manifest's own form.

mod document;
mod entities;
mod render;
mod settings;

#[cfg(test)]
mod tests;

/// A manifest is wrong as any YAML file of ours is: somewhere.
pub use crate::yaml::{YamlError as ManifestError, YamlErrors as ManifestErrors};

pub(crate) use render::{column_line, entity_head};

use crate::phase::Phase;
use crate::spec::Spec;

/// The `apiVersion` of every manifest.
pub const API_VERSION: &str = "dualwrite/v1";

/// The `kind` of every manifest.
pub const KIND: &str = "Migration";

/// A manifest, read and validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The service's name.
    pub name: String,
    /// The phase to start in; taken at the first apply only.
    pub phase: Option<Phase>,
    /// The settings.
    pub spec: Spec,
}

impl Manifest {
    /// Reads a manifest. `file` is only named in errors.
    ///
    /// # Errors
    /// [`ManifestErrors`]: what is wrong with it, in the order of the file.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestErrors> {
        document::read(file, text)
    }

    /// The manifest as YAML, which reads back as the same manifest.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        render::render(self)
    }
}

/// The JSON Schema of manifests, for editors.
#[must_use]
pub const fn json_schema() -> &'static str {
    include_str!("manifest/schema.json")
}
