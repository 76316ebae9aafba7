//! The language that the programs of dualwrite speak: the wire types of
//! `dualwrite.v1`, how they become the types of `dualwrite-core` and back, and
//! how an error travels as a status.
//!
//! Read in this order: `dualwrite/v1/*.proto` (the contract), [`v1`] (its
//! bindings), [`convert`] (wire <-> core), [`status`] (errors).
//!
//! To change the contract: edit a proto, run
//! `cargo run -p dualwrite-proto --example generate`, extend [`convert`], and
//! commit all of it together; a test compares the bindings with the protos.

pub mod convert;
pub mod status;

#[expect(
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    missing_docs,
    reason = "generated; its comments are those of the protos"
)]
#[rustfmt::skip]
#[path = "generated/dualwrite.v1.rs"]
pub mod v1;

pub use convert::WireError;

/// The protos as a `google.protobuf.FileDescriptorSet`, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/dualwrite.v1.bin");
