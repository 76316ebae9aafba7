//! The fences of two databases, in memory.

use std::sync::{Arc, Mutex};

use dualwrite_control_app::model::FenceReport;
use dualwrite_core::fence::{EpochSettings, Fence, Seen};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Cas, Plan, Step, next_step};
use dualwrite_core::side::Side;
use dualwrite_core::spec::Entity;

#[derive(Clone)]
pub(crate) struct Fences(Arc<Mutex<[Seen; 2]>>);

impl Default for Fences {
    fn default() -> Self {
        Self(Arc::new(Mutex::new([Seen::Missing, Seen::Missing])))
    }
}

impl Fences {
    pub(crate) fn install(&self, phase: Phase, entities: Vec<Entity>) {
        let settings = EpochSettings::initial("cart", phase, true, entities).to_json();
        let fence = |side| {
            let (plan_id, settings) = (String::new(), settings.clone());
            Seen::Fence(Fence {
                epoch: 1,
                role: phase.role(side),
                phase,
                plan_id,
                settings,
            })
        };
        *self.0.lock().unwrap() = [fence(Side::Legacy), fence(Side::New)];
    }

    pub(crate) fn read(&self) -> (Seen, Seen) {
        let [legacy, new] = self.0.lock().unwrap().clone();
        (legacy, new)
    }

    pub(crate) fn change(&self, cas: &Cas) {
        let mut fences = self.0.lock().unwrap();
        let fence = match cas.side {
            Side::Legacy => &mut fences[0],
            Side::New => &mut fences[1],
        };
        assert_eq!(
            fence.at(),
            Some(cas.from),
            "{} compares with what was read",
            cas.name
        );
        *fence = Seen::Fence(cas.to.clone());
    }

    /// Does the next step of a plan; answers its name, or how the plan ended.
    pub(crate) fn step(&self, plan: &Plan) -> Result<&'static str, Step> {
        let (legacy, new) = self.read();
        match next_step(plan, &legacy, &new) {
            Step::Change(cas) | Step::HandOver(cas) => {
                self.change(&cas);
                Ok(cas.name.as_str())
            }
            end @ (Step::Done | Step::Aborted | Step::Wait { .. } | Step::Resolved { .. }) => {
                Err(end)
            }
        }
    }

    pub(crate) fn reports(&self) -> [Option<FenceReport>; 2] {
        let (legacy, new) = self.read();
        [legacy, new].map(|seen| {
            seen.fence().map(|fence| FenceReport {
                epoch: fence.epoch,
                role: fence.role,
                phase: fence.phase,
                plan_id: fence.plan_id.clone(),
            })
        })
    }

    /// The epoch of the side that is primary in a phase.
    pub(crate) fn epoch(&self, phase: Phase) -> u64 {
        let (legacy, new) = self.read();
        let primary = match phase.primary() {
            Side::Legacy => legacy,
            Side::New => new,
        };
        let fence = primary.fence().expect("a fence is there").clone();
        assert_eq!(fence.phase, phase);
        fence.epoch
    }
}
