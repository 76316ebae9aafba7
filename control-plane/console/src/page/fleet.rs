//! The sidecars of a migration.

use dualwrite_control_app::model::Sidecar;

use crate::html::Text;
use crate::time::utc;

pub(super) fn told(sidecars: &[Sidecar], revision: u64) -> String {
    if sidecars.is_empty() {
        return "<p>No sidecar has connected yet.</p>\n".to_owned();
    }
    let rows: String = sidecars
        .iter()
        .map(|sidecar| row(sidecar, revision))
        .collect();
    format!(
        "<table>\n<caption>Sidecars</caption>\n<thead><tr><th>instance</th><th>version</th>\
         <th>state</th><th>revision</th><th>markers</th><th>last heard</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n"
    )
}

fn row(sidecar: &Sidecar, revision: u64) -> String {
    let (class, state) = match (&sidecar.nack, sidecar.live) {
        (_, false) => ("gone", "gone".to_owned()),
        (Some(nack), true) => (
            "bad",
            format!("refuses {}: {}", nack.revision, nack.reasons.join("; ")),
        ),
        (None, true) if sidecar.acked < revision => ("busy", "live, behind".to_owned()),
        (None, true) => ("good", "live".to_owned()),
    };
    format!(
        "<tr class=\"{class}\"><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        Text(&sidecar.instance),
        Text(&sidecar.version),
        Text(state),
        sidecar.acked,
        sidecar.markers,
        utc(sidecar.last_seen),
    )
}
