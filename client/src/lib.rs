//! The Rust client of a dualwrite sidecar: one call instead of two writes by
//! hand.
//!
//! ```no_run
//! use dualwrite_client::{DualwriteClient, fields};
//!
//! # async fn example() -> Result<(), dualwrite_client::Error> {
//! let client = DualwriteClient::connect("http://127.0.0.1:7410")?;
//! client
//!     .write()
//!     .upsert("cart", fields! { id: 7, owner: "ann" })
//!     .increment("cart_item", fields! { cart_id: 7, sku: "A1" }, fields! { quantity: 1 })
//!     .send()
//!     .await?;
//! let cart = client.read("cart", fields! { id: 7 }).send().await?.row;
//! # let _ = cart;
//! # Ok(())
//! # }
//! ```
//!
//! Entities and fields have the names of the service's mapping: fields are the
//! new side's columns, whatever the phase. All mutations of one [`Write`] are
//! one transaction on each side.
//!
//! **Retries.** Every write has an idempotency key, made here unless given, so
//! that it takes effect at most once however often it is sent. What is safe to
//! repeat is repeated, with the same key, until the deadline (10 seconds unless
//! told otherwise); with several endpoints each retry goes to the next one. A
//! write whose fate stays open ends in [`Error::OutcomeUnknown`], which carries
//! the key: send it again with that key, or ask [`DualwriteClient::outcome`].
//!
//! Read in this order: [`DualwriteClient`], [`Write`], [`Read`], [`List`],
//! [`Error`].

mod builder;
mod call;
mod client;
mod error;
mod fields;
mod list;
mod outcome;
mod read;
mod retry;
mod row;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use builder::{ClientBuilder, ConnectError};
pub use client::{DEFAULT_TIMEOUT, DualwriteClient};
pub use dualwrite_core::route::Consistency;
pub use dualwrite_core::side::Side;
pub use dualwrite_core::value::{Decimal, Kind, Value};
pub use dualwrite_proto::status::FieldViolation;
pub use dualwrite_proto::v1::ErrorReason;
pub use error::{Error, Failure};
pub use fields::Fields;
pub use list::{List, Page};
pub use outcome::Settled;
pub use read::{Read, ReadReply};
pub use row::Row;
pub use value::{FromValue, IntoValue};
pub use write::{MutationReply, Outcome, Write, WriteReply};
