//! One sidecar, asked directly.

use std::time::Duration;

use dualwrite_proto::v1::local_service_client::LocalServiceClient;
use tonic::transport::Channel;

use crate::failure::Failure;
use crate::remote::{cause, endpoint};

/// Where a sidecar is unless somebody says otherwise.
pub(crate) const DEFAULT: &str = "http://127.0.0.1:7410";

/// A sidecar that cannot be connected to within this is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of an answer: a proposal for the most tables that are looked at.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// Connects to the sidecar at this address.
///
/// # Errors
/// [`Failure`]: no such address (usage), or nobody there.
pub(crate) async fn connect(address: &str) -> Result<LocalServiceClient<Channel>, Failure> {
    let channel = endpoint(address)?
        .connect_timeout(CONNECT_TIMEOUT)
        .connect()
        .await
        .map_err(|error| {
            Failure::failed(format!(
                "no sidecar answers at {address} ({})",
                cause(&error)
            ))
            .hint("is it running there? Say where it is with --sidecar ADDR or DUALWRITE_SIDECAR")
        })?;
    Ok(LocalServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER))
}
