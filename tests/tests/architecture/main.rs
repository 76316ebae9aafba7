//! The architecture as data: who may see whom, where wire types and SQL may appear, how files are
//! laid out. What is not written here is not allowed.

mod dependencies;
mod layout;
mod outside;
mod workspace;
