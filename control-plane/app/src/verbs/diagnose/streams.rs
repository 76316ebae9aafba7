//! The streams to the sidecars, and what they report: sessions, revisions,
//! versions, fences, markers.

use std::time::Duration;

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_core::side::{Role, Side};

use crate::fleet::LiveSession;
use crate::model::{FenceReport, Health};
use crate::publish::Published;

/// A marker that stands so long was not copied for a reason.
const OLD_MARKER: Duration = Duration::from_secs(30);

/// One finding a check, in a fixed order.
pub(super) fn findings(
    published: &Published,
    live: &[LiveSession],
    health: &Health,
    last_heard: Option<Finding>,
) -> Vec<Finding> {
    let mut findings = vec![sessions(live)];
    findings.extend(last_heard);
    findings.extend(transition(published));
    if !live.is_empty() {
        findings.push(versions(live));
        findings.push(revisions(published, live));
        findings.push(refusals(live));
        findings.extend(fences(published, health));
        findings.push(markers(health));
        findings.push(quarantine(health));
    }
    findings
}

fn sessions(live: &[LiveSession]) -> Finding {
    const CHECK: &str = "streams";
    if live.is_empty() {
        return Finding::new(
            Severity::Problem,
            CHECK,
            None,
            "no sidecar is connected",
            "start one, and see that it reaches the control plane (--control-plane)",
        );
    }
    let names: Vec<&str> = live.iter().map(|one| &*one.instance).collect();
    let detail = format!("{} connected: {}", live.len(), names.join(", "));
    Finding::ok(CHECK, None, detail)
}

/// Whether everybody runs the version of this control plane.
fn versions(live: &[LiveSession]) -> Finding {
    const CHECK: &str = "versions";
    let own = env!("CARGO_PKG_VERSION");
    let other: Vec<String> = live
        .iter()
        .filter(|one| one.version != own)
        .map(|one| format!("{} is {}", one.instance, one.version))
        .collect();
    if other.is_empty() {
        return Finding::ok(CHECK, None, format!("all are {own}, as this control plane"));
    }
    Finding::new(
        Severity::Warning,
        CHECK,
        None,
        format!("this control plane is {own}: {}", other.join(", ")),
        "upgrade what is older; until then what is new may not work everywhere",
    )
}

fn transition(published: &Published) -> Option<Finding> {
    let plan = published.snapshot.plan.as_ref()?;
    Some(Finding::new(
        Severity::Note,
        "transition",
        None,
        format!("on its way from {} to {}", plan.from_phase, plan.to_phase),
        "wait for it to end, or abort it",
    ))
}

fn revisions(published: &Published, live: &[LiveSession]) -> Finding {
    const CHECK: &str = "revisions";
    let newest = published.revision;
    let behind: Vec<String> = live
        .iter()
        .filter(|one| one.acked < newest)
        .map(|one| format!("{} holds {}", one.instance, one.acked))
        .collect();
    if behind.is_empty() {
        return Finding::ok(CHECK, None, format!("all hold revision {newest}"));
    }
    Finding::new(
        Severity::Warning,
        CHECK,
        None,
        format!("the newest revision is {newest}: {}", behind.join(", ")),
        "wait a moment; one that stays behind is cut off or refuses it",
    )
}

fn refusals(live: &[LiveSession]) -> Finding {
    const CHECK: &str = "mapping_accepted";
    let refused = live
        .iter()
        .filter_map(|one| Some((one, one.nack.as_ref()?)));
    let refused: Vec<String> = refused
        .map(|(one, nack)| format!("{}: {}", one.instance, nack.reasons.join("; ")))
        .collect();
    if refused.is_empty() {
        return Finding::ok(CHECK, None, "no sidecar refuses the settings");
    }
    Finding::new(
        Severity::Problem,
        CHECK,
        None,
        refused.join("; "),
        "correct the mapping or the schema that each refusal names",
    )
}

/// Whether epoch and role on each side are those of the phase and epoch stored.
fn fences(published: &Published, health: &Health) -> Vec<Finding> {
    let told = &published.snapshot;
    if told.retired || told.plan.is_some() {
        return Vec::new();
    }
    let sides = [
        (Side::Legacy, health.legacy_fence.as_ref()),
        (Side::New, health.new_fence.as_ref()),
    ];
    sides
        .into_iter()
        .map(|(side, report)| fence(published, side, report))
        .collect()
}

fn fence(published: &Published, side: Side, report: Option<&FenceReport>) -> Finding {
    const CHECK: &str = "fence_equals_phase";
    let told = &published.snapshot;
    let wanted = format!("{} {}", told.phase.role(side), told.epoch);
    let Some(report) = report else {
        // Beyond the last phases the other database may be away for good.
        let severity = match told.phase.role(side) {
            Role::Off => Severity::Note,
            Role::Primary | Role::Secondary | Role::Frozen | Role::Handed => Severity::Problem,
        };
        return Finding::new(
            severity,
            CHECK,
            Some(side),
            format!("no sidecar could read a fence; expected `{wanted}`"),
            "see that the database answers, and that `dualwrite-sidecar install` was run",
        );
    };
    let found = format!("{} {}", report.role, report.epoch);
    if found == wanted {
        return Finding::ok(CHECK, Some(side), format!("`{found}`"));
    }
    Finding::new(
        Severity::Problem,
        CHECK,
        Some(side),
        format!("the fence says `{found}`; by phase and epoch it should say `{wanted}`"),
        "wait a moment: fences are followed and mended; one that stays so was set back or edited",
    )
}

fn markers(health: &Health) -> Finding {
    const CHECK: &str = "markers";
    let detail = format!(
        "{} outstanding, the oldest for {} s",
        health.markers,
        health.oldest_marker.as_secs()
    );
    if health.oldest_marker < OLD_MARKER {
        return Finding::ok(CHECK, None, detail);
    }
    Finding::new(
        Severity::Warning,
        CHECK,
        None,
        detail,
        "see that the secondary answers, and look for a key that it refuses",
    )
}

fn quarantine(health: &Health) -> Finding {
    const CHECK: &str = "quarantine";
    if health.quarantined == 0 {
        return Finding::ok(CHECK, None, "no key is set aside");
    }
    Finding::new(
        Severity::Warning,
        CHECK,
        None,
        format!(
            "{} keys are set aside: the secondary refuses them",
            health.quarantined
        ),
        "correct these rows; they are tried again by themselves",
    )
}
