//! A link, its engine and its control plane, put together.

use std::path::Path;
use std::sync::Arc;

use dualwrite_core::phase::Phase;
use dualwrite_core::snapshot::Snapshot;
use dualwrite_core::spec::{Capture, Column, Entity, Spec, TableName};
use dualwrite_link::port::EnginePort;
use dualwrite_link::{Installing, Link, LinkConfig};
use dualwrite_proto::v1;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::control::Control;
use crate::engine::FakeEngine;

/// Everything that one scenario needs. The link follows from the start.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) engine: Arc<FakeEngine>,
    pub(crate) control: Control,
    pub(crate) state: TempDir,
    pub(crate) shutdown: CancellationToken,
    pub(crate) following: JoinHandle<()>,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::with(Installing::Never, FakeEngine::new())
    }

    pub(crate) fn with(installing: Installing, engine: Arc<FakeEngine>) -> Self {
        let state = tempfile::tempdir().unwrap();
        let (control, channel) = Control::start();
        let link = open(state.path(), installing, &engine);
        let shutdown = CancellationToken::new();
        let following = tokio::spawn(link.follow(channel, shutdown.clone()));
        Self {
            engine,
            control,
            state,
            shutdown,
            following,
        }
    }
}

/// A link that starts from what is in this folder.
pub(crate) fn open(state: &Path, installing: Installing, engine: &Arc<FakeEngine>) -> Link {
    let config = LinkConfig {
        service: "cart".to_owned(),
        instance: "cart-1".to_owned(),
        version: "1.2.3".to_owned(),
        state_dir: Some(state.to_owned()),
        installing,
        sequence: 100,
    };
    let engine: Arc<dyn EnginePort> = engine.clone();
    Link::open(config, engine)
}

/// A good snapshot at this revision.
pub(crate) fn snapshot(revision: u64) -> v1::Snapshot {
    v1::Snapshot::from(&core_snapshot(revision, "note"))
}

/// The same with another column, so that its mapping must be checked.
pub(crate) fn other_mapping(revision: u64) -> v1::Snapshot {
    v1::Snapshot::from(&core_snapshot(revision, "remark"))
}

fn core_snapshot(revision: u64, column: &str) -> Snapshot {
    let entity = Entity {
        name: "cart".to_owned(),
        root: true,
        key: vec!["id".to_owned()],
        capture: Capture::None,
        legacy_table: TableName::bare("carts"),
        new_table: TableName::bare("cart"),
        columns: vec![Column::same("id"), Column::same(column)],
    };
    let mut spec = Spec {
        entities: vec![entity],
        ..Spec::default()
    };
    spec.flags.batch_size = u32::try_from(revision).unwrap();
    Snapshot {
        service: "cart".to_owned(),
        revision,
        epoch: 1,
        phase: Phase::LegacyOnly,
        marking: false,
        spec,
        plan: None,
        retired: false,
    }
}
