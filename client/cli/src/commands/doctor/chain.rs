//! The chain from here over the control plane to the databases.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_proto::v1;
use tonic::metadata::MetadataMap;

use crate::context::Context;
use crate::failure::Failure;
use crate::remote::{Service, patient, quick};
use crate::view::finding::FindingView;

/// How long the control plane may take: it asks each sidecar, and each asks
/// its databases.
const PATIENCE: Duration = Duration::from_mins(1);

/// Metadata with the control plane's clock.
const TIME: &str = "dualwrite-time-ms";

/// Clocks that differ by more make the times in a history confusing. Nothing
/// of the protocol hangs on a clock.
const SKEW: Duration = Duration::from_secs(2);

/// Migrations that are looked at without a name.
const PAGE: u32 = 500;

/// Everything of one migration, or the control plane and the worst of each.
///
/// # Errors
/// [`Failure`], when there is no such migration. A control plane that does not
/// answer is a finding.
pub(super) async fn findings(
    context: &Context,
    name: Option<&str>,
) -> Result<Vec<FindingView>, Failure> {
    let mut service = match context.remote.connect().await {
        Ok(service) => service,
        Err(failure) if failure.exit == crate::exit::Exit::Usage => return Err(failure),
        Err(failure) => return Ok(unreachable(&failure.message)),
    };
    match name {
        Some(name) => {
            let found = ask(&mut service, name).await?;
            Ok(found
                .into_iter()
                .map(|one| FindingView::new(None, one))
                .collect())
        }
        None => overview(&mut service).await,
    }
}

async fn overview(service: &mut Service) -> Result<Vec<FindingView>, Failure> {
    let own = ask(service, "").await?;
    let known = own.len();
    let mut views: Vec<FindingView> = own
        .into_iter()
        .map(|one| FindingView::new(None, one))
        .collect();
    let request = quick(v1::ListMigrationsRequest {
        page_size: PAGE,
        page_token: String::new(),
    });
    let page = service.list_migrations(request).await?.into_inner();
    for migration in page.migrations {
        // Behind what is said of the control plane each time.
        let found = ask(service, &migration.name).await?.into_iter().skip(known);
        if let Some(worst) = worst(found) {
            views.push(FindingView::new(Some(&migration.name), worst));
        }
    }
    Ok(views)
}

/// The first of the worst.
fn worst(findings: impl Iterator<Item = Finding>) -> Option<Finding> {
    findings.reduce(|worst, next| {
        if next.severity > worst.severity {
            next
        } else {
            worst
        }
    })
}

async fn ask(service: &mut Service, name: &str) -> Result<Vec<Finding>, Failure> {
    let message = v1::DiagnoseMigrationRequest {
        name: name.to_owned(),
    };
    let before = now();
    let answer = service
        .diagnose_migration(patient(message, PATIENCE))
        .await?;
    let mut findings = vec![clock(answer.metadata(), before, now())];
    let found = answer.into_inner().findings.into_iter();
    findings.extend(found.map(Finding::from));
    Ok(findings)
}

/// The control plane's clock was read between these two readings of ours.
fn clock(metadata: &MetadataMap, before: u128, after: u128) -> Finding {
    const CHECK: &str = "clock";
    let told = metadata.get(TIME).and_then(|time| time.to_str().ok());
    let Some(told) = told.and_then(|time| time.parse::<u128>().ok()) else {
        let detail = "the control plane does not tell its time: it is of another version";
        return Finding::new(Severity::Note, CHECK, None, detail, "");
    };
    let skew = before.saturating_sub(told).max(told.saturating_sub(after));
    let detail = format!("the control plane's clock differs by {skew} ms from the one here");
    if skew <= SKEW.as_millis() {
        return Finding::ok(CHECK, None, detail);
    }
    let remedy = "synchronise the clocks; only the times that are shown hang on them";
    Finding::new(Severity::Warning, CHECK, None, detail, remedy)
}

fn now() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis())
}

/// The first link is broken: the later ones are said to be not looked at.
fn unreachable(why: &str) -> Vec<FindingView> {
    let not = |check| {
        let detail = "not looked at: the control plane does not answer";
        Finding::new(Severity::Note, check, None, detail, "")
    };
    let findings = [
        Finding::new(
            Severity::Problem,
            "control_plane",
            None,
            why,
            "start it, or say where it is with --endpoint; sidecars go on meanwhile, and \
             `dualwrite doctor --sidecar ADDR` asks one of them",
        ),
        not("store"),
        not("streams"),
        not("databases"),
    ];
    let view = |finding| FindingView::new(None, finding);
    findings.into_iter().map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(time: &str) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        metadata.insert(TIME, time.parse().unwrap());
        metadata
    }

    #[test]
    fn a_clock_between_our_two_readings_does_not_differ() {
        let skew = |told: &str| clock(&metadata(told), 10_000, 12_000);
        assert_eq!(skew("11000").severity, Severity::Ok);
        assert!(skew("11000").detail.contains("by 0 ms"));
        assert_eq!(skew("9000").severity, Severity::Ok);
        assert_eq!(skew("14500").severity, Severity::Warning);
        assert_eq!(skew("7000").severity, Severity::Warning);
        let none = clock(&MetadataMap::new(), 1, 2);
        assert_eq!(none.severity, Severity::Note);
    }

    #[test]
    fn the_first_of_the_worst_is_told() {
        let finding = |severity, check| Finding::new(severity, check, None, "", "");
        let found = [
            finding(Severity::Ok, "a"),
            finding(Severity::Warning, "b"),
            finding(Severity::Warning, "c"),
        ];
        assert_eq!(worst(found.into_iter()).unwrap().check, "b");
    }

    #[test]
    fn a_broken_first_link_leaves_nothing_out() {
        let views = unreachable("nobody there");
        let checks: Vec<&str> = views.iter().map(|one| one.check.as_str()).collect();
        assert_eq!(checks, ["control_plane", "store", "streams", "databases"]);
        assert!(views[0].is_problem());
        assert!(
            views[1..]
                .iter()
                .all(|one| one.detail.contains("not looked at"))
        );
    }
}
