//! The PostgreSQL adapter on a real server: what is true of this engine alone. What is true of
//! every engine stands in the contract suite.
//!
//! That a statement waits is proved by what the server says of it, never by time.

#[cfg(test)]
mod world;

#[cfg(test)]
mod install;
#[cfg(test)]
mod write;

#[cfg(test)]
mod fence;
#[cfg(test)]
mod lost;

#[cfg(test)]
mod apply;
#[cfg(test)]
mod order;
#[cfg(test)]
mod receipts;

#[cfg(test)]
mod describe;
#[cfg(test)]
mod session;
#[cfg(test)]
mod upkeep;

#[cfg(test)]
mod pools;
#[cfg(test)]
mod privileges;
#[cfg(test)]
mod tls;
