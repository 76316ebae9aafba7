//! Diagnose: the whole chain, in order, from this control plane to the
//! databases that its sidecars reach.

mod heard;
mod ourselves;
mod streams;

use std::time::Duration;

use dualwrite_core::diagnosis::{Finding, Severity};

use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::fleet::{Diagnose, Service};
use crate::model::Millis;

/// How long one sidecar is waited for: it asks both databases a handful of
/// questions, and one that is away takes its time.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// In the order in which it was looked at.
    pub findings: Vec<Finding>,
    /// What this control plane's clock says.
    pub time: Millis,
}

/// Nothing was diagnosed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiagnoseError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
}

impl ControlPlane {
    /// Looks at the control plane, and at everything of a migration where one
    /// is named. What cannot be looked at is said, and why.
    ///
    /// # Errors
    /// [`DiagnoseError`].
    pub async fn diagnose(&self, name: &str) -> Result<Diagnosis, DiagnoseError> {
        let mut findings = self.of_ourselves().await;
        if !name.is_empty() {
            let not_found = || MigrationNotFound {
                name: name.to_owned(),
            };
            let service = self.service(name).ok_or_else(not_found)?;
            let published = service.published().ok_or_else(not_found)?;
            let live = service.live(self.at().steady);
            let known = self.list_sidecars(name).await.unwrap_or_default();
            findings.extend(streams::findings(
                &published,
                &live,
                &service.health(self.at().steady, published.revision),
                heard::last_heard(&known, self.at().now),
            ));
            findings.extend(self.of_sidecars(&service).await);
        }
        Ok(Diagnosis {
            findings,
            time: self.at().now,
        })
    }

    /// What each live sidecar finds, one after the other.
    async fn of_sidecars(&self, service: &Service) -> Vec<Finding> {
        let live = service.live(self.at().steady);
        if live.is_empty() {
            let detail = "not looked at: no sidecar is connected that could reach the databases";
            return vec![Finding::new(
                Severity::Note,
                "databases",
                None,
                detail,
                "ask a sidecar directly with `dualwrite doctor --sidecar ADDR`",
            )];
        }
        let mut findings = Vec::new();
        for session in live {
            let asked = self.ask_one(service, &session.session, &Diagnose, PATIENCE);
            match asked.await {
                Some(Ok(found)) => {
                    findings.extend(found.into_iter().map(|one| one.by(&session.instance)));
                }
                Some(Err(error)) => {
                    findings.push(unanswered(&error.to_string()).by(&session.instance));
                }
                None => {
                    findings.push(unanswered("its session ended").by(&session.instance));
                }
            }
        }
        findings
    }
}

fn unanswered(why: &str) -> Finding {
    Finding::new(
        Severity::Problem,
        "databases",
        None,
        format!("not looked at: {why}"),
        "look at the sidecar's log, and ask it directly with `dualwrite doctor --sidecar ADDR`",
    )
}
