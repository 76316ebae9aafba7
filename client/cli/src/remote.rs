//! The control plane, as this command line reaches it.

use std::error::Error as _;
use std::time::Duration;

use dualwrite_proto::v1;
use dualwrite_proto::v1::migration_service_client::MigrationServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::failure::Failure;
use crate::token::Token;

/// A control plane that cannot be connected to within this is not there.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a call takes that waits for nothing.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// Added to the deadline of a call that waits, so that the control plane's own
/// answer ("not yet") arrives.
const MARGIN: Duration = Duration::from_secs(2);

/// Metadata with the name that goes into the history.
const ACTOR: &str = "dualwrite-actor";

/// The operators' service.
pub(crate) type Service = MigrationServiceClient<InterceptedService<Channel, Identity>>;

/// Where the control plane is, and as whom to come.
#[derive(Debug)]
pub(crate) struct Remote {
    endpoint: String,
    /// What is wrong with it is told when it is needed.
    token: Result<Option<Token>, Failure>,
}

/// Puts who we are into each call.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    token: Option<MetadataValue<Ascii>>,
    actor: Option<MetadataValue<Ascii>>,
}

impl Remote {
    pub(crate) const fn new(endpoint: String, token: Result<Option<Token>, Failure>) -> Self {
        Self { endpoint, token }
    }

    /// Connects.
    ///
    /// # Errors
    /// [`Failure`]: no such address (usage), or nobody there.
    pub(crate) async fn connect(&self) -> Result<Service, Failure> {
        let identity = self.identity()?;
        let channel = endpoint(&self.endpoint)?
            .connect_timeout(CONNECT_TIMEOUT)
            .connect()
            .await
            .map_err(|error| self.nobody(&error))?;
        Ok(MigrationServiceClient::with_interceptor(channel, identity))
    }

    fn identity(&self) -> Result<Identity, Failure> {
        let token = self.token.as_ref().map_err(Clone::clone)?;
        let token = token
            .as_ref()
            .map(|token| format!("Bearer {}", token.reveal()).parse())
            .transpose();
        let mut token: Option<MetadataValue<Ascii>> = token.map_err(|_| {
            Failure::usage("the token holds characters that no token has")
                .hint("a token is visible ASCII; look at --token, --token-file and their variables")
        })?;
        if let Some(token) = &mut token {
            token.set_sensitive(true);
        }
        let actor = ["USER", "LOGNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok());
        Ok(Identity {
            token,
            actor: actor.and_then(|actor| actor.parse().ok()),
        })
    }

    fn nobody(&self, error: &tonic::transport::Error) -> Failure {
        let cause = cause(error);
        Failure::failed(format!(
            "no control plane answers at {} ({cause})",
            self.endpoint
        ))
        .hint("is it running there? Say where it is with --endpoint URL or DUALWRITE_ENDPOINT")
    }
}

impl Interceptor for Identity {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.token {
            request
                .metadata_mut()
                .insert("authorization", token.clone());
        }
        if let Some(actor) = &self.actor {
            request.metadata_mut().insert(ACTOR, actor.clone());
        }
        Ok(request)
    }
}

/// A request that waits for nothing.
pub(crate) fn quick<T>(message: T) -> Request<T> {
    within(message, CALL_TIMEOUT)
}

/// A request that may wait for so long.
pub(crate) fn patient<T>(message: T, timeout: Duration) -> Request<T> {
    within(message, timeout.saturating_add(MARGIN))
}

fn within<T>(message: T, timeout: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(timeout);
    request
}

/// The migration of this name.
///
/// # Errors
/// [`Failure`], when there is none or the answer is empty.
pub(crate) async fn migration(service: &mut Service, name: &str) -> Result<v1::Migration, Failure> {
    let request = quick(v1::GetMigrationRequest {
        name: name.to_owned(),
    });
    given(service.get_migration(request).await?.into_inner().migration)
}

/// What every answer of a control plane of this version holds.
///
/// # Errors
/// [`Failure`], when it does not.
pub(crate) fn given<T>(part: Option<T>) -> Result<T, Failure> {
    part.ok_or_else(|| {
        Failure::failed("the control plane's answer is incomplete")
            .hint("it may be of another version; compare `dualwrite --version`")
    })
}

/// The innermost reason of an error.
pub(crate) fn cause(error: &tonic::transport::Error) -> String {
    let mut cause = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        cause = inner.to_string();
        source = inner.source();
    }
    cause
}

/// The endpoint that somebody typed.
///
/// # Errors
/// [`Failure`], when it is none.
pub(crate) fn endpoint(given: &str) -> Result<Endpoint, Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!("`{given}` {why}"))
            .hint("expected http://HOST:PORT or unix:///PATH, as in http://127.0.0.1:7400")
    };
    let url = match given.split_once(':') {
        Some(("https", _)) => return Err(wrong("asks for TLS, which is not offered yet")),
        Some(("http" | "unix", rest)) if rest.len() > 2 && rest.starts_with("//") => {
            given.to_owned()
        }
        Some(("http" | "unix", _)) | None => return Err(wrong("is no endpoint")),
        Some(_) if given.contains("://") => return Err(wrong("is no endpoint")),
        // HOST:PORT can only be meant one way.
        Some(_) => format!("http://{given}"),
    };
    Endpoint::from_shared(url).map_err(|_| wrong("is no endpoint"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn endpoints_are_told_from_what_is_none() {
        for given in [
            "http://127.0.0.1:7400",
            "127.0.0.1:7400",
            "unix:///run/dualwrite.sock",
        ] {
            assert!(endpoint(given).is_ok(), "{given}");
        }
        for given in [
            "",
            "localhost",
            "http:",
            "http://",
            "https://x:1",
            "ftp://x",
            "http://a b",
        ] {
            let failure = endpoint(given).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{given}");
            assert!(failure.message.contains(given), "{}", failure.message);
        }
    }

    #[test]
    fn a_token_travels_as_a_bearer_and_never_shows() {
        let with = |token: &str| {
            let token = Token::given(Some(token.to_owned()), None);
            Remote::new("http://127.0.0.1:7400".into(), token)
        };
        let remote = with("s3cret");
        let mut identity = remote.identity().unwrap();
        let request = identity.call(Request::new(())).unwrap();
        assert_eq!(
            request.metadata().get("authorization").unwrap(),
            "Bearer s3cret"
        );
        assert!(!format!("{identity:?}").contains("s3cret"));

        let broken = with("a\nb");
        let failure = broken.identity().unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(!failure.message.contains("a\nb"));
    }
}
