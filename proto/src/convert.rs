//! Wire types become core types at the door, and the other way round.
//!
//! From the wire it is `TryFrom` and can fail with a [`WireError`]; to the wire
//! it is `From` and cannot.

mod error;

pub use error::WireError;
