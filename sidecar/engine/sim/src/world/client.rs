//! One application: one call at a time, to any sidecar, with all that
//! applications do about answers that never come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::value::Value;
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{
    Consistency, ReadRequest, RequestMutation, SettledOutcome, Wait, WriteReply, WriteRequest,
};
use tokio::time::{Instant, sleep};

use super::World;
use super::sidecar::Process;
use super::words::{
    cart_name, delete, fields, insert, is_definite, item, no_item, ordered, request, shown, upsert,
    visit,
};
use crate::oracle::Answered;
use crate::random::Random;
use crate::shop::CART;

/// How often a request whose outcome is unknown is sent again.
const RETRIES: u32 = 4;

/// One application.
struct Client {
    world: Arc<World>,
    name: String,
    random: Random,
    calls: u64,
    /// The state in which each cart was seen last.
    states: BTreeMap<i64, String>,
    /// The accepted write that each cart must be shown with by a process, since
    /// this client wrote it there.
    own: BTreeMap<((usize, u64), i64), u64>,
}

/// Calls until the run is over.
pub(super) async fn run(world: Arc<World>, number: usize) {
    let name = format!("c{number}");
    let mut client = Client {
        random: world.random(&name),
        world,
        name,
        calls: 0,
        states: BTreeMap::new(),
        own: BTreeMap::new(),
    };
    while !client.world.is_over() {
        let most = client.world.scenario.pause;
        sleep(client.random.millis(0, most)).await;
        client.calls += 1;
        match client.random.below(20) {
            0..6 => client.read().await,
            6 => client.check().await,
            _ => client.write().await,
        }
    }
}

impl Client {
    fn process(&mut self) -> Option<Process> {
        let place = self.random.place(self.world.sidecars.len());
        self.world.sidecars[place].process()
    }

    fn deadline(&mut self) -> Instant {
        // Some are impatient.
        let patience = if self.random.happens(self.world.scenario.impatient) {
            self.random.millis(5, 300)
        } else {
            self.random.millis(2_000, 8_000)
        };
        Instant::now() + patience
    }

    fn cart(&mut self) -> i64 {
        let keys = self.world.scenario.keys;
        i64::try_from(self.random.below(keys)).unwrap_or_default()
    }

    /// The mutations of a call, and whether it must have an idempotency key
    /// because it leaves no mark.
    fn mutations(&mut self, mark: &str) -> (Vec<RequestMutation>, bool) {
        let (one, two) = (self.cart(), self.cart());
        let quantity = self.random.below(100);
        match self.random.below(12) {
            0 | 1 => (vec![insert(one, mark)], false),
            4 | 5 => (vec![visit(one, mark, None)], false),
            6 => {
                let state = self.states.get(&one).map(String::as_str);
                (vec![visit(one, mark, state)], false)
            }
            7 | 8 => (vec![delete(one)], true),
            9 => (vec![upsert(one, mark), item(one, quantity)], false),
            10 if one != two => {
                let both = vec![visit(one, mark, None), visit(two, mark, None)];
                (both, false)
            }
            2 | 3 | 10 => (vec![upsert(one, mark)], false),
            _ => (vec![no_item(one), delete(one)], true),
        }
    }

    async fn write(&mut self) {
        let mark = format!("{}-{}", self.name, self.calls);
        let (mutations, needs_key) = self.mutations(&mark);
        let keyed = needs_key || self.random.happens(6_000);
        let mut request = request(mutations, keyed.then(|| mark.clone()));
        if self.random.happens(1_500) {
            request.wait = Wait::Applied;
        }
        let mut doubtful = false;
        for attempt in 0..=RETRIES {
            let Some(process) = self.process() else {
                sleep(Duration::from_millis(20)).await;
                continue;
            };
            match self.attempt(&process, &request, &mark, doubtful).await {
                Settled::Yes => return,
                Settled::No if !keyed || attempt == RETRIES => return,
                Settled::No => doubtful = true,
            }
            sleep(self.random.millis(1, 1_500)).await;
            match self.random.below(10) {
                0 => return,
                1..4 if self.ask(&mark).await => return,
                _ => {}
            }
        }
    }

    /// One attempt; answers whether its outcome is known.
    async fn attempt(
        &mut self,
        process: &Process,
        request: &WriteRequest,
        mark: &str,
        doubtful: bool,
    ) -> Settled {
        let deadline = self.deadline();
        let (sidecar, life) = process.name;
        let trace = Arc::clone(&self.world.trace);
        trace.note(format_args!("{mark} to s{sidecar}.{life}: {request:?}"));
        let answer = process
            .ask(process.engine.write(request.clone(), deadline))
            .await;
        trace.note(format_args!("{mark} is told {answer:?}"));
        match answer {
            None => Settled::No,
            Some(Ok(reply)) => {
                self.done(process, request, mark, &reply);
                Settled::Yes
            }
            Some(Err(error)) => self.failed(mark, &error, doubtful),
        }
    }

    fn done(&mut self, process: &Process, request: &WriteRequest, mark: &str, reply: &WriteReply) {
        let keyed = request.idempotency_key.is_some();
        let changed = keyed || reply.results.iter().any(|result| result.matched);
        let rows = shown(request, reply);
        let answered = Answered::Done { changed, rows };
        self.world.oracle.told(mark, &answered);
        let Some(at) = self.world.oracle.executed_at(mark) else {
            return;
        };
        for cart in self.world.oracle.carts_of(mark) {
            let own = self.own.entry((process.name, cart)).or_default();
            *own = at.max(*own);
        }
    }

    /// Whether the error settles the request.
    fn failed(&self, mark: &str, error: &DataError, doubtful: bool) -> Settled {
        if let DataError::Internal { message } = error {
            self.world.oracle.broken("internal", message.clone());
        }
        let aborted = matches!(error, DataError::RequestAborted);
        // After a doubtful attempt an error says something of its own attempt
        // alone: the doubtful one may still arrive.
        if aborted || (!doubtful && is_definite(error)) {
            let answered = Answered::Refused(error.to_string());
            self.world.oracle.told(mark, &answered);
            return Settled::Yes;
        }
        Settled::No
    }

    /// Asks for the outcome; answers whether it is known.
    async fn ask(&mut self, mark: &str) -> bool {
        let deadline = self.deadline();
        let Some(process) = self.process() else {
            return false;
        };
        let answer = process.ask(process.engine.outcome(mark, deadline)).await;
        self.world
            .trace
            .note(format_args!("{mark} asks, and is told {answer:?}"));
        let answered = match answer {
            Some(Ok(SettledOutcome::Committed)) => Answered::Done {
                changed: true,
                rows: Vec::new(),
            },
            Some(Ok(SettledOutcome::Aborted)) => Answered::Refused("it is settled".to_owned()),
            Some(Err(_)) | None => return false,
        };
        self.world.oracle.told(mark, &answered);
        true
    }

    async fn read(&mut self) {
        let cart = self.cart();
        let deadline = self.deadline();
        let (Some(process), Some(name)) = (self.process(), cart_name(cart)) else {
            return;
        };
        let all = [
            Consistency::Primary,
            Consistency::Session,
            Consistency::Session,
            Consistency::Any,
        ];
        let consistency = *self.random.pick(&all);
        let oracle = &self.world.oracle;
        // Before a first backfill is complete, what was written without a marker
        // is not on the other side, and nobody knows of it.
        let own = self.own.get(&(process.name, cart)).copied();
        let own = own.filter(|_| oracle.is_comparable());
        let reading = match consistency {
            Consistency::Primary => oracle.reads(&name),
            Consistency::Session => oracle.reads_since(&name, own.unwrap_or_default()),
            Consistency::Any => oracle.reads_since(&name, 0),
        };
        let request = ReadRequest {
            entity: CART.to_owned(),
            key: fields(&[("id", Value::Int(cart))]),
            consistency,
        };
        let answer = process.ask(process.engine.read(request, deadline)).await;
        let read = &self.name;
        self.world.trace.note(format_args!(
            "{read} reads cart {cart} {consistency:?}: {answer:?}"
        ));
        if let Some(Ok(reply)) = answer {
            let row = reply.row.map(|image| ordered(CART, &image));
            self.world.oracle.was_shown(&reading, row.as_deref());
            if let Some(Value::Text(state)) = row.and_then(|row| row.into_iter().nth(1)) {
                self.states.insert(cart, state);
            }
        }
    }

    /// The exact check of one key, which must never find a difference.
    async fn check(&mut self) {
        let cart = self.cart();
        let deadline = self.deadline();
        let Some(process) = self.process() else {
            return;
        };
        let key = fields(&[("id", Value::Int(cart))]);
        let checked = process.ask(process.engine.check_key(None, key, deadline));
        if let Some(Ok(found)) = checked.await
            && found.verdict.differs()
            && self.world.oracle.is_comparable()
        {
            let what = format!("the exact check of cart {cart} says {:?}", found.verdict);
            self.world.oracle.broken("check", what);
        }
    }
}

/// Whether the outcome of a request is known.
enum Settled {
    Yes,
    No,
}
