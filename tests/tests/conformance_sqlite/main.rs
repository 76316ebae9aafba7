//! The facts about SQLite that the protocol stands on, pinned on the library that is built in.
//!
//! Each test states one fact in its name; some pin that an obvious way is *wrong*. Nothing here
//! uses the code of the project.

mod world;

mod crash;
mod statements;
mod transactions;
