//! The program as a process: how it starts, serves, refuses to start, and
//! ends.

#[cfg(test)]
mod figures;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod support;
