//! The contract of the `Store` port, held against the engines that need no
//! server: SQLite, the fake that stands in for a database in the engine's own
//! tests, and the simulated server with the rules of PostgreSQL and of InnoDB.
//!
//! Everything is `cfg(test)`, which says to the lints what it is: tests, where
//! a panic is how a failure shows.

#[cfg(test)]
#[path = "suite.rs"]
#[macro_use]
mod suite;

#[cfg(test)]
mod drafted;
#[cfg(test)]
mod on_memory;
#[cfg(test)]
mod on_simulated;
#[cfg(test)]
mod on_sqlite;

#[cfg(test)]
mod memory {
    contract!(crate::on_memory::MemoryBench::start);
}

#[cfg(test)]
mod sqlite {
    contract!(crate::on_sqlite::SqliteBench::start);
}

#[cfg(test)]
mod simulated_postgres {
    contract!(crate::on_simulated::SimulatedBench::postgres);
}

#[cfg(test)]
mod simulated_innodb {
    contract!(crate::on_simulated::SimulatedBench::innodb);
}
