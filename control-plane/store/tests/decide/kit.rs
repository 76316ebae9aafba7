//! The world of a test: a control plane, a clock, two databases' fences, and
//! scripted sidecars.

mod bot;
mod fences;
mod outside;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dualwrite_control_app::model::{
    Author, JobState, Migration, PageSize, Transition, TransitionState,
};
use dualwrite_control_app::ports::Store;
use dualwrite_control_app::verbs::{Apply, Go, StartJob, TransitionAnswer, TransitionError};
use dualwrite_control_app::{ControlPlane, Setup};
use dualwrite_control_store::SqliteStore;
use dualwrite_core::phase::Phase;
use dualwrite_core::spec::{Capture, Column, Entity, Spec, TableName};

pub(crate) use bot::{Bot, progress};
pub(crate) use fences::Fences;
pub(crate) use outside::{HandClock, SerialIds};

/// Beyond what any loaded machine needs; only a real failure meets it.
pub(crate) const BOUND: Duration = Duration::from_secs(30);

pub(crate) struct World {
    pub(crate) plane: ControlPlane,
    pub(crate) store: SqliteStore,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) fences: Fences,
}

impl World {
    /// A control plane on a store in memory, with no migration.
    pub(crate) async fn empty() -> Self {
        let store = SqliteStore::in_memory().await.unwrap();
        Self::on(store, Arc::new(HandClock::default()), Fences::default()).await
    }

    /// One with the migration `cart` in a phase, installed on both sides.
    pub(crate) async fn at(phase: Phase) -> Self {
        let world = Self::empty().await;
        world.create(phase).await;
        world
    }

    /// One on a file.
    pub(crate) async fn in_folder(folder: &Path, clock: Arc<HandClock>, fences: Fences) -> Self {
        let store = SqliteStore::open(folder.join("control.db")).await.unwrap();
        Self::on(store, clock, fences).await
    }

    async fn on(store: SqliteStore, clock: Arc<HandClock>, fences: Fences) -> Self {
        let setup = Setup {
            store: Arc::new(store.clone()),
            clock: clock.clone(),
            ids: Arc::new(SerialIds),
            transition_limit: dualwrite_control_app::app::TRANSITION_LIMIT,
        };
        let plane = ControlPlane::start(setup).await.unwrap();
        Self {
            plane,
            store,
            clock,
            fences,
        }
    }

    pub(crate) async fn create(&self, phase: Phase) {
        let apply = Apply {
            initial_phase: Some(phase),
            ..applying(spec(&["cart", "item"]))
        };
        self.plane.apply(apply).await.unwrap();
        self.fences.install(phase, spec(&["cart", "item"]).entities);
    }

    /// A sidecar that has acknowledged, beaten and reported.
    pub(crate) async fn bot(&self, instance: &str) -> Bot {
        let bot = Bot::join(&self.plane, &self.fences, instance).await;
        bot.ready().await;
        bot
    }

    pub(crate) async fn migration(&self) -> Migration {
        self.plane.get("cart").await.unwrap().migration
    }

    pub(crate) async fn go(&self, to: Phase) -> Result<TransitionAnswer, TransitionError> {
        self.plane.transition(going(to)).await
    }

    /// Begins a step; answers its plan's id.
    pub(crate) async fn begin(&self, to: Phase) -> String {
        let answer = self.go(to).await.unwrap();
        answer.transition.expect("a transition began").plan.plan_id
    }

    /// Begins a step and lets `bot` execute it; answers how it ended.
    pub(crate) async fn walk(&self, bot: &mut Bot, to: Phase) -> TransitionState {
        let plan_id = self.begin(to).await;
        self.plane.reconcile().await;
        let plan = bot.execute_order().await;
        assert_eq!(plan.plan_id, plan_id);
        bot.execute(&plan).await;
        self.transition(&plan_id).await.state
    }

    pub(crate) async fn transition(&self, plan_id: &str) -> Transition {
        self.store
            .view()
            .await
            .unwrap()
            .transition(plan_id)
            .await
            .unwrap()
            .expect("there is one")
    }

    /// Lets time pass, and the reconcilers look.
    pub(crate) async fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.plane.reconcile().await;
    }

    pub(crate) async fn start_backfill(&self) -> String {
        let request = StartJob {
            name: "cart".into(),
            kind: dualwrite_control_app::model::JobKind::Backfill,
            entities: Vec::new(),
            max_rows_per_second: 0,
            author: author(),
        };
        let id = self.plane.start_job(request).await.unwrap().job.id;
        self.plane.reconcile().await;
        id
    }

    /// Runs a whole backfill through one sidecar.
    pub(crate) async fn backfill(&self, bot: &mut Bot) {
        let id = self.start_backfill().await;
        bot.plan_order().await;
        bot.planned(&id, &[(0, "cart"), (1, "item")]).await;
        for _ in 0..2 {
            self.plane.reconcile().await;
            let order = bot.lease_order().await;
            bot.shard_done(&order, 10).await;
        }
        assert_eq!(
            self.plane.get_job(&id).await.unwrap().job.state,
            JobState::Done
        );
    }

    pub(crate) async fn history(&self) -> Vec<String> {
        let page = self
            .plane
            .list_events("cart", None, PageSize::default())
            .await
            .unwrap();
        page.events
            .into_iter()
            .rev()
            .map(|event| event.kind.as_str().to_owned())
            .collect()
    }
}

pub(crate) fn author() -> Author {
    Author::new("ana", "because")
}

pub(crate) fn entity(name: &str) -> Entity {
    Entity {
        name: name.into(),
        root: name == "cart",
        key: vec!["id".into()],
        capture: Capture::None,
        legacy_table: TableName::bare(format!("old_{name}")),
        new_table: TableName::bare(format!("new_{name}")),
        columns: vec![Column::same("id"), Column::same("note")],
    }
}

pub(crate) fn spec(entities: &[&str]) -> Spec {
    Spec {
        entities: entities.iter().map(|name| entity(name)).collect(),
        ..Spec::default()
    }
}

pub(crate) fn applying(spec: Spec) -> Apply {
    Apply {
        name: "cart".into(),
        spec,
        initial_phase: None,
        seen: None,
        author: author(),
        validate_only: false,
    }
}

pub(crate) fn going(to: Phase) -> Go {
    Go {
        name: "cart".into(),
        to,
        seen: None,
        author: author(),
        force: false,
        dry_run: false,
    }
}
