//! What the control plane decides, played through on a real store with
//! sidecars that are scripted: two fences in memory, executors that do exactly
//! what `dualwrite_core::plan::next_step` says, and a clock that the test moves.

#[cfg(test)]
mod kit;

#[cfg(test)]
mod applying;
#[cfg(test)]
mod backfill;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod guards;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod straighten;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod walk;
