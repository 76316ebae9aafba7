//! The program as its users meet it: real processes on SQLite files, without a
//! control plane.

mod beyond;
mod canary;
mod pages;
mod place;
mod serves;
mod settings;
mod standalone;
mod tls;
mod usage;
