//! What a sidecar is told, except for updates: those are encoded once for all.

use dualwrite_control_app::fleet::{CheckKey, PlanJob, Question, ShardOrder};
use dualwrite_core::plan::Plan;
use dualwrite_proto::v1;
use dualwrite_proto::v1::session_response::Kind;

use super::shard;
use crate::sidecar::Directed;

pub(crate) fn command(directed: Directed) -> v1::SessionResponse {
    let kind = match directed {
        Directed::Execute(plan) => execute(&plan),
        Directed::PlanJob(job) => plan_job(job),
        Directed::LeaseShard(order) => lease_shard(order),
        Directed::RevokeJob { job_id } => Kind::RevokeJob(v1::RevokeJob { job_id }),
        Directed::Ask {
            request_id,
            question,
        } => ask(request_id, question),
    };
    v1::SessionResponse { kind: Some(kind) }
}

fn execute(plan: &Plan) -> Kind {
    Kind::Execute(v1::Execute {
        plan: Some(v1::Plan::from(plan)),
    })
}

fn plan_job(job: PlanJob) -> Kind {
    let PlanJob {
        job_id,
        entities,
        shards_per_entity,
    } = job;
    Kind::PlanJob(v1::PlanJob {
        job_id,
        entities,
        shards_per_entity,
    })
}

fn lease_shard(order: ShardOrder) -> Kind {
    Kind::LeaseShard(v1::LeaseShard {
        shard: Some(shard::order(order)),
    })
}

fn ask(request_id: String, question: Question) -> Kind {
    match question {
        Question::CheckKey(CheckKey { entity, key }) => Kind::CheckKey(v1::CheckKey {
            request_id,
            entity,
            key,
        }),
        Question::RunTest => Kind::RunTest(v1::RunTest { request_id }),
        Question::Diagnose => Kind::Diagnose(v1::Diagnose { request_id }),
        Question::Remove => Kind::Remove(v1::Remove { request_id }),
    }
}
