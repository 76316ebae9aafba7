//! The order of values, for the kinds on which all engines agree.

use std::cmp::Ordering;

use super::Value;

impl Value {
    /// Which of two values of one kind is the larger; `None` for NULL, for
    /// values of two kinds, and for kinds that have no order here (see
    /// [`Kind::is_ordered`](super::Kind::is_ordered)).
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b))
            | (Self::Timestamp(a), Self::Timestamp(b))
            | (Self::DateTime(a), Self::DateTime(b)) => Some(a.cmp(b)),
            (Self::UInt(a), Self::UInt(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Decimal(a), Self::Decimal(b)) => Some(a.order(b)),
            (
                Self::Null
                | Self::Bool(_)
                | Self::Int(_)
                | Self::UInt(_)
                | Self::Decimal(_)
                | Self::Float(_)
                | Self::Text(_)
                | Self::Bytes(_)
                | Self::Uuid(_)
                | Self::Timestamp(_)
                | Self::DateTime(_)
                | Self::Date(_)
                | Self::Time(_)
                | Self::Json(_),
                _,
            ) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{any_decimal, any_value};
    use super::super::{Decimal, Kind};
    use super::*;

    #[test]
    fn numbers_are_ordered_as_numbers_and_not_as_text() {
        let decimal = |text: &str| Value::Decimal(Decimal::parse(text).unwrap());
        let ascending = ["-10.5", "-9", "-0.01", "0", "0.009", "0.01", "9.99", "10"];
        for (place, low) in ascending.iter().enumerate() {
            for (other, high) in ascending.iter().enumerate() {
                assert_eq!(
                    decimal(low).order(&decimal(high)),
                    Some(place.cmp(&other)),
                    "{low} {high}"
                );
            }
        }
        let large = Value::UInt(u64::MAX);
        assert_eq!(large.order(&Value::UInt(9)), Some(Ordering::Greater));
    }

    proptest! {
        #[test]
        fn only_ordered_kinds_have_an_order(a in any_value(), b in any_value()) {
            let ordered = a.kind().is_some_and(Kind::is_ordered) && a.kind() == b.kind();
            prop_assert_eq!(a.order(&b).is_some(), ordered);
            prop_assert_eq!(a.order(&b), b.order(&a).map(Ordering::reverse));
            let same = a.kind().filter(|kind| kind.is_ordered()).map(|_| Ordering::Equal);
            prop_assert_eq!(a.order(&a), same);
        }

        #[test]
        fn what_is_added_tells_the_order(a in any_decimal(), b in any_decimal()) {
            let difference = a.checked_add(&b.negated()).unwrap();
            prop_assert_eq!(a.order(&b), difference.order(&Decimal::from(0_i64)));
        }
    }
}
