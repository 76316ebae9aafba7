//! The data path of a sidecar: how one write reaches both databases, how what
//! it left behind is copied, how the authority moves, and the port through
//! which all of it reaches a database.
//!
//! Read [`store`] first: it is everything the engine asks of a database.

pub mod error;
pub mod request;
pub mod store;
