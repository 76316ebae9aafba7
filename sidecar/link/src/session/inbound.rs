//! Reading the stream, and noticing when nothing comes any more.

use std::time::Duration;

use dualwrite_proto::v1;
use dualwrite_proto::v1::session_response::Kind;
use tonic::Streaming;

use super::{Ended, SILENT_INTERVALS, Session};
use crate::commands::SessionCommands;

/// The bounds of what a control plane may ask for as an interval.
const INTERVAL_MIN: Duration = Duration::from_millis(100);
const INTERVAL_MAX: Duration = Duration::from_mins(1);

impl Session<'_> {
    pub(super) async fn read(
        &self,
        inbound: &mut Streaming<v1::SessionResponse>,
        commands: &SessionCommands<'_>,
    ) -> Ended {
        loop {
            let bound = *self.interval.borrow() * SILENT_INTERVALS;
            let message = match tokio::time::timeout(bound, inbound.message()).await {
                Ok(Ok(Some(message))) => message,
                Ok(Ok(None)) => return Ended::Closed,
                Ok(Err(status)) => return Ended::Failed(status),
                Err(_) => return Ended::Silent(bound),
            };
            self.shared.heard(*self.interval.borrow());
            // A newer control plane may send kinds that we do not know.
            if let Some(kind) = message.kind {
                self.take(kind, commands);
            }
        }
    }

    fn take(&self, kind: Kind, commands: &SessionCommands<'_>) {
        match kind {
            Kind::Update(v1::SnapshotUpdate { snapshot }) => {
                self.update.send_replace(snapshot);
            }
            Kind::Heartbeat(heartbeat) => self.follow_interval(heartbeat),
            Kind::Execute(v1::Execute { plan }) => commands.execute(plan),
            Kind::PlanJob(ask) => commands.plan_job(ask),
            Kind::LeaseShard(v1::LeaseShard { shard }) => commands.lease(shard),
            Kind::RevokeJob(v1::RevokeJob { job_id }) => commands.revoke(&job_id),
            Kind::CheckKey(ask) => commands.check_key(ask),
            Kind::RunTest(ask) => commands.run_test(ask),
            Kind::Diagnose(ask) => commands.diagnose(ask),
            Kind::Remove(ask) => commands.remove(ask),
        }
    }

    fn follow_interval(&self, heartbeat: v1::ControlHeartbeat) {
        let asked = heartbeat
            .interval
            .and_then(|interval| Duration::try_from(interval).ok());
        let Some(asked) = asked else { return };
        let interval = asked.clamp(INTERVAL_MIN, INTERVAL_MAX);
        self.interval.send_if_modified(|held| {
            let changed = *held != interval;
            *held = interval;
            changed
        });
    }
}
