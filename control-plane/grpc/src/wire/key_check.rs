//! The exact check of one key.

use dualwrite_control_app::fleet::{CheckVerdict, KeyCheck};
use dualwrite_proto::v1::key_check::Verdict;
use dualwrite_proto::{WireError, v1};

pub(crate) fn key_check(check: &KeyCheck) -> v1::KeyCheck {
    let KeyCheck {
        entity,
        verdict,
        columns,
    } = check;
    let verdict = match verdict {
        CheckVerdict::Equal => Verdict::Equal,
        CheckVerdict::Pending => Verdict::Pending,
        CheckVerdict::MissingOnSecondary => Verdict::MissingOnSecondary,
        CheckVerdict::ExtraOnSecondary => Verdict::ExtraOnSecondary,
        CheckVerdict::Different => Verdict::Different,
        CheckVerdict::AbsentOnBoth => Verdict::AbsentOnBoth,
        CheckVerdict::NoSecondary => Verdict::NoSecondary,
    };
    v1::KeyCheck {
        entity: entity.clone(),
        verdict: verdict.into(),
        columns: columns.clone(),
    }
}

pub(super) fn read(wire: v1::KeyCheck) -> Result<KeyCheck, WireError> {
    let verdict = match Verdict::try_from(wire.verdict) {
        Ok(Verdict::Equal) => CheckVerdict::Equal,
        Ok(Verdict::Pending) => CheckVerdict::Pending,
        Ok(Verdict::MissingOnSecondary) => CheckVerdict::MissingOnSecondary,
        Ok(Verdict::ExtraOnSecondary) => CheckVerdict::ExtraOnSecondary,
        Ok(Verdict::Different) => CheckVerdict::Different,
        Ok(Verdict::AbsentOnBoth) => CheckVerdict::AbsentOnBoth,
        Ok(Verdict::NoSecondary) => CheckVerdict::NoSecondary,
        Ok(Verdict::Unspecified) | Err(_) => {
            return Err(WireError::at(
                "verdict",
                "is not a verdict that is known here",
            ));
        }
    };
    Ok(KeyCheck {
        entity: wire.entity,
        verdict,
        columns: wire.columns,
    })
}
