//! The layers together, on a table of their own.
