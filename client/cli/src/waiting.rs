//! Following a migration through its stream, for as long as it takes.

use std::time::Duration;

use dualwrite_proto::v1;
use tonic::{Request, Streaming};

use crate::context::Context;
use crate::failure::Failure;
use crate::remote::Service;

/// How long to wait before a stream that ended is opened again.
const REOPEN_AFTER: Duration = Duration::from_secs(1);

/// A migration's stream, opened again whenever it ends.
#[derive(Debug)]
pub(crate) struct Follow<'a> {
    context: &'a Context,
    service: Service,
    name: String,
    stream: Option<Streaming<v1::WatchMigrationResponse>>,
}

impl<'a> Follow<'a> {
    /// Opens the stream.
    ///
    /// # Errors
    /// [`Failure`], when there is no such migration or nobody answers.
    pub(crate) async fn open(
        context: &'a Context,
        mut service: Service,
        name: &str,
    ) -> Result<Self, Failure> {
        let stream = watch(&mut service, name).await?;
        Ok(Self {
            context,
            service,
            name: name.to_owned(),
            stream: Some(stream),
        })
    }

    /// The next look: at once the first time, then after each change.
    ///
    /// # Errors
    /// [`Failure`], when the migration is gone.
    pub(crate) async fn next(&mut self) -> Result<v1::WatchMigrationResponse, Failure> {
        loop {
            let Some(stream) = &mut self.stream else {
                self.reopen().await?;
                continue;
            };
            match stream.message().await {
                Ok(Some(look)) => return Ok(look),
                Ok(None) => self.lost("the control plane ended the stream"),
                Err(status) if passes(&status) => self.lost(status.message()),
                Err(status) => return Err(status.into()),
            }
        }
    }

    /// One more try, after a pause.
    async fn reopen(&mut self) -> Result<(), Failure> {
        tokio::time::sleep(REOPEN_AFTER).await;
        match watch(&mut self.service, &self.name).await {
            Ok(stream) => {
                self.context.output.note("connected again");
                self.stream = Some(stream);
            }
            Err(status) if passes(&status) => {}
            Err(status) => return Err(status.into()),
        }
        Ok(())
    }

    fn lost(&mut self, why: &str) {
        self.context
            .output
            .note(&format!("connection lost ({why}); trying again"));
        self.stream = None;
    }
}

async fn watch(
    service: &mut Service,
    name: &str,
) -> Result<Streaming<v1::WatchMigrationResponse>, tonic::Status> {
    // Without a deadline: somebody watches for as long as they like.
    let request = Request::new(v1::WatchMigrationRequest {
        name: name.to_owned(),
    });
    Ok(service.watch_migration(request).await?.into_inner())
}

/// Whether a stream broke for a reason that another control plane, or the same
/// one in a moment, does not have.
fn passes(status: &tonic::Status) -> bool {
    use std::error::Error as _;
    dualwrite_proto::status::is_retryable(status) || status.source().is_some()
}
