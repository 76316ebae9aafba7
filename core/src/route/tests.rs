use super::*;

fn flags() -> Flags {
    Flags {
        read_new_percent: 40,
        ..Flags::default()
    }
}

#[test]
fn writes_go_where_the_phase_says_in_the_mode_that_the_flags_say() {
    let strict_legacy = Flags {
        fail_on_legacy_error: true,
        ..Flags::default()
    };
    let sync_new = Flags {
        async_new: false,
        ..Flags::default()
    };
    let default = Flags::default();
    let table = [
        (Phase::LegacyOnly, &default, Side::Legacy, None),
        (Phase::LegacyOnly, &sync_new, Side::Legacy, None),
        (
            Phase::DualWrite,
            &default,
            Side::Legacy,
            Some((Side::New, Mode::Async)),
        ),
        (
            Phase::DualWrite,
            &sync_new,
            Side::Legacy,
            Some((Side::New, Mode::Sync)),
        ),
        // A failing primary always fails the write: its own flag says nothing.
        (
            Phase::DualWrite,
            &strict_legacy,
            Side::Legacy,
            Some((Side::New, Mode::Async)),
        ),
        (
            Phase::NewPrimary,
            &strict_legacy,
            Side::New,
            Some((Side::Legacy, Mode::Strict)),
        ),
        (
            Phase::NewPrimary,
            &sync_new,
            Side::New,
            Some((Side::Legacy, Mode::Async)),
        ),
        (Phase::NewOnly, &default, Side::New, None),
    ];
    for (phase, flags, primary, secondary) in table {
        assert_eq!(
            Route::write(phase, flags),
            WriteRoute { primary, secondary },
            "{phase}"
        );
    }
}

#[test]
fn reads_leave_the_primary_only_in_dual_write_below_the_percentage() {
    use Consistency::{Any, Primary, Session};
    let table = [
        (Phase::DualWrite, Primary, 0, false, Side::Legacy),
        (Phase::DualWrite, Session, 39, false, Side::New),
        (Phase::DualWrite, Session, 40, false, Side::Legacy),
        (Phase::DualWrite, Session, 0, true, Side::Legacy),
        (Phase::DualWrite, Any, 39, true, Side::New),
        (Phase::DualWrite, Any, 40, true, Side::Legacy),
    ];
    for (phase, consistency, share, pending, side) in table {
        let found = Route::read(phase, &flags(), consistency, share, pending);
        assert_eq!(found, side, "{phase} {consistency:?} {share} {pending}");
    }
    for (phase, side) in [
        (Phase::LegacyOnly, Side::Legacy),
        (Phase::NewPrimary, Side::New),
        (Phase::NewOnly, Side::New),
    ] {
        for consistency in [Primary, Session, Any] {
            for pending in [false, true] {
                assert_eq!(
                    Route::read(phase, &flags(), consistency, 0, pending),
                    side,
                    "{phase}"
                );
            }
        }
    }
}

#[test]
fn at_zero_percent_every_read_is_of_the_primary() {
    for share in [0, 50, 99] {
        let side = Route::read(
            Phase::DualWrite,
            &Flags::default(),
            Consistency::Any,
            share,
            false,
        );
        assert_eq!(side, Side::Legacy);
    }
}
