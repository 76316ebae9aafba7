//! The control plane over HTTP: probes for whoever runs it, and a page for
//! people to look at. It changes nothing.
//!
//! * `GET /livez`: the process is there.
//! * `GET /readyz`: it can do its work, that is, its store answers. With
//!   `?verbose` it lists what it looked at.
//! * `GET /metrics`: figures for a scraper.
//! * `GET /version`: what is running, as JSON.
//! * `GET /`: every migration with its fleet and what happened last.

mod html;
mod metrics;
mod page;
mod probes;
mod router;
mod time;

pub use router::router;
