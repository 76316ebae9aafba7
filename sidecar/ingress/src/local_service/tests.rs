use std::net::SocketAddr;

use dualwrite_core::diagnosis::Finding;
use dualwrite_core::propose::{Proposal, SurveyedSides, propose};
use dualwrite_core::side::Side;
use dualwrite_engine::IntrospectError;
use dualwrite_engine::store::StoreError;
use dualwrite_proto::status::reason_of;
use tonic::transport::server::TcpConnectInfo;

use super::*;

/// A sidecar that proposes nothing, or says why it cannot.
#[derive(Debug)]
struct Answers(Option<IntrospectError>);

impl LocalPath for Answers {
    async fn diagnose(&self) -> Vec<Finding> {
        Vec::new()
    }

    async fn introspect(
        &self,
        _: Option<String>,
        _: &[String],
    ) -> Result<Proposal, IntrospectError> {
        match &self.0 {
            Some(error) => Err(error.clone()),
            None => Ok(propose("cart", &SurveyedSides::default(), &[])),
        }
    }
}

fn from<T>(peer: Option<&str>, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(peer) = peer {
        let remote_addr = Some(peer.parse::<SocketAddr>().unwrap());
        request.extensions_mut().insert(TcpConnectInfo {
            local_addr: remote_addr,
            remote_addr,
        });
    }
    request
}

async fn asked(
    error: Option<IntrospectError>,
    peer: Option<&str>,
    name: &str,
) -> Result<(), Status> {
    let service = LocalIngress::new(Arc::new(Answers(error)));
    let message = v1::IntrospectRequest {
        name: name.to_owned(),
        ..v1::IntrospectRequest::default()
    };
    service.introspect(from(peer, message)).await.map(drop)
}

#[tokio::test]
async fn who_is_not_on_this_host_is_told_nothing() {
    for peer in [
        None,
        Some("127.0.0.1:9"),
        Some("[::1]:9"),
        Some("[::ffff:127.0.0.1]:9"),
    ] {
        asked(None, peer, "").await.unwrap();
    }
    for peer in ["10.1.2.3:9", "[2001:db8::1]:9", "[::ffff:10.1.2.3]:9"] {
        let refused = asked(None, Some(peer), "").await.unwrap_err();
        let denied = Some(ErrorReason::PermissionDenied);
        assert_eq!(reason_of(&refused), denied, "{refused:?}");
        let service = LocalIngress::new(Arc::new(Answers(None)));
        let diagnose = service.diagnose(from(Some(peer), v1::DiagnoseRequest {}));
        assert_eq!(reason_of(&diagnose.await.unwrap_err()), denied);
    }
}

#[tokio::test]
async fn each_reason_why_nothing_can_be_proposed_is_told_apart() {
    let store = |side, error| IntrospectError::Store { side, error };
    let away = || StoreError::Unavailable("connection refused".to_owned());
    let denied = || StoreError::Denied("permission denied for schema".to_owned());
    let table = [
        (
            IntrospectError::NoUrl { side: Side::New },
            ErrorReason::SecondaryUnavailable,
            "no URL here",
        ),
        (
            store(Side::Legacy, away()),
            ErrorReason::PrimaryUnavailable,
            "connection refused",
        ),
        (
            store(Side::New, away()),
            ErrorReason::SecondaryUnavailable,
            "the new database",
        ),
        (
            store(Side::Legacy, denied()),
            ErrorReason::PermissionDenied,
            "permission denied",
        ),
        (
            IntrospectError::TooMany {
                side: Side::Legacy,
                found: 3_000,
                limit: 2_000,
                remedy: "name those of the service with `--table`",
            },
            ErrorReason::TooLarge,
            "--table",
        ),
    ];
    for (error, expected, says) in table {
        let refused = asked(Some(error), None, "").await.unwrap_err();
        assert_eq!(reason_of(&refused), Some(expected), "{refused:?}");
        assert!(refused.message().contains(says), "{refused:?}");
    }
    let name = asked(None, None, "Not A Name").await.unwrap_err();
    assert_eq!(reason_of(&name), Some(ErrorReason::InvalidName));
}
