//! What happened last to a migration.

use dualwrite_control_app::model::Event;

use crate::html::Text;
use crate::time::utc;

pub(super) fn told(events: &[Event]) -> String {
    let rows: String = events.iter().map(row).collect();
    format!(
        "<table>\n<caption>What happened last</caption>\n<thead><tr><th>when</th><th>what</th>\
         <th>who</th><th>why</th><th>before</th><th>after</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n"
    )
}

fn row(event: &Event) -> String {
    format!(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        utc(event.time),
        event.kind.as_str(),
        Text(&event.actor),
        Text(&event.reason),
        Text(&event.before),
        Text(&event.after),
    )
}
