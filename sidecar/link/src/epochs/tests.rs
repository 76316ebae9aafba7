use dualwrite_core::fence::Fence;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;

use super::*;

fn fence(epoch: u64, role: Role) -> Seen {
    Seen::Fence(Fence {
        epoch,
        role,
        phase: Phase::DualWrite,
        plan_id: String::new(),
        settings: String::new(),
    })
}

fn guard(folder: &Path) -> EpochGuard {
    EpochGuard::open(Some(folder), "cart")
}

#[tokio::test]
async fn a_primary_that_is_behind_after_a_restart_is_refused_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let before = guard(folder.path());
    let epoch = before.look(&fence(7, Role::Primary), &fence(7, Role::Secondary));
    before.persist(epoch.unwrap()).await;

    let after = guard(folder.path());
    let objection = after.objection();
    assert_eq!(
        after.look(&fence(5, Role::Primary), &fence(5, Role::Secondary)),
        None
    );
    let expected = LowerEpoch {
        side: Side::Legacy,
        found: 5,
        largest: 7,
    };
    assert_eq!(*objection.borrow(), Some(expected));

    after.look(&fence(7, Role::Primary), &fence(7, Role::Secondary));
    assert_eq!(*objection.borrow(), None);
}

#[test]
fn a_secondary_opened_ahead_of_the_primary_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let guard = guard(folder.path());
    let largest = guard.look(&fence(4, Role::Primary), &fence(5, Role::Secondary));
    assert_eq!(largest, Some(4));
    guard.look(&fence(4, Role::Primary), &fence(4, Role::Off));
    assert_eq!(*guard.objection().borrow(), None);
}

#[test]
fn a_flip_and_its_abort_only_grow() {
    let folder = tempfile::tempdir().unwrap();
    let guard = guard(folder.path());
    let steps = [
        (fence(4, Role::Primary), fence(4, Role::Secondary), Some(4)),
        (fence(5, Role::Frozen), fence(4, Role::Secondary), Some(5)),
        (fence(6, Role::Primary), fence(4, Role::Secondary), Some(6)),
        (fence(7, Role::Frozen), fence(6, Role::Secondary), Some(7)),
        (fence(7, Role::Handed), fence(6, Role::Secondary), None),
        (fence(7, Role::Handed), fence(7, Role::Primary), None),
        (fence(7, Role::Secondary), fence(7, Role::Primary), None),
    ];
    for (legacy, new, larger) in steps {
        assert_eq!(guard.look(&legacy, &new), larger, "{legacy:?} {new:?}");
        assert_eq!(*guard.objection().borrow(), None, "{legacy:?} {new:?}");
    }
}

#[test]
fn what_cannot_be_read_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let guard = guard(folder.path());
    guard.look(&fence(4, Role::Primary), &fence(4, Role::Secondary));
    assert_eq!(
        guard.look(&Seen::Unreachable, &fence(3, Role::Secondary)),
        None
    );
    assert_eq!(guard.look(&Seen::Missing, &Seen::Missing), None);
    assert_eq!(*guard.objection().borrow(), None);
}

#[test]
fn a_file_of_another_service_or_of_no_form_counts_as_none() {
    let folder = tempfile::tempdir().unwrap();
    EpochFile::new(folder.path(), "order").store(9).unwrap();
    let file = EpochFile::new(folder.path(), "cart");
    assert!(matches!(file.load(), Err(EpochFileError::Foreign { .. })));
    std::fs::write(folder.path().join("epoch.json"), "{").unwrap();
    assert!(matches!(file.load(), Err(EpochFileError::Malformed { .. })));
    let guard = guard(folder.path());
    assert_eq!(
        guard.look(&fence(1, Role::Primary), &Seen::Unreachable),
        Some(1)
    );
}
