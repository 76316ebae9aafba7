//! Commands by how they travel: what is meant for one sidecar, and what is
//! meant for all.

use std::sync::Arc;

use dualwrite_control_app::fleet::{Command, PlanJob, Question, ShardOrder};
use dualwrite_control_app::publish::Published;
use dualwrite_core::plan::Plan;

/// A command that is meant for one sidecar.
#[derive(Debug)]
pub(crate) enum Directed {
    Execute(Plan),
    PlanJob(PlanJob),
    LeaseShard(ShardOrder),
    RevokeJob {
        job_id: String,
    },
    Ask {
        request_id: String,
        question: Question,
    },
}

/// A command, by how it travels.
pub(super) enum Sorted {
    Update(Arc<Published>),
    Directed(Box<Directed>),
}

pub(super) fn sort(command: Command) -> Sorted {
    let directed = match command {
        Command::Update(published) => return Sorted::Update(published),
        Command::Execute(plan) => Directed::Execute(plan),
        Command::PlanJob(job) => Directed::PlanJob(job),
        Command::LeaseShard(order) => Directed::LeaseShard(order),
        Command::RevokeJob { job_id } => Directed::RevokeJob { job_id },
        Command::Ask {
            request_id,
            question,
        } => Directed::Ask {
            request_id,
            question,
        },
    };
    Sorted::Directed(Box::new(directed))
}
