//! Flags, revisions, metrics, keys: and everywhere compare-and-set.

use std::collections::BTreeMap;
use std::time::Duration;

use dualwrite_control_app::AskError;
use dualwrite_control_app::error::StaleRevision;
use dualwrite_control_app::fleet::{
    Answer, Answered, CheckVerdict, Command, Heard, KeyCheck, Question,
};
use dualwrite_control_app::model::{Operations, PageSize};
use dualwrite_control_app::verbs::{
    ApplyError, Delete, DeleteError, RestoreError, RestoreRevision, TransitionError, UpdateFlags,
    UpdateFlagsError, ValidateKey, ValidateKeyError,
};
use dualwrite_core::flags::Flags;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::tally::Tally;

use crate::kit::{World, applying, author, going, spec};

fn flags(mask: &[&str], change: impl FnOnce(&mut Flags)) -> UpdateFlags {
    let mut flags = Flags::default();
    change(&mut flags);
    UpdateFlags {
        name: "cart".into(),
        flags,
        mask: mask.iter().map(|name| (*name).to_owned()).collect(),
        seen: None,
        author: author(),
    }
}

#[tokio::test]
async fn only_flags_in_the_mask_change_and_the_history_says_which() {
    let world = World::at(Phase::LegacyOnly).await;
    let set = |flags: &mut Flags| {
        flags.batch_size = 7;
        flags.read_new_percent = 50;
    };
    let view = world
        .plane
        .update_flags(flags(&["batch_size"], set))
        .await
        .unwrap();
    let now = view.migration.spec.flags;
    assert_eq!((now.batch_size, now.read_new_percent), (7, 0));
    let page = world
        .plane
        .list_events("cart", None, PageSize::default())
        .await
        .unwrap();
    assert_eq!(
        (&*page.events[0].before, &*page.events[0].after),
        ("batch_size=100", "batch_size=7")
    );
    let same = world
        .plane
        .update_flags(flags(&["batch_size"], set))
        .await
        .unwrap();
    assert_eq!(same.migration.revision, 2, "nothing changed");
}

#[tokio::test]
async fn bad_flags_are_refused_with_what_would_be_right() {
    let world = World::at(Phase::LegacyOnly).await;
    let unknown = world
        .plane
        .update_flags(flags(&["batchsize"], |_| {}))
        .await
        .unwrap_err();
    assert!(
        unknown.to_string().contains("did you mean `batch_size`?"),
        "{unknown}"
    );
    let range = world
        .plane
        .update_flags(flags(&["batch_size"], |f| f.batch_size = 0))
        .await;
    let Err(UpdateFlagsError::Invalid(range)) = range else {
        panic!("{range:?}")
    };
    assert!(range.to_string().contains("512"), "{range}");
}

#[tokio::test]
async fn restoring_brings_back_flags_and_never_the_phase() {
    let world = World::at(Phase::LegacyOnly).await;
    let mut bot = world.bot("a").await;
    world
        .plane
        .update_flags(flags(&["batch_size"], |f| f.batch_size = 7))
        .await
        .unwrap();
    bot.ready().await;
    world.walk(&mut bot, Phase::DualWrite).await;
    let request = RestoreRevision {
        name: "cart".into(),
        revision: 1,
        seen: None,
        author: author(),
    };
    let restored = world
        .plane
        .restore_revision(request.clone())
        .await
        .unwrap()
        .migration;
    assert_eq!(restored.spec.flags.batch_size, 100);
    assert_eq!((restored.phase, restored.epoch), (Phase::DualWrite, 2));
    let missing = RestoreRevision {
        revision: 77,
        ..request
    };
    let missing = world.plane.restore_revision(missing).await.unwrap_err();
    assert!(
        matches!(&missing, RestoreError::RevisionNotFound(leaf) if leaf.current == 5),
        "{missing}"
    );
}

#[tokio::test]
async fn whoever_saw_an_older_revision_changes_nothing() {
    let world = World::at(Phase::LegacyOnly).await;
    let _bot = world.bot("a").await;
    world
        .plane
        .update_flags(flags(&["batch_size"], |f| f.batch_size = 7))
        .await
        .unwrap();
    let stale = StaleRevision {
        name: "cart".into(),
        seen: 1,
        current: 2,
    };
    let seen = Some(1);
    let update = UpdateFlags {
        seen,
        ..flags(&["log_all"], |f| f.log_all = true)
    };
    assert_eq!(
        world.plane.update_flags(update).await,
        Err(UpdateFlagsError::Stale(stale.clone()))
    );
    let mut apply = applying(spec(&["cart"]));
    apply.seen = seen;
    assert_eq!(
        world.plane.apply(apply).await,
        Err(ApplyError::Stale(stale.clone()))
    );
    let mut go = going(Phase::DualWrite);
    go.seen = seen;
    assert_eq!(
        world.plane.transition(go).await,
        Err(TransitionError::Stale(stale.clone()))
    );
    let restore = RestoreRevision {
        name: "cart".into(),
        revision: 1,
        seen,
        author: author(),
    };
    assert_eq!(
        world.plane.restore_revision(restore).await,
        Err(RestoreError::Stale(stale.clone()))
    );
    let delete = Delete {
        name: "cart".into(),
        seen,
        author: author(),
    };
    assert_eq!(
        world.plane.delete(delete).await,
        Err(DeleteError::Stale(stale))
    );
    assert_eq!(world.migration().await.revision, 2);
}

#[tokio::test]
async fn of_many_at_once_that_saw_one_revision_one_wins() {
    let world = World::at(Phase::LegacyOnly).await;
    let writers: Vec<_> = (1..=8)
        .map(|size| {
            let plane = world.plane.clone();
            let seen = Some(1);
            let update = UpdateFlags {
                seen,
                ..flags(&["batch_size"], |f| f.batch_size = size)
            };
            tokio::spawn(async move { plane.update_flags(update).await.is_ok() })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        won += u32::from(writer.await.unwrap());
    }
    assert_eq!((won, world.migration().await.revision), (1, 2));
}

fn attempts(count: u64) -> Operations {
    let mut tally = Tally::default();
    tally.total.attempts = count;
    Operations {
        entity: "cart".into(),
        side: Side::Legacy,
        tally,
    }
}

#[tokio::test]
async fn a_report_that_comes_twice_counts_once() {
    let world = World::at(Phase::LegacyOnly).await;
    let (one, other) = (world.bot("a").await, world.bot("b").await);
    one.report(2, 0, vec![attempts(5)]).await;
    one.report(2, 0, vec![attempts(5)]).await;
    other.report(2, 0, vec![attempts(1)]).await;
    let again = world.bot("a").await;
    again.report(2, 0, vec![attempts(5)]).await;
    again.report(3, 0, vec![attempts(2)]).await;
    let metrics = world
        .plane
        .query_metrics("cart", Duration::from_mins(1))
        .unwrap();
    assert_eq!(metrics.totals[0].tally.total.attempts, 8);
}

fn key(entity: &str, fields: &[(&str, &str)]) -> ValidateKey {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let key: BTreeMap<String, String> = fields.iter().map(pair).collect();
    ValidateKey {
        name: "cart".into(),
        entity: entity.into(),
        key,
    }
}

#[tokio::test]
async fn a_key_is_checked_by_a_live_sidecar_and_by_another_when_that_one_goes() {
    let world = World::at(Phase::DualWrite).await;
    let nobody = world.plane.validate_key(key("", &[("id", "7")])).await;
    assert!(
        matches!(
            nobody,
            Err(ValidateKeyError::Asking(AskError::NoExecutor(_)))
        ),
        "{nobody:?}"
    );
    let (mut one, mut other) = (world.bot("a").await, world.bot("b").await);
    let plane = world.plane.clone();
    let asked = tokio::spawn(async move { plane.validate_key(key("", &[("id", "7")])).await });
    let Command::Ask {
        question: Question::CheckKey(check),
        ..
    } = one.order().await
    else {
        panic!()
    };
    assert_eq!((&*check.entity, &*check.key["id"]), ("cart", "7"));
    drop(one);
    let Command::Ask { request_id, .. } = other.order().await else {
        panic!()
    };
    let found = KeyCheck {
        entity: "cart".into(),
        verdict: CheckVerdict::Different,
        columns: vec!["note".into()],
    };
    let result = Ok(found.clone());
    other
        .say(Heard::Answered(Answered {
            request_id,
            answer: Answer::KeyChecked(result),
        }))
        .await;
    assert_eq!(asked.await.unwrap(), Ok(found));
}

#[tokio::test]
async fn a_question_about_a_key_must_fit_the_mapping() {
    let world = World::at(Phase::DualWrite).await;
    let _bot = world.bot("a").await;
    let wrong = world
        .plane
        .validate_key(key("", &[("name", "x")]))
        .await
        .unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "the key of `cart` is (id); given were (name)"
    );
    let unknown = world
        .plane
        .validate_key(key("itme", &[("id", "1")]))
        .await
        .unwrap_err();
    assert!(
        unknown.to_string().contains("did you mean `item`?"),
        "{unknown}"
    );
}
