//! What is written next.

use rand::Rng as _;
use rand::rngs::StdRng;

use super::board::{Belief, Board, HOT};
use super::{counter, text};
use crate::history::{Entity, Key, Step, Steps, Value};

/// Counters.
const COUNTERS: u64 = 8;

/// Seats, in pairs that exchange their labels.
const SEATS: u64 = 8;

/// Lists that are appended to at the same time; their places follow those of busy accounts.
const LISTS: u64 = 2;

/// Rows that are seldom touched.
const COLD: u64 = 2_000;

/// Their numbers begin here.
const FIRST_COLD: u64 = 1_000_000;

/// Of a hundred operations, how many do what; what is left over goes to accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// Add to a counter.
    pub counters: u32,
    /// Move something from one counter to another.
    pub transfers: u32,
    /// Append to a list.
    pub appends: u32,
    /// Exchange the labels of two seats.
    pub exchanges: u32,
    /// Touch an account that is seldom touched.
    pub cold: u32,
    /// Of the writes to accounts, how many have no idempotency key.
    pub without_key: u32,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            counters: 20,
            transfers: 5,
            appends: 10,
            exchanges: 0,
            cold: 20,
            without_key: 10,
        }
    }
}

/// What is written before anything else.
pub(super) fn first_rows(mix: &Mix) -> Vec<Steps> {
    let counters = (0..COUNTERS).map(|id| vec![(counter(id), Step::Insert(Value::Number(0)))]);
    let seats = (0..SEATS).filter(|_| mix.exchanges > 0);
    let seats = seats.map(|id| vec![(seat(id), Step::Insert(text(format!("label-{id}"))))]);
    counters.chain(seats).collect()
}

/// The next operation.
pub(super) fn steps(rng: &mut StdRng, board: &Board, mix: &Mix, writer: u64) -> Steps {
    let mut draw = rng.random_range(0..100);
    let mut takes = |share: u32| {
        let taken = draw < share;
        draw = if taken { u32::MAX } else { draw - share };
        taken
    };
    if takes(mix.counters) {
        return count(rng);
    }
    if takes(mix.transfers) {
        return transfer(rng);
    }
    if takes(mix.appends) {
        return append(rng, board);
    }
    if takes(mix.exchanges) {
        return exchange(rng, board, writer);
    }
    let id = if takes(mix.cold) {
        FIRST_COLD + rng.random_range(0..COLD)
    } else {
        board.hot(rng.random_range(0..HOT))
    };
    let key = Key {
        entity: Entity::Account,
        id,
    };
    vec![(key, account(rng, board, key))]
}

fn count(rng: &mut StdRng) -> Steps {
    let key = counter(rng.random_range(0..COUNTERS));
    if rng.random_range(0..10) == 0 {
        return vec![(key, Step::Read)];
    }
    vec![(key, Step::Add(rng.random_range(1..6)))]
}

/// Two rows in one transaction, always in the same order of keys.
fn transfer(rng: &mut StdRng) -> Steps {
    let from = rng.random_range(0..COUNTERS - 1);
    let to = rng.random_range(from + 1..COUNTERS);
    let by = rng.random_range(1..6);
    vec![
        (counter(from), Step::Add(-by)),
        (counter(to), Step::Add(by)),
    ]
}

fn append(rng: &mut StdRng, board: &Board) -> Steps {
    let key = Key {
        entity: Entity::Journal,
        id: board.hot(HOT + rng.random_range(0..LISTS)),
    };
    let step = match board.believed(key) {
        Belief::Unknown if rng.random_range(0..2) == 0 => Step::Read,
        Belief::Unknown | Belief::Absent => Step::Insert(text(board.fresh_item())),
        Belief::Holds(held) => {
            let longer = match &held {
                Value::Text(list) => format!("{list}{}", board.fresh_item()),
                Value::Number(_) => board.fresh_item(),
            };
            Step::Exchange(held, text(longer))
        }
    };
    vec![(key, step)]
}

/// Two rows exchange a text that must be unique at every moment.
fn exchange(rng: &mut StdRng, board: &Board, writer: u64) -> Steps {
    let pair = 2 * rng.random_range(0..SEATS / 2);
    let (one, other) = (seat(pair), seat(pair + 1));
    let (first, second) = match (board.believed(one), board.believed(other)) {
        (Belief::Holds(first), Belief::Holds(second)) => (first, second),
        (Belief::Holds(_), _) => return vec![(other, Step::Read)],
        (Belief::Unknown | Belief::Absent, _) => return vec![(one, Step::Read)],
    };
    let parked = text(format!("parked-{writer}"));
    vec![
        (one, Step::Exchange(first.clone(), parked.clone())),
        (other, Step::Exchange(second.clone(), first)),
        (one, Step::Exchange(parked, second)),
    ]
}

fn account(rng: &mut StdRng, board: &Board, key: Key) -> Step {
    let fresh = |board: &Board| board.fresh_value();
    let draw = rng.random_range(0..100);
    match board.believed(key) {
        Belief::Holds(held) => match draw {
            0..35 => Step::Add(rng.random_range(1..10)),
            35..60 => Step::Exchange(held, fresh(board)),
            60..70 => Step::Put(fresh(board)),
            70..82 => Step::Delete,
            82..85 => Step::Insert(fresh(board)),
            85..88 => Step::Exchange(fresh(board), fresh(board)),
            _ => Step::Read,
        },
        Belief::Unknown | Belief::Absent => match draw {
            0..65 => Step::Insert(fresh(board)),
            65..80 => Step::Put(fresh(board)),
            80..85 => Step::Delete,
            85..88 => Step::Add(1),
            _ => Step::Read,
        },
    }
}

fn seat(id: u64) -> Key {
    Key {
        entity: Entity::Seat,
        id,
    }
}
