//! Findings, in the order in which things were looked at.

use crate::paint::{Paint, Tone};
use crate::view::finding::FindingView;

/// One line a finding, and below it what to do.
pub(crate) fn findings(findings: &[FindingView], paint: Paint) -> String {
    let mut text = String::new();
    let widest = findings.iter().map(|one| place(one).len()).max();
    for finding in findings {
        let tone = match finding.severity {
            "ok" => Tone::Good,
            "note" => Tone::Strong,
            "warning" => Tone::Warn,
            _ => Tone::Bad,
        };
        put!(
            text,
            "{}  {:<width$}  {}\n",
            paint.text(tone, &format!("{:<7}", finding.severity)),
            place(finding),
            finding.detail,
            width = widest.unwrap_or_default()
        );
        if let Some(remedy) = &finding.remedy {
            put!(text, "         -> {remedy}\n");
        }
    }
    text + &summary(findings)
}

/// Whose finding it is, and which check.
fn place(finding: &FindingView) -> String {
    let whose = [
        finding.migration.as_deref(),
        finding.instance.as_deref(),
        finding.side,
    ];
    let mut words: Vec<&str> = whose.into_iter().flatten().collect();
    words.push(&finding.check);
    words.join(" ")
}

fn summary(findings: &[FindingView]) -> String {
    let count = |severity: &str| {
        let of_it = findings.iter().filter(|one| one.severity == severity);
        of_it.count()
    };
    format!(
        "\n{} problems, {} warnings, {} notes, {} as they should be\n",
        count("problem"),
        count("warning"),
        count("note"),
        count("ok")
    )
}

#[cfg(test)]
mod tests {
    use dualwrite_core::diagnosis::{Finding, Severity};
    use dualwrite_core::side::Side;

    use super::*;

    #[test]
    fn each_finding_is_a_line_with_what_to_do_below() {
        let new = |finding| FindingView::new(None, finding);
        let list = [
            new(Finding::ok(
                "store",
                None,
                "it can be read and takes changes",
            )),
            new(Finding::new(
                Severity::Problem,
                "fence_equals_phase",
                Some(Side::Legacy),
                "the fence says `off 9`; by phase and epoch it should say `primary 1`",
                "restore it",
            )
            .by("cart-1")),
            new(Finding::new(
                Severity::Note,
                "databases",
                None,
                "not looked at",
                "",
            )),
        ];
        assert!(list[1].is_problem() && !list[2].is_problem());
        let expected = "\
ok       store                             it can be read and takes changes
problem  cart-1 legacy fence_equals_phase  the fence says `off 9`; by phase and epoch it should say `primary 1`
         -> restore it
note     databases                         not looked at

1 problems, 0 warnings, 1 notes, 1 as they should be
";
        assert_eq!(findings(&list, Paint::new(false)), expected);
    }
}
