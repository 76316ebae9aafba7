//! A short selection of the long form: the same parts, a few faults of each kind.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test as the tests themselves do"
)]

use std::time::Duration;

use dualwrite_chaos::engines::Engines;
use dualwrite_chaos::run::{Faults, Options, run};
use dualwrite_chaos::schedule::{Fault, How, Moment};
use dualwrite_chaos::stage::Party;
use dualwrite_chaos::writer::{Mix, Plan};
use dualwrite_tests::proxy::Break;

/// Runs these faults; the history of a run that fails stays, and its place is told.
async fn survives(engines: &str, seed: u64, faults: Vec<Fault>) {
    let engines: Engines = engines.parse().unwrap();
    let folder = tempfile::Builder::new()
        .prefix("dualwrite-chaos-")
        .tempdir()
        .unwrap()
        .keep();
    let options = Options {
        seed,
        engines,
        sidecars: 2,
        plan: Plan {
            seed,
            writers: 6,
            mix: Mix::default(),
            rest: Duration::from_millis(10),
        },
        faults: Faults::These(faults),
        history: folder.join("history.jsonl"),
        tell: true,
    };
    let report = run(&options)
        .await
        .unwrap_or_else(|error| panic!("{error:#}\nthe history is in {}", folder.display()));
    eprintln!("{report}");
    assert!(
        report.verdict.holds(),
        "{:#?}\nthe history is in {}",
        report.verdict.violations,
        folder.display()
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_everything_and_flips_on_postgresql() {
    let faults = vec![
        Fault::KillSidecar { sidecar: 0 },
        Fault::Flip,
        Fault::KillSecondary { ms: 500 },
        Fault::KillSidecar { sidecar: 1 },
        Fault::KillPrimary { ms: 300 },
        Fault::KillControlPlane { ms: 200 },
        Fault::Flip,
        Fault::KillSidecar { sidecar: 0 },
    ];
    survives("pg-pg", 11, faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_of_flips_broken_in_every_way_on_postgresql() {
    let faults = vec![
        Fault::BrokenFlip {
            at: Moment::Freeze,
            how: How::UnknownCommit,
        },
        Fault::BrokenFlip {
            at: Moment::HandOver,
            how: How::Kill,
        },
        Fault::BrokenFlip {
            at: Moment::Activate,
            how: How::UnknownCommit,
        },
        Fault::BrokenFlip {
            at: Moment::HandOver,
            how: How::Hang,
        },
        Fault::BrokenFlip {
            at: Moment::Follow,
            how: How::Error,
        },
    ];
    survives("pg-pg", 12, faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_that_break_within_messages_on_postgresql() {
    let mut faults = Vec::new();
    for what in [Break::BeforeAnswer, Break::MidAnswer, Break::MidRequest] {
        for party in Party::ALL {
            faults.push(Fault::Break {
                sidecar: 0,
                party,
                what,
            });
        }
        faults.push(Fault::Flip);
    }
    faults.push(Fault::Silence {
        sidecar: 1,
        party: Party::Primary,
        ms: 1_000,
    });
    faults.push(Fault::Cut {
        sidecar: 0,
        party: Party::Secondary,
        ms: 500,
    });
    survives("pg-pg", 13, faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_and_broken_flips_on_sqlite_and_postgresql() {
    let faults = vec![
        Fault::KillSidecar { sidecar: 0 },
        Fault::BrokenFlip {
            at: Moment::HandOver,
            how: How::Kill,
        },
        Fault::LockTable { ms: 500 },
        Fault::Flip,
        Fault::KillSidecar { sidecar: 1 },
    ];
    survives("sqlite-pg", 14, faults).await;
}
