//! The control plane itself, and its store.

use dualwrite_core::diagnosis::{Finding, Severity};

use crate::app::ControlPlane;

impl ControlPlane {
    /// The first links of the chain.
    pub(super) async fn of_ourselves(&self) -> Vec<Finding> {
        let version = env!("CARGO_PKG_VERSION");
        let control_plane = Finding::ok("control_plane", None, format!("version {version}"));
        vec![control_plane, self.of_the_store().await]
    }

    /// A unit of work that is begun waits for its turn as every change does,
    /// and one that is dropped changes nothing.
    async fn of_the_store(&self) -> Finding {
        const CHECK: &str = "store";
        let tried = match self.store().view().await {
            Ok(_) => self.store().begin().await.map(drop),
            Err(error) => Err(error),
        };
        match tried {
            Ok(()) => Finding::ok(CHECK, None, "it can be read and takes changes"),
            Err(error) => Finding::new(
                Severity::Problem,
                CHECK,
                None,
                error.to_string(),
                "see that its disk has room and its file is writable; sidecars go on meanwhile",
            ),
        }
    }
}
