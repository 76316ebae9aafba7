//! `dualwrite-sidecar run`: the process, put together. Each part is wired in
//! a file of its own and owned by the process's lifecycle.

mod following;
mod listeners;
mod serving;
mod socket;
mod standalone;
mod standing;

use std::process::ExitCode;
use std::sync::Arc;

use dualwrite_core::side::Side;
use dualwrite_engine::{Engine, EngineConfig};
use dualwrite_process::{Lifecycle, ReadyFile, Settings, Signals, lifecycle, telemetry};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::args::RunArgs;
use crate::config::{Config, Databases};
use crate::entropy::SystemEntropy;
use crate::settings::PROGRAM;
use crate::stores;
use following::Following;
use listeners::Bound;
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
        standalone,
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
    // Held to the end of the process, for the file goes with it.
    let ready_file = Arc::new(ready_file.as_deref().map(ReadyFile::claim).transpose()?);
    // Bound before anything runs, so that the addresses are known and ours.
    let bound = listeners::bind(&listeners).await?;

    let life = Lifecycle::new();
    // Cancelled when the last call of an application was answered: what
    // carries out calls goes on until then.
    let served = CancellationToken::new();
    let service = databases.service.clone();
    let sides = databases.sides();
    let (engine, checks) = start_engine(&life, databases, served.clone()).await?;
    let following = Following {
        service: service.clone(),
        instance: instance.clone(),
        state_dir,
        installing,
        control_plane,
        standalone: standalone
            .as_ref()
            .map(|standalone| standalone.flags.clone()),
    };
    let epochs = following.start(&life, &engine, &served);
    let standing = Standing::new(engine.clone(), epochs, checks, life.soft());
    let starting = Starting {
        life: life.clone(),
        bound,
        engine: engine.clone(),
        standing,
        service,
        instance,
        served: served.clone(),
        ready_file: Arc::clone(&ready_file),
    };
    match standalone {
        None => starting.serve().await?,
        Some(standalone) => life.spawn("standalone", async move {
            // Until it serves nobody else says that the last call is answered.
            let nothing_served = served.drop_guard();
            standalone::settle(&engine, &standalone, &sides).await?;
            nothing_served.disarm();
            starting.serve().await
        }),
    }
    let ending = life.run(signals, lifecycle::GRACE).await;
    tracing::info!(?ending, "ended");
    Ok(ending.exit_code())
}

/// Everything that serving begins with.
struct Starting {
    life: Lifecycle,
    bound: Bound,
    engine: Engine,
    standing: Standing,
    service: String,
    instance: String,
    served: CancellationToken,
    ready_file: Arc<Option<ReadyFile>>,
}

impl Starting {
    /// Serves, and says where.
    async fn serve(self) -> anyhow::Result<()> {
        let Self {
            life,
            bound,
            engine,
            standing,
            service,
            instance,
            served,
            ready_file,
        } = self;
        let ready = bound.ready();
        serving::start(&life, bound, engine, &standing, &service, served).await?;
        if let Some(file) = &*ready_file {
            file.write(&ready)?;
        }
        let at = ready.to_json();
        tracing::info!(service, instance, at, version = VERSION, "serving");
        Ok(())
    }
}

/// What each server's settings stand in the way of.
type Checks = Vec<(Side, watch::Receiver<Option<String>>)>;

/// Opens the databases and starts what works on them.
async fn start_engine(
    life: &Lifecycle,
    databases: Databases,
    served: CancellationToken,
) -> anyhow::Result<(Engine, Checks)> {
    let service = databases.service.clone();
    let opened = stores::open(databases).await?;
    let named: Arc<str> = service.as_str().into();
    let mut checks = Checks::new();
    for (side, store) in opened.unchecked {
        let soft = life.soft();
        let (objection, told) = watch::channel(None);
        checks.push((side, told));
        let service = Arc::clone(&named);
        life.spawn(format!("checks-{side}"), async move {
            let checking = stores::check(side, store, service, objection);
            soft.run_until_cancelled(checking).await;
        });
    }
    let config = EngineConfig { service };
    let engine = Engine::new(config, opened.stores, Arc::new(SystemEntropy));
    life.spawn("engine", engine.clone().run(served.cancelled_owned()));
    Ok((engine, checks))
}
