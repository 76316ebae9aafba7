//! Judging updates, newest only, and saying what came of it.

use std::time::Duration;

use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind;
use tokio::sync::watch;

use super::{Ended, Session};
use crate::adopt::Refused;

/// When a refused update is looked at again: what was wrong may be mended in
/// the database, and nobody would tell.
const RECHECK: Duration = Duration::from_secs(5);

/// What was answered to an update.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Ack(u64),
    Nack(u64, Vec<String>),
}

impl Session<'_> {
    pub(super) async fn judge_updates(&self) -> Ended {
        let mut updates = self.update.subscribe();
        let mut told = None;
        loop {
            let newest = updates.borrow_and_update().clone();
            let Some(update) = newest else {
                wait_for_change(&mut updates).await;
                continue;
            };
            let revision = update.revision;
            let examined = tokio::select! {
                examined = self.shared.adopter.examine(update) => examined,
                // Overtaken: whatever came of it does not matter any more.
                () = wait_for_change(&mut updates) => continue,
            };
            let answer = match examined {
                Ok(snapshot) => {
                    self.shared.adopter.adopt(snapshot).await;
                    Answer::Ack(revision)
                }
                Err(Refused(reasons)) => Answer::Nack(revision, reasons),
            };
            let refused = matches!(answer, Answer::Nack(..));
            if told.as_ref() != Some(&answer) {
                self.out.send(kind(answer.clone())).await;
                told = Some(answer);
            }
            tokio::select! {
                () = wait_for_change(&mut updates) => {}
                () = tokio::time::sleep(RECHECK), if refused => updates.mark_changed(),
            }
        }
    }
}

async fn wait_for_change(updates: &mut watch::Receiver<Option<v1::Snapshot>>) {
    if updates.changed().await.is_err() {
        // The sender lives as long as the session: this is never reached, and
        // waiting is the harmless answer.
        std::future::pending::<()>().await;
    }
}

fn kind(answer: Answer) -> Kind {
    match answer {
        Answer::Ack(revision) => Kind::Ack(v1::Ack { revision }),
        Answer::Nack(revision, reasons) => {
            tracing::error!(
                revision,
                ?reasons,
                "an update is refused; the last good one stays"
            );
            Kind::Nack(v1::Nack { revision, reasons })
        }
    }
}
