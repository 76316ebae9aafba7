//! Each transition under way has an executor, a time limit and an end.

mod begin;
mod choose;
mod desk;
mod drive;
mod finish;
mod progress;

pub(crate) use begin::{Intent, begin, take_back};
pub(crate) use desk::TransitionDesk;
pub(crate) use progress::progressed;

use super::ReconcileError;
use crate::app::ControlPlane;
use crate::ports::StoreError;

impl ControlPlane {
    pub(super) async fn drive_transitions(&self) -> Result<(), ReconcileError> {
        let running = self.running_transitions().await?;
        self.desk().transitions.keep(&running);
        for transition in &running {
            if let Err(error) = drive::drive(self, transition).await {
                let plan_id = &transition.plan.plan_id;
                tracing::warn!(plan_id, %error, "a transition was not driven; it is tried again");
            }
        }
        Ok(())
    }

    async fn running_transitions(&self) -> Result<Vec<crate::model::Transition>, StoreError> {
        self.store().view().await?.running_transitions().await
    }
}
