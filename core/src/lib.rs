//! The rules of dualwrite, in its own words and nobody else's: no async, no
//! I/O, no clock, no wire. Both programs decide by these functions.
//!
//! Read in this order: [`side`] and [`phase`] (the words), [`fence`] (what a
//! database says about who may write), [`authority`] (what the two fences mean
//! together), [`plan`] (how authority moves).

pub mod phase;
pub mod side;
