//! What is installed, and who says so.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use dualwrite_core::fence::{EpochSettings, FIRST_EPOCH};
use dualwrite_core::manifest::Manifest;
use dualwrite_core::phase::Phase;
use dualwrite_core::snapshot::Snapshot;
use dualwrite_proto::v1::GetSnapshotRequest;
use dualwrite_proto::v1::sidecar_service_client::SidecarServiceClient;
use tonic::transport::Endpoint;

use crate::config::ConfigError;

/// Where the settings come from.
#[derive(Debug)]
pub(super) enum Source {
    Manifest(PathBuf),
    ControlPlane(Box<Endpoint>),
}

impl Source {
    /// The manifest if one is named, else the control plane.
    pub(super) fn of(
        manifest: Option<PathBuf>,
        control_plane: Option<Endpoint>,
    ) -> Result<Self, ConfigError> {
        if let Some(path) = manifest {
            return Ok(Self::Manifest(path));
        }
        control_plane
            .map(|endpoint| Self::ControlPlane(Box::new(endpoint)))
            .ok_or(ConfigError::NoSource)
    }

    /// The settings of a fresh installation of this service.
    pub(super) async fn settings(self, service: &str) -> anyhow::Result<EpochSettings> {
        match self {
            Self::Manifest(path) => from_manifest(&path, service),
            Self::ControlPlane(endpoint) => from_control_plane(*endpoint, service).await,
        }
    }
}

fn from_manifest(path: &Path, service: &str) -> anyhow::Result<EpochSettings> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    let manifest = Manifest::parse(&file, &text)
        .map_err(|errors| ConfigError::Manifest(errors.to_string()))?;
    if manifest.name != service {
        let name = manifest.name;
        let message = format!("{file} is the manifest of `{name}`; --service says `{service}`");
        return Err(ConfigError::Manifest(message).into());
    }
    let phase = manifest.phase.unwrap_or(Phase::LegacyOnly);
    let spec = manifest.spec;
    Ok(EpochSettings::initial(
        service,
        phase,
        spec.keep_markers,
        spec.entities,
    ))
}

async fn from_control_plane(endpoint: Endpoint, service: &str) -> anyhow::Result<EpochSettings> {
    let place = endpoint.uri().to_string();
    let channel = endpoint
        .connect()
        .await
        .with_context(|| format!("the control plane at {place} does not answer"))?;
    let request = GetSnapshotRequest {
        service: service.to_owned(),
    };
    let asked = SidecarServiceClient::new(channel)
        .get_snapshot(request)
        .await;
    let response = asked.map_err(|status| {
        anyhow::anyhow!("the control plane at {place} refuses: {}", status.message())
    })?;
    let Some(snapshot) = response.into_inner().snapshot else {
        bail!("the control plane at {place} answered without a snapshot");
    };
    let snapshot = Snapshot::try_from(snapshot)?;
    if snapshot.epoch > FIRST_EPOCH {
        tracing::warn!(
            epoch = snapshot.epoch,
            "this migration is under way; a database that gets a fresh fence needs a backfill"
        );
    }
    let spec = snapshot.spec;
    Ok(EpochSettings::initial(
        service,
        snapshot.phase,
        spec.keep_markers,
        spec.entities,
    ))
}
