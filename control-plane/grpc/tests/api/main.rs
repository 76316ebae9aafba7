//! The control plane as its callers meet it: real servers on loopback sockets,
//! real clients, the app on a store in memory.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod draining;
#[cfg(test)]
mod fan_out;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod session;
#[cfg(test)]
mod support;
#[cfg(test)]
mod transitions;
#[cfg(test)]
mod watching;
