//! What is checked, by name: the protocol in all its forms, which must hold,
//! and each obvious wrong way, whose counter-example must be found.

mod base;
mod flips;
mod outside;
mod phases;
mod reads;
mod receipts;

use dualwrite_core::phase::Phase;

use crate::model::Protocol;
use crate::rules::{Ask, Happenings, Request, Rules, Visibility};

/// What a configuration is expected to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Every property holds in every state, and convergence stays in reach.
    Holds,
    /// This property is violated: a wrong way must be found wrong.
    Violates(&'static str),
}

/// When a configuration is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// At every run of the tests.
    Quick,
    /// By `cargo xtask model --deep`.
    Deep,
}

/// One configuration.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Its name.
    pub name: &'static str,
    /// What it must show.
    pub expected: Expected,
    /// When it is checked.
    pub depth: Depth,
    /// What is checked.
    pub protocol: Protocol,
}

/// Every configuration, in the order of the report.
#[must_use]
pub fn all() -> Vec<Configuration> {
    let mut all = base::all();
    all.extend(flips::all());
    all.extend(phases::all());
    all.extend(reads::all());
    all.extend(receipts::all());
    all.extend(outside::all());
    all
}

fn holds(name: &'static str, depth: Depth, rules: Rules, happenings: Happenings) -> Configuration {
    Configuration {
        name,
        expected: Expected::Holds,
        depth,
        protocol: Protocol { rules, happenings },
    }
}

fn violates(
    name: &'static str,
    property: &'static str,
    rules: Rules,
    happenings: Happenings,
) -> Configuration {
    Configuration {
        name,
        expected: Expected::Violates(property),
        depth: Depth::Quick,
        protocol: Protocol { rules, happenings },
    }
}

/// A write of key 0.
const PUT: Request = Request {
    keys: 0b01,
    deletes: false,
};

/// A delete of key 0.
const DELETE: Request = Request {
    keys: 0b01,
    deletes: true,
};

/// A write of both keys.
const PUT_BOTH: Request = Request {
    keys: 0b11,
    deletes: false,
};

/// Two sidecars, `dual_write`, and these requests, each asked once.
fn writing(requests: &[Request]) -> Happenings {
    Happenings {
        visibility: Visibility::Postgres,
        row_at_start: false,
        start: Phase::DualWrite,
        keep_markers: true,
        requests: requests.to_vec(),
        asks: (0..requests.len()).map(Ask::Execute).collect(),
        receipts: false,
        itinerary: Vec::new(),
        aborts: 0,
        sidecars: 2,
        executors: 0,
        reads: 0,
        outside: 0,
        looks_apart: false,
        forgetful: false,
    }
}

/// The same with flips: forward, and back.
fn flipping(requests: &[Request], flips: usize) -> Happenings {
    let itinerary = [Phase::NewPrimary, Phase::DualWrite];
    writing(requests).going(Phase::DualWrite, &itinerary[..flips])
}
