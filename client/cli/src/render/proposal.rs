//! What to know about a proposed manifest.

use crate::paint::{Paint, Tone, cell, plain};
use crate::view::proposal::{ProposalView, RemarkView};

/// Every remark, one a line in the order of the manifest, and how many there
/// are of each level.
pub(crate) fn remarks(view: &ProposalView, paint: Paint) -> String {
    let of = |level: &str| {
        let remarks = view.remarks.iter();
        remarks.filter(|remark| remark.level == level).count() as u64
    };
    let rows: Vec<_> = view
        .remarks
        .iter()
        .map(|remark| {
            vec![
                cell(tone(remark), remark.level.to_uppercase()),
                plain(place(remark)),
                plain(text(remark)),
            ]
        })
        .collect();
    let table = if rows.is_empty() {
        String::new()
    } else {
        paint.table(&["LEVEL", "WHERE", "WHAT"], rows)
    };
    format!(
        "{table}{} proposed; {} to check, {} to decide, {} refused.\n",
        entities(view.entities.len() as u64),
        of("check"),
        of("decide"),
        of("refused")
    )
}

fn entities(number: u64) -> String {
    match number {
        1 => "1 entity".to_owned(),
        _ => format!("{number} entities"),
    }
}

fn tone(remark: &RemarkView) -> Tone {
    match remark.level {
        "check" => Tone::Plain,
        "refused" => Tone::Bad,
        _ => Tone::Warn,
    }
}

fn place(remark: &RemarkView) -> String {
    match (&remark.subject, &remark.column) {
        (Some(subject), Some(column)) => format!("{subject}.{column}"),
        (Some(only), None) | (None, Some(only)) => only.clone(),
        (None, None) => remark.side.unwrap_or("-").to_owned(),
    }
}

fn text(remark: &RemarkView) -> String {
    match &remark.remedy {
        Some(remedy) => format!("{}; {remedy}", remark.detail),
        None => remark.detail.clone(),
    }
}
