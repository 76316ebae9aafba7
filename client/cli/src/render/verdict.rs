//! A verdict, guard by guard.

use crate::paint::{Paint, Tone, cell, plain};
use crate::view::verdict::VerdictView;

/// A verdict, guard by guard, and the steps that would be taken.
pub(crate) fn verdict(verdict: &VerdictView, paint: Paint) -> String {
    let refusing = verdict.guards.iter().filter(|guard| !guard.passed).count();
    let said = if verdict.permitted {
        paint.text(Tone::Good, "permitted")
    } else {
        let said = format!("refused by {refusing} of {} guards", verdict.guards.len());
        paint.text(Tone::Bad, &said)
    };
    let title = format!(
        "{}  {} -> {}  {said}\n\n",
        paint.text(Tone::Strong, &verdict.migration),
        verdict.from_phase,
        verdict.to_phase
    );
    let rows = verdict.guards.iter().map(|guard| {
        let result = if guard.passed {
            cell(Tone::Good, "pass")
        } else {
            cell(Tone::Bad, "refused")
        };
        vec![
            plain(&guard.guard),
            result,
            plain(&guard.measured),
            plain(&guard.limit),
            plain(guard.remedy.clone().unwrap_or_default()),
        ]
    });
    let guards = paint.table(
        &["GUARD", "RESULT", "MEASURED", "LIMIT", "WHAT TO DO"],
        rows.collect(),
    );
    let mut steps = String::from("\nsteps\n");
    for (index, step) in verdict.steps.iter().enumerate() {
        put!(steps, "  {}. {step}\n", index + 1);
    }
    title + &guards + &steps
}
