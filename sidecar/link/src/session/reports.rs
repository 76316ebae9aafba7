//! Reports: what was done since the last one.

use std::time::Duration;

use dualwrite_proto::v1::session_request::Kind;

use super::{Ended, Session};

/// When the first report of a session goes: the guards know nothing of a fleet
/// that has not reported.
const FIRST: Duration = Duration::from_millis(200);

/// How often a report goes.
const PERIOD: Duration = Duration::from_secs(2);

impl Session<'_> {
    pub(super) async fn send_reports(&self) -> Ended {
        let unconfirmed = self.shared.reporter().unconfirmed();
        for report in unconfirmed {
            self.out.send(Kind::Report(report)).await;
        }
        let mut pause = FIRST;
        loop {
            tokio::time::sleep(pause).await;
            pause = PERIOD;
            let gathered = self.shared.gather().await;
            let report = self.shared.reporter().next(gathered);
            self.out.send(Kind::Report(report)).await;
        }
    }
}
