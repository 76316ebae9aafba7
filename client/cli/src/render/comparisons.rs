//! Reads that were done on both sides, in a line.

use super::tones;
use crate::paint::{Cell, Tone, cell};
use crate::view::migration::ComparisonsView;

/// What came of all compared reads; what differs is told by entity.
pub(crate) fn comparisons(compared: &[ComparisonsView]) -> Cell {
    let sum = |count: fn(&ComparisonsView) -> u64| -> u64 {
        compared.iter().map(count).fold(0, u64::saturating_add)
    };
    let counts = [
        (sum(|one| one.matches), "equal"),
        (sum(|one| one.mismatches), "differ"),
        (sum(|one| one.skipped), "skipped"),
        (sum(|one| one.shed), "shed"),
        (sum(|one| one.failed), "failed"),
    ];
    if counts.iter().all(|(count, _)| *count == 0) {
        return cell(Tone::Dim, "none".to_owned());
    }
    let named = counts
        .iter()
        .filter(|(count, word)| *count > 0 || *word == "differ");
    let named: Vec<String> = named
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let differing: Vec<String> = compared
        .iter()
        .filter(|one| one.mismatches > 0)
        .map(|one| format!("{} {}", one.entity, one.mismatches))
        .collect();
    let mut text = named.join(", ");
    if !differing.is_empty() {
        put!(text, " ({})", differing.join(", "));
    }
    cell(tones::unless(!differing.is_empty()), text)
}
