//! Faults of the ways between two parties.

use anyhow::Result;
use dualwrite_tests::proxy::{Break, Weather};

use super::{Nemesis, wait};
use crate::stage::Party;

/// Breaks of one way in a row: one message is soon forgotten.
const BREAKS: u32 = 5;

impl Nemesis<'_> {
    pub(super) async fn weather(
        &mut self,
        sidecar: usize,
        party: Party,
        weather: Weather,
        ms: u64,
    ) -> Result<()> {
        let primary = self.stage.primary().await?;
        let Some(proxy) = self.stage.links[sidecar].to(party, primary) else {
            self.tally.skip("a file has no connections");
            return Ok(());
        };
        proxy.weather(weather);
        wait(ms).await;
        proxy.heal();
        if party == Party::Secondary {
            self.caught_up(primary).await?;
        }
        Ok(())
    }

    pub(super) async fn break_once(
        &mut self,
        sidecar: usize,
        party: Party,
        what: Break,
    ) -> Result<()> {
        let primary = self.stage.primary().await?;
        let Some(proxy) = self.stage.links[sidecar].to(party, primary) else {
            self.tally.skip("a file has no connections");
            return Ok(());
        };
        for _ in 0..BREAKS {
            proxy.break_once(what);
            wait(20).await;
        }
        proxy.heal();
        Ok(())
    }
}
