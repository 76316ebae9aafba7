//! `dualwrite-sidecar run`: the process, put together. Each part is wired in
//! a file of its own and owned by the process's lifecycle.

mod following;
mod listeners;
mod serving;
mod socket;
mod standing;

use std::process::ExitCode;
use std::sync::Arc;

use dualwrite_engine::{Engine, EngineConfig};
use dualwrite_process::{Lifecycle, ReadyFile, Settings, Signals, lifecycle, telemetry};
use tokio_util::sync::CancellationToken;

use crate::args::RunArgs;
use crate::config::{Config, Databases};
use crate::entropy::SystemEntropy;
use crate::settings::PROGRAM;
use crate::stores;
use following::Following;
use standing::Standing;

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs until it is told to end.
pub(crate) async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::gather(&PROGRAM, args.flags, std::env::vars_os());
    let config = Config::read(&mut settings);
    let warnings = settings.warnings().to_vec();
    let Config {
        log,
        databases,
        control_plane,
        instance,
        listeners,
        state_dir,
        ready_file,
        installing,
    } = settings.finish(config)?;
    telemetry::init(log)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let signals = Signals::install()?;
    let ready_file = ready_file.as_deref().map(ReadyFile::claim).transpose()?;
    // Bound before anything runs, so that the addresses are known and ours.
    let bound = listeners::bind(&listeners).await?;
    let ready = bound.ready();

    let life = Lifecycle::new();
    // Cancelled when the last call of an application was answered: what
    // carries out calls goes on until then.
    let served = CancellationToken::new();
    let service = databases.service.clone();
    let engine = start_engine(&life, databases, served.clone()).await?;
    let following = Following {
        service: service.clone(),
        instance: instance.clone(),
        state_dir,
        installing,
        control_plane,
    };
    let epochs = following.start(&life, &engine, &served);
    let standing = Standing::new(engine.clone(), epochs, life.soft());
    serving::start(&life, bound, engine, &standing, &service, served).await?;

    if let Some(file) = &ready_file {
        file.write(&ready)?;
    }
    let at = ready.to_json();
    tracing::info!(service, instance, at, version = VERSION, "serving");
    let ending = life.run(signals, lifecycle::GRACE).await;
    tracing::info!(?ending, "ended");
    Ok(ending.exit_code())
}

/// Opens the databases and starts what works on them.
async fn start_engine(
    life: &Lifecycle,
    databases: Databases,
    served: CancellationToken,
) -> anyhow::Result<Engine> {
    let service = databases.service.clone();
    let opened = stores::open(databases).await?;
    for (side, store) in opened.unchecked {
        let soft = life.soft();
        life.spawn(format!("checks-{side}"), async move {
            soft.run_until_cancelled(stores::check(side, store)).await;
        });
    }
    let config = EngineConfig { service };
    let engine = Engine::new(config, opened.stores, Arc::new(SystemEntropy));
    life.spawn("engine", engine.clone().run(served.cancelled_owned()));
    Ok(engine)
}
