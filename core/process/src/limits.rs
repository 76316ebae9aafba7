//! The bounds of every gRPC connection, each with its reason. Servers and
//! clients take them from here, so that they agree.

use std::time::Duration;

/// Bytes of one message at most: a snapshot of a few hundred entities is well
/// under 1 MiB, and a write of 512 rows of 4 KiB is 2 MiB.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// Streams of one connection at a time. A sidecar needs a session and a few
/// calls; an application multiplexes its requests on one connection, and what
/// it sends beyond this waits in its own process instead of in ours.
pub const MAX_CONCURRENT_STREAMS: u32 = 1024;

/// How often an HTTP/2 ping goes out on a connection, from either end, also
/// without calls. A peer whose machine is gone says nothing: together with
/// [`KEEPALIVE_TIMEOUT`] it is noticed within half a minute. Not shorter,
/// because other gRPC servers (and proxies between) end connections that ping
/// more than once in ten seconds.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);

/// How long the answer to a ping may take.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may take to be made, TLS included: a machine that is
/// off does not refuse, it is silent.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a call may work before it answers, whatever the caller allows. The
/// longest is a transition that waits for its end; streams are not bound by it,
/// for they answer at once.
pub const CALL_TIMEOUT: Duration = Duration::from_mins(15);

/// Bytes of a call's headers at most: tokens and trace context fit many times.
pub const MAX_HEADER_BYTES: u32 = 16 * 1024;

/// Streams that a peer opened and reset before they were served. More than
/// this is an attack on the server, not a client that changes its mind.
pub const MAX_PENDING_RESETS: usize = 64;
