//! The contract of the `Store` port, held against PostgreSQL.
//!
//! Everything is `cfg(test)`, which says to the lints what it is: tests, where
//! a panic is how a failure shows.

#[cfg(test)]
#[path = "../contract/suite.rs"]
#[macro_use]
mod suite;

#[cfg(test)]
#[path = "../contract/drafted.rs"]
mod drafted;
#[cfg(test)]
mod interleaved;
#[cfg(test)]
mod on_postgres;
#[cfg(test)]
#[path = "../contract/on_simulated.rs"]
mod on_simulated;

#[cfg(test)]
mod postgres {
    contract!(crate::on_postgres::PostgresBench::start);
}
