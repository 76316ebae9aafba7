//! Each way to write a row, behind one call.

mod engine;
mod plain;
mod sidecar;

use anyhow::Result;
use dualwrite_core::fence::EpochSettings;
use dualwrite_engine::Engine;
use dualwrite_tests::Process;

use crate::bed::Bed;
use crate::row::Row;
use crate::variant::Variant;
use engine::Running;
use plain::{Lean, Naive, Straight};
use sidecar::Called;

/// How the clients of one measurement write. Clones share their connections.
#[derive(Debug, Clone)]
pub(crate) enum Writer {
    Straight(Straight),
    Lean(Lean),
    Naive(Naive),
    Engine { engine: Engine, receipts: bool },
    Sidecar(Called),
}

/// Where a row is when its write answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Everywhere that it should be.
    Everywhere,
    /// In the primary; the relay has it.
    Pending,
}

/// A writer and what runs for it.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) writer: Writer,
    behind: Behind,
}

#[derive(Debug)]
enum Behind {
    Nothing,
    Engine(Running),
    Sidecar(Box<Process>),
}

/// Creates dualwrite's own tables and fences.
pub(crate) async fn install(bed: &Bed, settings: &EpochSettings) -> Result<()> {
    engine::install(bed, settings).await
}

impl Open {
    /// Makes ready to write with so many clients.
    pub(crate) async fn new(bed: &Bed, variant: Variant, clients: u16) -> Result<Self> {
        let nothing = |writer| Self {
            writer,
            behind: Behind::Nothing,
        };
        Ok(match variant {
            Variant::Straight => nothing(Writer::Straight(Straight::open(bed, clients).await?)),
            Variant::StraightLean => nothing(Writer::Lean(Lean::open(bed, clients)?)),
            Variant::Naive => nothing(Writer::Naive(Naive::open(bed, clients).await?)),
            Variant::Engine { mode, receipts } => {
                let running = engine::start(bed, mode, clients).await?;
                let engine = running.engine();
                Self {
                    writer: Writer::Engine { engine, receipts },
                    behind: Behind::Engine(running),
                }
            }
            Variant::Sidecar => {
                let (called, process) = sidecar::start(bed).await?;
                Self {
                    writer: Writer::Sidecar(called),
                    behind: Behind::Sidecar(Box::new(process)),
                }
            }
        })
    }

    /// Process number of the sidecar, where there is one.
    pub(crate) fn sidecar(&self) -> Option<u32> {
        match &self.behind {
            Behind::Nothing | Behind::Engine(_) => None,
            Behind::Sidecar(process) => Some(process.pid()),
        }
    }

    /// Ends what runs and closes all connections.
    pub(crate) async fn close(self) -> Result<()> {
        match self.writer {
            Writer::Straight(straight) => straight.close().await,
            Writer::Naive(naive) => naive.close().await,
            Writer::Lean(_) | Writer::Engine { .. } | Writer::Sidecar(_) => {}
        }
        match self.behind {
            Behind::Nothing => {}
            Behind::Engine(running) => running.stop().await?,
            Behind::Sidecar(mut process) => {
                process.terminate().await?;
            }
        }
        Ok(())
    }
}

impl Writer {
    /// Writes one row.
    pub(crate) async fn write(&self, row: Row) -> Result<Answer> {
        match self {
            Self::Straight(straight) => straight.write(&row).await,
            Self::Lean(lean) => lean.write(&row).await,
            Self::Naive(naive) => naive.write(&row).await,
            Self::Engine { engine, receipts } => engine::write(engine, row, *receipts).await,
            Self::Sidecar(called) => called.write(row).await,
        }
    }
}
