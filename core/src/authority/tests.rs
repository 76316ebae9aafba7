#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test fails on everything that it does not expect"
)]

use super::*;
use crate::plan::test_fence as fence;

fn settled(legacy: &Seen, new: &Seen) -> Authority {
    match observe(legacy, new) {
        Outlook::Settled(authority) => authority,
        other => panic!("{legacy:?} {new:?} gave {other:?}"),
    }
}

#[test]
fn each_phase_at_rest_is_read_as_itself() {
    for phase in Phase::ALL {
        let seen = |side| fence(7, phase.role(side), phase);
        let authority = settled(&seen(Side::Legacy), &seen(Side::New));
        assert_eq!((authority.epoch, authority.phase), (7, phase));
        assert_eq!(authority.primary, phase.primary());
        assert_eq!(authority.standing, Standing::Open);
        let following = if phase.secondary().is_some() {
            Following::Open
        } else {
            Following::Off
        };
        assert_eq!(authority.following, following, "{phase}");
    }
}

#[test]
fn a_frozen_primary_still_relays_at_the_epoch_before() {
    let old = fence(8, Role::Frozen, Phase::NewPrimary);
    let authority = settled(&old, &fence(7, Role::Secondary, Phase::DualWrite));
    assert_eq!((authority.epoch, authority.phase), (7, Phase::DualWrite));
    assert_eq!(
        (authority.primary, authority.standing),
        (Side::Legacy, Standing::Frozen)
    );
    assert!(authority.relays());
}

#[test]
fn a_handed_side_is_obeyed_until_the_other_is_primary() {
    let handed = fence(8, Role::Handed, Phase::NewPrimary);
    let before = observe(&handed, &fence(7, Role::Secondary, Phase::DualWrite));
    assert_eq!(
        before,
        Outlook::Handed {
            from: Side::Legacy,
            epoch: 8
        }
    );
    let after = settled(&handed, &fence(8, Role::Primary, Phase::NewPrimary));
    assert_eq!(
        (after.primary, after.following),
        (Side::New, Following::Behind)
    );
}

#[test]
fn a_primary_forced_out_of_office_is_not_obeyed_when_it_comes_back() {
    let stale = fence(7, Role::Primary, Phase::DualWrite);
    let authority = settled(&stale, &fence(9, Role::Primary, Phase::NewPrimary));
    assert_eq!((authority.primary, authority.epoch), (Side::New, 9));
    assert_eq!(authority.following, Following::Behind);
}

#[test]
fn a_secondary_that_does_not_answer_stops_no_write() {
    let authority = settled(
        &fence(3, Role::Primary, Phase::DualWrite),
        &Seen::Unreachable,
    );
    assert_eq!(authority.following, Following::Unreachable);
    assert_eq!(authority.standing, Standing::Open);
}

#[test]
fn nobody_is_guessed_to_be_primary() {
    let cases = [
        (
            Seen::Unreachable,
            fence(3, Role::Secondary, Phase::DualWrite),
        ),
        (Seen::Unreachable, fence(3, Role::Off, Phase::LegacyOnly)),
        (Seen::Unreachable, Seen::Unreachable),
        (Seen::Missing, Seen::Unreachable),
        (
            fence(3, Role::Primary, Phase::DualWrite),
            fence(3, Role::Primary, Phase::NewPrimary),
        ),
    ];
    for (legacy, new) in cases {
        let outlook = observe(&legacy, &new);
        assert!(
            matches!(outlook, Outlook::Unknown { .. }),
            "{legacy:?} {new:?} gave {outlook:?}"
        );
    }
    assert_eq!(
        observe(&Seen::Missing, &Seen::Missing),
        Outlook::NotInstalled
    );
}

#[test]
fn a_side_that_is_opened_ahead_of_the_primary_is_not_written_yet() {
    let authority = settled(
        &fence(1, Role::Primary, Phase::LegacyOnly),
        &fence(2, Role::Secondary, Phase::DualWrite),
    );
    assert_eq!((authority.epoch, authority.following), (1, Following::Off));
}
