//! The harness: everything a scenario needs in order to say what happens, in a small vocabulary.
//!
//! Reading order, from the ground up:
//!
//! - [`mod@eventually`] waits for something to become true. It is the only place with a timer.
//! - [`ports`] finds free loopback ports.
//! - [`postgres`] and [`mariadb`] start throw-away servers, [`sqlite`] makes throw-away files.
//! - [`rows`] compares two databases by plain SQL, knowing nothing of the code under test.
//! - [`http`] asks one question of a listener.
//! - [`process`] runs our own binaries, pauses and kills them.
//! - [`fleet`] puts a control plane and its sidecars together; [`operator`] tells it what to do.
//! - [`http`] asks one of them as any client does.
//! - [`proxy`] stands between two of them and can be cut; [`workload`] writes and remembers.
//! - [`service`] describes the repository's example services and their databases; [`cart`] is the
//!   one of them that most scenarios use.
//! - [`canary`] is a password that must not be emitted; [`errors_page`] holds what callers are told against `docs/errors.md`.
//!
//! Everything that is started here ends with the value that stands for it, also when a test panics
//! and when the test process itself is killed. Only processes that were started here are signalled.

pub mod eventually;
pub mod ports;

mod child;
mod reaper;
mod user;

pub mod mariadb;
pub mod postgres;
pub mod sqlite;

pub mod http;
pub mod rows;

pub mod process;

pub mod fleet;
pub mod proxy;

pub mod operator;

pub mod service;

pub mod canary;
pub mod cart;
pub mod errors_page;
pub mod scene;
pub mod workload;

mod folders;

pub use eventually::{eventually, until};
pub use fleet::Fleet;
pub use mariadb::Mariadb;
pub use operator::Operator;
pub use postgres::Postgres;
pub use process::Process;
pub use scene::Scene;
pub use sqlite::SqliteFile;
