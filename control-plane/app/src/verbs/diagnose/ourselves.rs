//! The control plane itself, and its store.

use dualwrite_core::diagnosis::{Finding, Severity};

use crate::app::ControlPlane;
use crate::ports::About;

impl ControlPlane {
    /// The first links of the chain.
    pub(super) async fn of_ourselves(&self) -> Vec<Finding> {
        let version = env!("CARGO_PKG_VERSION");
        let control_plane = Finding::ok("control_plane", None, format!("version {version}"));
        vec![control_plane, self.of_the_store().await]
    }

    async fn of_the_store(&self) -> Finding {
        const CHECK: &str = "store";
        let tried = async {
            self.reads().await?;
            self.takes_changes().await?;
            self.about_store().await
        };
        match tried.await {
            Ok(about) => Finding::ok(CHECK, None, told(&about)),
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

fn told(about: &About) -> String {
    let About {
        kind,
        schema,
        known,
        bytes,
    } = about;
    let newer = if schema > known {
        format!(" (this version knows {known})")
    } else {
        String::new()
    };
    format!(
        "it can be read and takes changes: {kind}, schema {schema}{newer}, {} KiB",
        bytes.div_ceil(1024)
    )
}
