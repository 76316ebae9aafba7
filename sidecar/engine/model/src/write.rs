//! A foreground write, as `execute` does it.

use dualwrite_core::side::Role;

use crate::authority::View;
use crate::model::Protocol;
use crate::rules::{Ask, Mode, Retrying, Versions};
use crate::state::{Content, KEYS, Receipt, Sidecar, State, WriteStage, WriteTask, has};
use crate::step::{Step, WriteStep};
use crate::transaction::{Kind, Stop, Transaction};

pub(crate) fn steps(
    protocol: &Protocol,
    state: &State,
    sidecar: &Sidecar,
    number: usize,
    steps: &mut Vec<Step>,
) {
    let mut push = |step| steps.push(Step::Write(number, step));
    match sidecar.write.stage {
        WriteStage::Idle => {
            for ask in 0..protocol.happenings.asks.len() {
                // Without receipts an application asks once, in an order.
                let turn = protocol.happenings.receipts || ask == 0 || has(state.asked, ask - 1);
                if turn && !has(state.asked, ask) {
                    push(WriteStep::Arrive(u8::try_from(ask).unwrap_or(u8::MAX)));
                }
            }
        }
        WriteStage::Looking => push(WriteStep::Look),
        WriteStage::Ready => {
            push(WriteStep::Begin);
            if protocol.rules.retrying == Retrying::LookOnly {
                push(WriteStep::AnswerFromLook);
            }
        }
        WriteStage::Waiting => {}
        WriteStage::Open => {
            push(WriteStep::BeginSecondary);
            push(WriteStep::SendCommit);
        }
        WriteStage::BothOpen => push(WriteStep::SendCommit),
        WriteStage::Committing => {
            push(WriteStep::PrimaryAnswers);
            push(WriteStep::PrimaryUnknown);
        }
        WriteStage::CommittingSecondary => {
            push(WriteStep::SecondaryAnswers);
            push(WriteStep::SecondaryUnknown);
        }
    }
}

pub(crate) fn after(
    protocol: &Protocol,
    state: &State,
    number: usize,
    step: WriteStep,
) -> Option<State> {
    let writing = Writing {
        protocol,
        state,
        number,
        view: protocol.view(&state.sidecars[number]),
    };
    match step {
        WriteStep::Arrive(ask) => writing.arrive(ask),
        WriteStep::Look => writing.look(),
        WriteStep::AnswerFromLook => writing.answer_from_look(),
        WriteStep::Begin => writing.begin(),
        WriteStep::BeginSecondary => writing.begin_secondary(),
        WriteStep::SendCommit => Some(writing.send_commit()),
        WriteStep::PrimaryAnswers => writing.primary_answers(),
        WriteStep::PrimaryUnknown => Some(writing.give_up(state.clone())),
        WriteStep::SecondaryAnswers => writing.secondary_answers(),
        WriteStep::SecondaryUnknown => Some(writing.secondary_unknown()),
    }
}

struct Writing<'a> {
    protocol: &'a Protocol,
    state: &'a State,
    number: usize,
    view: Option<View>,
}

impl Writing<'_> {
    fn task(&self) -> &WriteTask {
        &self.state.sidecars[self.number].write
    }

    fn ask(&self) -> Ask {
        self.protocol.happenings.asks[usize::from(self.task().ask)]
    }

    /// The state with the task changed.
    fn with(&self, change: impl FnOnce(&mut WriteTask)) -> State {
        let mut after = self.state.clone();
        change(&mut after.sidecars[self.number].write);
        after
    }

    fn in_stage(&self, stage: WriteStage) -> State {
        self.with(|task| task.stage = stage)
    }

    fn arrive(&self, ask: u8) -> Option<State> {
        let view = self.view.filter(|view| view.admits)?;
        let rules = &self.protocol.rules;
        // Before the first flip the other side holds no receipts.
        let looks = self.protocol.happenings.receipts
            && view.epoch > 1
            && rules.retrying != Retrying::PrimaryOnly
            && !(rules.retrying == Retrying::FirstSkipsLook && ask == 0);
        let mut after = self.with(|task| {
            task.ask = ask;
            task.stage = if looks {
                WriteStage::Looking
            } else {
                WriteStage::Ready
            };
        });
        after.asked |= 1 << ask;
        Some(after)
    }

    /// `execute::receipts`: the other side's receipt with its fence in the same
    /// snapshot.
    fn look(&self) -> Option<State> {
        let view = self.view.filter(|view| view.admits)?;
        let other = self.state.database(view.primary.other());
        let retrying = self.protocol.rules.retrying;
        let settled = !matches!(other.fence.role, Role::Primary | Role::Frozen)
            && other.fence.epoch >= view.epoch;
        if !settled && retrying != Retrying::LooksUnfenced {
            return None;
        }
        let request = self.ask().request();
        match other.receipts[request] {
            Receipt::Aborted if retrying == Retrying::SettlesElsewhereAndGoesOn => {
                Some(self.in_stage(WriteStage::Ready))
            }
            Receipt::None => {
                let mut after = self.in_stage(WriteStage::Ready);
                let settles = matches!(
                    retrying,
                    Retrying::SettlesElsewhere | Retrying::SettlesElsewhereAndGoesOn
                );
                if settles {
                    let other = after.database_mut(view.primary.other());
                    other.receipts[request] = Receipt::Aborted;
                }
                Some(after)
            }
            receipt @ (Receipt::Committed | Receipt::Aborted) => {
                Some(self.answered(self.in_stage(WriteStage::Idle), receipt))
            }
        }
    }

    /// Wrong: what is not there yet may still come.
    fn answer_from_look(&self) -> Option<State> {
        let view = self.view?;
        let Ask::Outcome(request) = self.ask() else {
            return None;
        };
        let receipt = match self.state.database(view.primary).receipts[request] {
            Receipt::None => Receipt::Aborted,
            receipt @ (Receipt::Committed | Receipt::Aborted) => receipt,
        };
        Some(self.answered(self.in_stage(WriteStage::Idle), receipt))
    }

    fn begin(&self) -> Option<State> {
        let view = self.view.filter(|view| view.admits)?;
        let ask = self.ask();
        if self.protocol.rules.retrying == Retrying::LookOnly && matches!(ask, Ask::Outcome(_)) {
            return None;
        }
        let mut tx = self.draft(ask, view);
        let mut state = self.state.clone();
        if self.protocol.rules.versions == Versions::DrawnEarly {
            state.drawn += 1;
            tx.version = state.drawn;
        }
        let task = &mut state.sidecars[self.number].write;
        if self.protocol.is_one_statement() || tx.kind == Kind::Settle {
            tx.sent = true;
            task.primary = Some(tx);
            task.stage = WriteStage::Committing;
            if self.protocol.rules.mode == Mode::Parallel {
                task.secondary = Some(self.copy(&tx, view));
            }
            return Some(state);
        }
        match self.protocol.statements(self.state, tx) {
            Ok(open) => {
                task.primary = Some(open);
                task.stage = WriteStage::Open;
                Some(state)
            }
            Err(stop) => self.stopped(stop),
        }
    }

    fn draft(&self, ask: Ask, view: View) -> Transaction {
        let request = ask.request();
        let asked = self.protocol.happenings.requests[request];
        let number = number_of(request);
        let kind = match ask {
            Ask::Execute(_) => Kind::Write,
            Ask::Outcome(_) => Kind::Settle,
        };
        let content: Content = if asked.deletes { 0 } else { number };
        let mut tx = Transaction::new(view.primary, kind, asked.keys, view.epoch);
        tx.request = request;
        if kind == Kind::Write {
            for key in (0..KEYS).filter(|key| has(asked.keys, *key)) {
                tx.rows[key] = Some(content);
            }
            tx.marking = view.marking;
            tx.token = number;
        }
        tx
    }

    /// A write of the same rows to the secondary, auto-committed: the variants
    /// that do so.
    fn copy(&self, of: &Transaction, view: View) -> Transaction {
        let mut copy = Transaction::new(view.primary.other(), Kind::Copy, of.keys, view.epoch);
        copy.rows = self.draft(self.ask(), view).rows;
        copy.version = of.version;
        copy.sent = true;
        copy
    }

    /// The images go to the secondary while the primary's transaction is open.
    fn begin_secondary(&self) -> Option<State> {
        let view = self.view?;
        let primary = self.task().primary?;
        let mut tx = Transaction::new(view.primary.other(), Kind::Copy, primary.keys, view.epoch);
        tx.rows = primary.rows;
        tx.key_lock = self.protocol.rules.key_lock;
        if tx.rows.iter().all(Option::is_none) {
            return None;
        }
        let open = self.protocol.statements(self.state, tx).ok()?;
        Some(self.with(|task| {
            task.secondary = Some(open);
            task.stage = WriteStage::BothOpen;
        }))
    }

    fn send_commit(&self) -> State {
        self.with(|task| {
            if let Some(primary) = &mut task.primary {
                primary.sent = true;
            }
            task.stage = WriteStage::Committing;
        })
    }

    fn primary_answers(&self) -> Option<State> {
        let mut without = self.state.clone();
        let tx = without.sidecars[self.number].write.primary.take()?;
        let (mut after, done) = match self.protocol.run(&without, &tx) {
            Ok(ran) => ran,
            Err(stop) => return self.stopped(stop),
        };
        let task = &mut after.sidecars[self.number].write;
        if tx.kind == Kind::Settle {
            return Some(self.answered(after, Receipt::Aborted));
        }
        match self.protocol.rules.mode {
            Mode::Async => return Some(self.answered(after, Receipt::Committed)),
            Mode::Nested | Mode::Parallel => {}
            Mode::Sequential => task.secondary = Some(self.copy(&done, self.view?)),
        }
        match &mut task.secondary {
            Some(secondary) => {
                secondary.sent = true;
                task.stage = WriteStage::CommittingSecondary;
                Some(after)
            }
            None => Some(self.answered(after, Receipt::Committed)),
        }
    }

    fn secondary_answers(&self) -> Option<State> {
        let view = self.view?;
        let mut without = self.state.clone();
        let tx = without.sidecars[self.number].write.secondary.take()?;
        let (mut after, _) = self.protocol.run(&without, &tx).ok()?;
        let token = self.protocol.clearing(number_of(self.ask().request()));
        for key in (0..KEYS).filter(|key| has(tx.keys, *key)) {
            after.orphan(Some(Transaction::clear(view.primary, key, token)));
        }
        Some(self.answered(after, Receipt::Committed))
    }

    /// Committed on the primary, pending on the secondary; the marker stays.
    fn secondary_unknown(&self) -> State {
        let after = self.answered(self.state.clone(), Receipt::Committed);
        self.give_up(after)
    }

    fn stopped(&self, stop: Stop) -> Option<State> {
        match stop {
            Stop::Blocked => None,
            Stop::Refused => Some(self.with(|task| {
                task.primary = None;
                task.stage = WriteStage::Waiting;
            })),
            Stop::Known(receipt) => {
                let after = self.with(|task| task.primary = None);
                Some(self.answered(after, receipt))
            }
        }
    }

    /// Leaves what is under way to the servers.
    fn give_up(&self, mut after: State) -> State {
        let WriteTask {
            primary, secondary, ..
        } = self.task().clone();
        after.orphan(primary);
        after.orphan(secondary);
        after.sidecars[self.number].write = WriteTask::default();
        after
    }

    /// Tells the caller.
    fn answered(&self, mut after: State, receipt: Receipt) -> State {
        let request = self.ask().request();
        after.sidecars[self.number].write = WriteTask::default();
        let ghost = &mut after.ghost;
        if receipt == Receipt::Committed {
            ghost.acknowledged |= 1 << request;
            ghost.told_committed |= 1 << request;
            let number = number_of(request);
            let version = ghost.history.iter().position(|content| *content == number);
            if let Some(version) = version.and_then(|version| u8::try_from(version).ok()) {
                ghost.floor = ghost.floor.max(version);
            }
        } else {
            ghost.told_aborted |= 1 << request;
        }
        after
    }
}

/// The number of a request's write: its content and its token.
const fn number_of(request: usize) -> u8 {
    match request {
        0 => 1,
        1 => 2,
        _ => 3,
    }
}
