//! The one poller of both fences. Whoever meets a fence that is not what it
//! expected asks for a fresh look; however many ask, one look answers them.

mod plain;
mod turns;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use dualwrite_core::authority::{Authority, Outlook, observe};
use dualwrite_core::fence::{EpochSettings, Seen};
use dualwrite_core::side::Side;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::{Instant, timeout, timeout_at};
use turns::Turns;

use crate::compile;
use crate::shared::Shared;
use crate::view::{Active, View};

/// Between looks while somebody waits or a transition is under way. A flip's
/// pause is a few of these.
const CLOSE_INTERVAL: Duration = Duration::from_millis(10);

/// Between looks while nothing happens: how late a sidecar with no control
/// plane notices a change that its own writes do not meet.
const IDLE_INTERVAL: Duration = Duration::from_secs(1);

/// A fence is one row by key: a database that needs longer is away.
pub(crate) const LOOK_TIMEOUT: Duration = Duration::from_secs(2);

/// The latest view, and the means to get a newer one.
#[derive(Debug)]
pub(crate) struct Watcher {
    view: ArcSwap<View>,
    wanted: Notify,
    started: AtomicU64,
    finished: Turns,
    changed: watch::Sender<u64>,
    waiting: AtomicUsize,
    /// One look at a time, so that an older one never overwrites a newer.
    looking: Mutex<()>,
    /// Whether the next look must make the mapping anew.
    stale: AtomicBool,
}

impl Watcher {
    pub(crate) fn new() -> Self {
        Self {
            view: ArcSwap::from_pointee(View::blank()),
            wanted: Notify::new(),
            started: AtomicU64::new(0),
            finished: Turns::default(),
            changed: watch::Sender::new(0),
            waiting: AtomicUsize::new(0),
            looking: Mutex::new(()),
            stale: AtomicBool::new(false),
        }
    }

    /// The latest view.
    pub(crate) fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Ticks whenever the view changes.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Asks for a look soon, without waiting for it.
    pub(crate) fn poke(&self) {
        self.wanted.notify_one();
    }

    /// The next look makes the mapping anew: tables of ours may have come.
    pub(crate) fn compile_anew(&self) {
        self.stale.store(true, Ordering::SeqCst);
    }

    /// Waits for a look that began after this call, at most until `deadline`.
    /// Answers whether there was one.
    pub(crate) async fn refreshed(&self, deadline: Instant) -> bool {
        let target = self.started.load(Ordering::SeqCst) + 1;
        let _waiting = Waiting::enter(&self.waiting);
        self.wanted.notify_one();
        timeout_at(deadline, self.finished.reached(target))
            .await
            .is_ok()
    }

    fn interval(&self, plan_running: bool) -> Duration {
        let held = matches!(self.view.load().outlook, Outlook::Handed { .. })
            || matches!(&self.view.load().outlook, Outlook::Settled(Authority { standing, .. })
                if *standing == dualwrite_core::authority::Standing::Frozen);
        if plan_running || held || self.waiting.load(Ordering::Relaxed) > 0 {
            CLOSE_INTERVAL
        } else {
            IDLE_INTERVAL
        }
    }
}

/// Counts somebody in for as long as it lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Looks at both fences for as long as it is polled.
pub(crate) async fn run(shared: Arc<Shared>) {
    let watcher = &shared.watcher;
    loop {
        let began = Instant::now();
        look(&shared).await;
        let plan_running = shared.settings.load().plan_running;
        let next = began + watcher.interval(plan_running);
        // A wish shortens the wait to the close interval, never to nothing:
        // a thousand writers that meet a frozen fence make one poller.
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(next) => {}
            () = watcher.wanted.notified() => {
                tokio::time::sleep_until(began + CLOSE_INTERVAL).await;
            }
        }
    }
}

/// One look at both fences, and the view that follows.
pub(crate) async fn look(shared: &Shared) {
    let watcher = &shared.watcher;
    let _looking = watcher.looking.lock().await;
    let turn = watcher.started.fetch_add(1, Ordering::SeqCst) + 1;
    let before = watcher.view();
    let view = if let Some(entities) = shared.ended.load_full() {
        plain::view(shared, &before, &entities).await
    } else {
        let (legacy, new) = tokio::join!(seen(shared, Side::Legacy), seen(shared, Side::New));
        next_view(shared, &before, legacy, new).await
    };
    let changed = !same(&before, &view);
    watcher.view.store(Arc::new(view));
    if changed {
        watcher.changed.send_modify(|tick| *tick += 1);
    }
    watcher.finished.end(turn);
}

/// One fresh look at one side's fence.
pub(crate) async fn seen(shared: &Shared, side: Side) -> Seen {
    let Ok(store) = shared.store(side) else {
        return Seen::Unreachable;
    };
    match timeout(LOOK_TIMEOUT, store.fence(&shared.service)).await {
        Ok(Ok(Some(fence))) => Seen::Fence(fence),
        Ok(Ok(None)) => Seen::Missing,
        Ok(Err(error)) => {
            tracing::debug!(%side, %error, "the fence cannot be read");
            Seen::Unreachable
        }
        Err(_) => Seen::Unreachable,
    }
}

fn same(before: &View, after: &View) -> bool {
    let complete = |view: &View| {
        let active = view.active.as_ref();
        active.map(|active| (active.complete, active.plain))
    };
    before.legacy == after.legacy
        && before.new == after.new
        && before.mapping_problem == after.mapping_problem
        && complete(before) == complete(after)
}

async fn next_view(shared: &Shared, before: &View, legacy: Seen, new: Seen) -> View {
    let outlook = observe(&legacy, &new);
    let (active, mapping_problem) = match &outlook {
        Outlook::Settled(authority) => activate(shared, before, authority).await,
        // The last authority known: harmless, since the databases check it.
        Outlook::Handed { .. } | Outlook::Unknown { .. } => (before.active.clone(), None),
        Outlook::NotInstalled => (None, None),
    };
    View {
        legacy,
        new,
        outlook,
        active,
        mapping_problem,
    }
}

/// The authority with its mapping: that of before where nothing it depends on
/// changed, else checked anew against the schemas.
async fn activate(
    shared: &Shared,
    before: &View,
    authority: &Authority,
) -> (Option<Arc<Active>>, Option<String>) {
    let anew = shared.watcher.stale.swap(false, Ordering::SeqCst);
    if let Some(active) = &before.active
        && !anew
        && active.authority == *authority
        && (active.complete || !reachable_now(shared, authority).await)
    {
        return (Some(Arc::clone(active)), None);
    }
    let settings = match EpochSettings::from_json(&authority.settings) {
        Ok(settings) => settings,
        Err(error) => return (None, Some(error.to_string())),
    };
    let compiled = match before
        .active
        .as_ref()
        .filter(|active| active.complete && !anew)
    {
        Some(active) if same_entities(before, &settings) => Ok(compile::Compiled {
            mapping: Arc::clone(&active.mapping),
            complete: true,
        }),
        Some(_) | None => compile::mapping(shared, authority.primary, &settings.entities).await,
    };
    match compiled {
        Ok(compiled) => {
            let other_has_receipts =
                settings.flipped && other_has_receipts(shared, authority).await;
            let active = Active {
                authority: authority.clone(),
                mapping: compiled.mapping,
                complete: compiled.complete,
                marking: settings.marking,
                primary_since: primary_since(before, authority),
                other_has_receipts,
                plain: false,
            };
            (Some(Arc::new(active)), None)
        }
        Err(problems) => (None, Some(problems.join("; "))),
    }
}

async fn reachable_now(shared: &Shared, authority: &Authority) -> bool {
    match shared.store(authority.secondary()) {
        Ok(store) => matches!(timeout(LOOK_TIMEOUT, store.ping()).await, Ok(Ok(()))),
        Err(_) => false,
    }
}

/// Since when this process has seen this side as the primary.
fn primary_since(before: &View, authority: &Authority) -> Instant {
    let same = before
        .active
        .as_ref()
        .filter(|active| active.authority.primary == authority.primary);
    same.map_or_else(Instant::now, |active| active.primary_since)
}

fn same_entities(before: &View, settings: &EpochSettings) -> bool {
    before
        .active
        .as_ref()
        .and_then(|active| EpochSettings::from_json(&active.authority.settings).ok())
        .is_some_and(|was| was.entities == settings.entities)
}

/// Whether requests must look for their receipt on the other side. A side that
/// was never primary has none; one that does not answer may have some.
async fn other_has_receipts(shared: &Shared, authority: &Authority) -> bool {
    match shared.store(authority.secondary()) {
        Ok(store) => {
            let asked = timeout(LOOK_TIMEOUT, store.has_receipts(&shared.service)).await;
            !matches!(asked, Ok(Ok(false)))
        }
        Err(_) => false,
    }
}
