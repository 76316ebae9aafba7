//! What names say of units.

use super::{End, Joint};
use crate::convert::Convert;
use crate::propose::remark::Remark;
use crate::propose::words::Unit;
use crate::value::Kind;

/// Integers of hundredths, which the types alone would let cross as they are.
pub(super) fn cents(legacy: End<'_>, new: End<'_>, from: Kind, to: Kind) -> Option<Joint> {
    let said = |end: End<'_>| end.unit == Some(Unit::Cents);
    match (said(legacy), said(new)) {
        (true, false) if is_whole(from) && to == Kind::Decimal => Some(Joint::One(
            Convert::CentsToDecimal,
            vec![Remark::check(
                "legacy counts hundredths in an integer, new is a decimal: 1250 becomes 12.5",
                "",
            )],
        )),
        (false, true) if from == Kind::Decimal && is_whole(to) => {
            Some(Joint::Not(Remark::refused(
                "legacy is a decimal and new counts hundredths in an integer: no conversion leads there",
                "make the new column a decimal",
            )))
        }
        (true | false, _) => None,
    }
}

/// Numbers, where the names say in what they count.
pub(super) fn told(legacy: End<'_>, new: End<'_>, joint: Joint) -> Joint {
    let Joint::One(convert, mut remarks) = joint else {
        return joint;
    };
    let keeps = match convert {
        Convert::None | Convert::TextToDecimal | Convert::TextToInt => true,
        Convert::CentsToDecimal
        | Convert::IntToBool
        | Convert::EpochSecondsToTimestamp
        | Convert::EpochMillisToTimestamp
        | Convert::TextToUuid
        | Convert::TextToJson
        | Convert::TextToTimestamp => false,
    };
    let units = if keeps && new.info.kind.is_some_and(counts) {
        (legacy.unit, new.unit)
    } else {
        (None, None)
    };
    match units {
        (Some(from), Some(to)) if from != to => Joint::Not(Remark::refused(
            format!(
                "by their names legacy counts in {} and new in {}: no conversion leads there",
                from.counted(),
                to.counted()
            ),
            "count in one unit on both sides, or leave the column out",
        )),
        (Some(unit), None) | (None, Some(unit)) => {
            remarks.push(Remark::check(
                format!(
                    "only one side's name says {}: the number is carried as it is",
                    unit.counted()
                ),
                "see that both sides count the same",
            ));
            Joint::One(convert, remarks)
        }
        (Some(_) | None, _) => Joint::One(convert, remarks),
    }
}

/// Whether a unit says something of values of this kind.
const fn counts(kind: Kind) -> bool {
    is_whole(kind) || matches!(kind, Kind::Decimal | Kind::Float)
}

const fn is_whole(kind: Kind) -> bool {
    match kind {
        Kind::Int | Kind::UInt => true,
        Kind::Bool
        | Kind::Decimal
        | Kind::Float
        | Kind::Text
        | Kind::Bytes
        | Kind::Uuid
        | Kind::Timestamp
        | Kind::DateTime
        | Kind::Date
        | Kind::Time
        | Kind::Json => false,
    }
}
