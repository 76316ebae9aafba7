//! The contract of the `Store` port, held against MariaDB.
//!
//! Everything is `cfg(test)`, which says to the lints what it is: tests, where
//! a panic is how a failure shows.

#[cfg(test)]
#[path = "../contract/suite.rs"]
#[macro_use]
mod suite;

#[cfg(test)]
mod on_mariadb;

#[cfg(test)]
mod mariadb {
    contract!(crate::on_mariadb::MariadbBench::start);
}
