//! Reports: what was done since the last one.

use std::time::Duration;

use dualwrite_proto::v1::session_request::Kind;

use super::{Ended, Session};

/// How often a report goes.
const PERIOD: Duration = Duration::from_secs(2);

impl Session<'_> {
    pub(super) async fn send_reports(&self) -> Ended {
        let unconfirmed = self.shared.reporter().unconfirmed();
        for report in unconfirmed {
            self.out.send(Kind::Report(report)).await;
        }
        loop {
            tokio::time::sleep(PERIOD).await;
            let gathered = self.shared.gather().await;
            let report = self.shared.reporter().next(gathered);
            self.out.send(Kind::Report(report)).await;
        }
    }
}
