//! What is left to do after an import, without the value of any secret.

use dualwrite_core::environment::dotenv::DotenvEntry;

/// What to set for each sidecar, and what to do with the manifest.
pub(super) fn advice(service: &str, entries: &[DotenvEntry], file: &str, complete: bool) -> String {
    let place = |names: &[&str]| {
        let entry = entries.iter().find(|entry| names.contains(&&*entry.name))?;
        Some(format!("{} of {file}, line {}", entry.name, entry.line))
    };
    let legacy = place(&["LEGACY_DATABASE_URL"]);
    let new = place(&["NEW_DATABASE_URL", "DATABASE_URL"]);
    let url = |found: Option<String>| {
        found.map_or_else(
            || format!("the URL, which is not in {file}"),
            |place| format!("the value of {place}"),
        )
    };
    let next = if complete {
        "then `dualwrite apply -f` the manifest"
    } else {
        "then add the entities: `dualwrite introspect` proposes them"
    };
    format!(
        "set for each sidecar (or name files with …_FILE):\n  \
         DUALWRITE_SERVICE={service}\n  \
         LEGACY_DATABASE_URL: {}\n  \
         NEW_DATABASE_URL: {}\n  \
         DUALWRITE_CONTROL_PLANE: where it is\n{next}",
        url(legacy),
        url(new),
    )
}
