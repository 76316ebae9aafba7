//! Whole engines in one thread under virtual time, over databases in memory
//! that have the lock and visibility rules of real servers. One seed decides
//! everything.
//!
//! Read in this order: [`server`] (a database: transactions, locks, what each
//! statement sees), [`wire`] (what can go wrong between a client and it),
//! [`store`] (the port's calls as statements of either flavour).

pub mod server;
pub mod store;
pub mod wire;

pub mod mutant;
pub mod oracle;
pub mod random;
pub mod scenario;
pub mod shop;
pub mod sky;
pub mod trace;
pub mod world;
