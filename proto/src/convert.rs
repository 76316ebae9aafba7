//! Wire types become core types at the door, and the other way round.
//!
//! From the wire it is `TryFrom` and can fail with a [`WireError`]; to the wire
//! it is `From` and cannot. Where one field is to be read, or a type of core
//! has no counterpart of its own, there is a function instead: [`phase`],
//! [`fields`], [`patched_flags`] and their neighbours.
//!
//! A conversion checks form, not sense: whether a batch size is in its range,
//! or a key names columns, is asked of core by whoever received the message.

mod comparisons;
mod diagnosis;
mod duration;
mod enums;
mod error;
mod fence;
mod flags;
mod guards;
mod plan;
mod proposal;
mod row;
mod snapshot;
mod spec;
mod tally;
mod value;
mod verdict;

#[cfg(test)]
mod tests;

pub use comparisons::{comparisons, comparisons_to_wire};
pub use enums::{consistency, optional_phase, phase, plan_kind, role, side};
pub use error::WireError;
pub use flags::{PatchError, patched_flags};
pub use row::{fields, fields_to_wire, row};
pub use tally::{Counted, operation_summary};
pub use verdict::verdict;
