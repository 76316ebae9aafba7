//! The facts about PostgreSQL that the protocol stands on, pinned on the real server.
//!
//! Each test states one fact in its name. Some pin that an obvious way is *wrong*, so that nobody
//! simplifies into it. Nothing here uses the code of the project: when a test fails after an
//! upgrade of the server, the protocol has to be looked at, not the code.
//!
//! That a session waits is proved by what the server says of it; that it does not wait is proved
//! by its statement ending while the other transaction is still open.

mod world;

mod gate;
mod locks;
mod write;

mod receipt;
mod relay;

mod guard;
mod snapshots;

mod limits;
