//! What this sidecar finds of both databases and of itself.

use std::time::Duration;

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_core::probe::probe_name;
use dualwrite_core::side::Side;
use tokio::time::{Instant, timeout};

use crate::shared::Shared;
use crate::store::{PoolStatus, Store};
use crate::view::{Admission, View};

/// How long one database may take to answer all questions of a diagnosis.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer that takes longer is worth a look.
const SLOW: Duration = Duration::from_millis(250);

/// Itself first, then each side: whether it answers, and if it does, all else.
pub(crate) async fn diagnose(shared: &Shared) -> Vec<Finding> {
    let view = shared.watcher.view();
    let plain = view.active.as_ref().is_some_and(|active| active.plain);
    let mut findings = vec![ready(shared, &view)];
    for side in Side::BOTH {
        if plain && side == Side::Legacy {
            let detail = "not looked at: the migration has ended, and legacy is not used any more";
            findings.push(Finding::ok("database_reachable", Some(side), detail));
            continue;
        }
        findings.extend(of_side(shared, side, plain).await);
    }
    findings
}

fn ready(shared: &Shared, view: &View) -> Finding {
    const CHECK: &str = "sidecar_ready";
    match view.admission(&shared.service) {
        Admission::Now(active) if active.plain => {
            Finding::ok(CHECK, None, "writes are taken, without fences")
        }
        Admission::Now(_) => Finding::ok(CHECK, None, "writes are taken"),
        Admission::Held => Finding::new(Severity::Note, CHECK, None, "writes wait for a flip", ""),
        Admission::Refused(error) => Finding::new(
            Severity::Problem,
            CHECK,
            None,
            format!("writes are refused: {error}"),
            "see what the database findings below say",
        ),
    }
}

async fn of_side(shared: &Shared, side: Side, plain: bool) -> Vec<Finding> {
    const CHECK: &str = "database_reachable";
    let Ok(store) = shared.store(side) else {
        let detail = "no URL is set for this side";
        let remedy = "set it, unless the phase does not need this side any more";
        return vec![Finding::new(
            Severity::Note,
            CHECK,
            Some(side),
            detail,
            remedy,
        )];
    };
    let began = Instant::now();
    let mut findings = match timeout(PATIENCE, store.ping()).await {
        Ok(Ok(())) => vec![answers(&**store, began.elapsed())],
        Ok(Err(error)) => return away(side, &error.to_string()),
        Err(_) => return away(side, "it did not answer in time"),
    };
    findings.push(pool(store.pool()));
    match timeout(PATIENCE, store.diagnose(&shared.service)).await {
        Ok(Ok(found)) => findings.extend(found),
        Ok(Err(error)) => findings.push(unasked(&error.to_string())),
        Err(_) => findings.push(unasked("it did not answer in time")),
    }
    if !plain {
        findings.push(fence(shared, &**store).await);
        findings.extend(probes(shared, &**store, side).await);
    }
    for finding in &mut findings {
        finding.side = Some(side);
    }
    findings
}

fn answers(store: &dyn Store, latency: Duration) -> Finding {
    const CHECK: &str = "database_reachable";
    let detail = format!("{} answers in {} ms", store.engine(), latency.as_millis());
    if latency < SLOW {
        return Finding::ok(CHECK, None, detail);
    }
    let remedy = "see what slows it down: every write waits as long at least";
    Finding::new(Severity::Warning, CHECK, None, detail, remedy)
}

fn away(side: Side, why: &str) -> Vec<Finding> {
    let remedy = "see that it runs, and that its URL is right and reachable from the sidecar";
    vec![
        Finding::new(
            Severity::Problem,
            "database_reachable",
            Some(side),
            why,
            remedy,
        ),
        Finding::new(
            Severity::Note,
            "database_settings",
            Some(side),
            "not looked at: the database does not answer",
            "",
        ),
    ]
}

fn unasked(why: &str) -> Finding {
    Finding::new(
        Severity::Warning,
        "database_settings",
        None,
        format!("its settings could not be asked for: {why}"),
        "ask again; if it stays so, look at the database's log",
    )
}

fn pool(status: PoolStatus) -> Finding {
    const CHECK: &str = "pool";
    let PoolStatus { in_use, max, .. } = status;
    let detail = format!("{in_use} of {max} connections in use");
    if in_use < max || max <= 1 {
        return Finding::ok(CHECK, None, detail);
    }
    let remedy = "raise the pool's limit, or look for slow statements";
    Finding::new(Severity::Warning, CHECK, None, detail, remedy)
}

async fn fence(shared: &Shared, store: &dyn Store) -> Finding {
    const CHECK: &str = "fence";
    let install =
        "run `dualwrite-sidecar install`; if it was there before, restore it from a backup";
    match timeout(PATIENCE, store.fence(&shared.service)).await {
        Ok(Ok(Some(fence))) => {
            let detail = format!("`{}` in {}", fence.at(), fence.phase);
            Finding::ok(CHECK, None, detail)
        }
        Ok(Ok(None)) => {
            let detail = format!("there is no fence of {}", shared.service);
            Finding::new(Severity::Problem, CHECK, None, detail, install)
        }
        Ok(Err(error)) => Finding::new(Severity::Problem, CHECK, None, error.to_string(), install),
        Err(_) => {
            let detail = "it was not read in time";
            Finding::new(Severity::Warning, CHECK, None, detail, "ask again")
        }
    }
}

/// Rows of probes that are counted.
const ROWS: u32 = 100;

/// Whether every entity can be probed, and whether a probe left a row. Nothing
/// is said before there is a mapping.
async fn probes(shared: &Shared, store: &dyn Store, side: Side) -> Option<Finding> {
    const CHECK: &str = "probes";
    let active = shared.watcher.view().active.clone()?;
    let mapping = &active.mapping;
    let has = |name: &str| mapping.probes.iter().any(|probe| *probe.name == *name);
    let entities = mapping.entities.iter().map(|entity| &*entity.name);
    let without: Vec<&str> = entities.filter(|name| !has(&probe_name(name))).collect();
    if !without.is_empty() {
        let detail = format!("no tables for probes of {}", without.join(", "));
        let remedy = "run `dualwrite-sidecar install`; `dualwrite test` fails for them until then";
        return Some(Finding::new(Severity::Note, CHECK, None, detail, remedy));
    }
    let mut standing = 0;
    for probe in &mapping.probes {
        let page = store.keys(probe.table(side), None, None, ROWS);
        match timeout(PATIENCE, page).await {
            Ok(Ok(page)) => standing += page.keys.len(),
            Ok(Err(error)) => {
                let remedy = "see that the tables of probes may be read";
                let detail = error.to_string();
                return Some(Finding::new(Severity::Note, CHECK, None, detail, remedy));
            }
            Err(_) => return None,
        }
    }
    Some(if standing == 0 {
        Finding::ok(CHECK, None, "every entity can be probed, and no row stands")
    } else {
        Finding::new(
            Severity::Note,
            CHECK,
            None,
            format!("{standing} rows of probes stand: a test runs, or a sidecar died in one"),
            "run `dualwrite test` in some minutes: it removes those that nobody uses",
        )
    })
}
