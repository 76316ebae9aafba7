//! The client against a sidecar that answers as it is told, in memory and in
//! virtual time.

mod deadline;
mod fake;
mod reading;
mod retrying;
