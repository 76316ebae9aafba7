//! SQL of transitions.

use async_trait::async_trait;
use dualwrite_control_app::model::{Millis, Transition, TransitionState};
use dualwrite_control_app::ports::{ReadTransitions, StoreError, WriteTransitions};
use sqlx::sqlite::SqliteRow;

use super::cells::{Cells, json, time};
use super::{Unit, failure};

#[async_trait]
impl ReadTransitions for Unit {
    async fn transition(&mut self, plan_id: &str) -> Result<Option<Transition>, StoreError> {
        let row = sqlx::query("SELECT * FROM transitions WHERE plan_id = ?")
            .bind(plan_id)
            .fetch_optional(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("read a transition", &error))?;
        row.as_ref().map(read).transpose()
    }

    async fn running_transition(&mut self, name: &str) -> Result<Option<Transition>, StoreError> {
        let row = sqlx::query("SELECT * FROM transitions WHERE migration = ? AND ended IS NULL")
            .bind(name)
            .fetch_optional(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("read a running transition", &error))?;
        row.as_ref().map(read).transpose()
    }

    async fn last_transition(&mut self, name: &str) -> Result<Option<Transition>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM transitions WHERE migration = ? ORDER BY started DESC, rowid DESC LIMIT 1",
        )
        .bind(name)
        .fetch_optional(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("read the last transition", &error))?;
        row.as_ref().map(read).transpose()
    }

    async fn running_transitions(&mut self) -> Result<Vec<Transition>, StoreError> {
        let rows = sqlx::query("SELECT * FROM transitions WHERE ended IS NULL ORDER BY started")
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("list running transitions", &error))?;
        rows.iter().map(read).collect()
    }
}

#[async_trait]
impl WriteTransitions for Unit {
    async fn insert_transition(&mut self, transition: &Transition) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO transitions (plan_id, migration, plan, state, executor, steps, started, \
             deadline, ended, reason, actor, forced, outcome) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&transition.plan.plan_id)
        .bind(&transition.migration)
        .bind(json("transition", &transition.plan)?)
        .bind(transition.state.as_str())
        .bind(&transition.executor)
        .bind(json("transition", &transition.steps)?)
        .bind(time(transition.started))
        .bind(time(transition.deadline))
        .bind(transition.ended.map(time))
        .bind(&transition.reason)
        .bind(&transition.actor)
        .bind(transition.forced)
        .bind(&transition.outcome)
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("store a transition", &error))?;
        Ok(())
    }

    async fn save_transition(&mut self, transition: &Transition) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE transitions SET plan = ?, state = ?, executor = ?, steps = ?, deadline = ?, \
             ended = ?, outcome = ? WHERE plan_id = ?",
        )
        .bind(json("transition", &transition.plan)?)
        .bind(transition.state.as_str())
        .bind(&transition.executor)
        .bind(json("transition", &transition.steps)?)
        .bind(time(transition.deadline))
        .bind(transition.ended.map(time))
        .bind(&transition.outcome)
        .bind(&transition.plan.plan_id)
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("save a transition", &error))?;
        Ok(())
    }

    async fn forget_transitions(&mut self, before: Millis) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM transitions WHERE ended < ?")
            .bind(time(before))
            .execute(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("forget transitions", &error))?;
        Ok(done.rows_affected())
    }
}

fn read(row: &SqliteRow) -> Result<Transition, StoreError> {
    let cells = Cells {
        row,
        what: "transition",
    };
    Ok(Transition {
        migration: cells.text("migration")?,
        plan: cells.json("plan")?,
        state: cells.word("state", TransitionState::parse)?,
        executor: cells.maybe_text("executor")?,
        steps: cells.json("steps")?,
        started: cells.time("started")?,
        deadline: cells.time("deadline")?,
        ended: cells.maybe_time("ended")?,
        reason: cells.text("reason")?,
        actor: cells.text("actor")?,
        forced: cells.flag("forced")?,
        outcome: cells.text("outcome")?,
    })
}
