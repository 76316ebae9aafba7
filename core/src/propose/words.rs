//! What names say, once ways of writing are taken away.

mod lists;

use lists::{ABBREVIATIONS, CENTS, FORMS, MEASURES, MILLIS, SECONDS, SYNONYMS, TIMES, TRUTHS};

/// What the last word of a column's name says of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Cents,
    Seconds,
    Millis,
    /// In this, as the name has it.
    Measure(&'static str),
}

impl Unit {
    /// What is counted, for people.
    pub(super) const fn counted(self) -> &'static str {
        match self {
            Self::Cents => "hundredths",
            Self::Seconds => "seconds",
            Self::Millis => "milliseconds",
            Self::Measure(word) => word,
        }
    }
}

/// What the words of one name have beyond those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// Last words that tell the form of a value.
    Form,
    /// First or last words that tell something else.
    Else,
}

/// The words of a name: lower case, abbreviations written out, singular.
pub(super) fn words(name: &str) -> Vec<String> {
    split(name).iter().map(|word| canonical(word)).collect()
}

/// Lower case letters and digits alone: `cartId`, `cart_id` and `CART-ID` are
/// one.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words without those that tell a unit, a time or a truth, and the unit.
pub(super) fn core(words: &[String]) -> (Vec<String>, Option<Unit>) {
    let mut rest = words;
    let mut unit = None;
    while let [before @ .., last] = rest
        && !before.is_empty()
    {
        let found = unit_of(last);
        if found.is_none() && !is_in(last, &TIMES) && !is_in(last, &TRUTHS) {
            break;
        }
        unit = unit.or(found);
        rest = before;
    }
    if let [first, after @ ..] = rest
        && !after.is_empty()
        && is_in(first, &TRUTHS)
    {
        rest = after;
    }
    (rest.to_vec(), unit)
}

/// Whether one word is short for another: three or four letters, the first
/// three as in the long word, the last somewhere behind them (`ord`, `dept`).
pub(super) fn shortens(short: &str, long: &str) -> bool {
    const FIRST: usize = 3;
    let (Some(begin), Some(rest)) = (short.get(..FIRST), short.get(FIRST..)) else {
        return false;
    };
    let far = long.chars().count() >= short.chars().count() + 2;
    let mut last = rest.chars();
    match (last.next(), last.next()) {
        (None, _) => far && long.starts_with(begin),
        (Some(last), None) => {
            far && long
                .strip_prefix(begin)
                .is_some_and(|after| after.contains(last))
        }
        (Some(_), Some(_)) => false,
    }
}

/// The words with the one that stands for all in place of each synonym.
pub(super) fn meaning(words: &[String]) -> Vec<String> {
    let mut text = words.join(" ");
    for (word, stands) in SYNONYMS {
        text = replaced(&text, word, stands);
    }
    text.split(' ').map(str::to_owned).collect()
}

/// What the longer of two names says beyond the shorter one, where it begins
/// or ends with it.
pub(super) fn beyond(one: &[String], other: &[String]) -> Option<Beyond> {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    if short.is_empty() || short.len() == long.len() {
        return None;
    }
    if let Some(rest) = long.strip_prefix(short) {
        let form = rest.iter().all(|word| is_in(word, &FORMS));
        return Some(if form { Beyond::Form } else { Beyond::Else });
    }
    long.ends_with(short).then_some(Beyond::Else)
}

fn unit_of(word: &str) -> Option<Unit> {
    if is_in(word, &CENTS) {
        Some(Unit::Cents)
    } else if is_in(word, &SECONDS) {
        Some(Unit::Seconds)
    } else if is_in(word, &MILLIS) {
        Some(Unit::Millis)
    } else {
        let measure = MEASURES.into_iter().find(|known| *known == word);
        measure.map(Unit::Measure)
    }
}

fn is_in(word: &str, list: &[&str]) -> bool {
    list.contains(&word)
}

/// Whole words only: `status` in `status code`, not in `statuses`.
fn replaced(text: &str, word: &str, stands: &str) -> String {
    let padded = format!(" {text} ");
    let padded = padded.replace(&format!(" {word} "), &format!(" {stands} "));
    padded.trim().to_owned()
}

/// At what is no letter or digit, and where a capital follows a small letter.
fn split(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && small) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        small = c.is_lowercase() || c.is_numeric();
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn canonical(word: &str) -> String {
    let written_out = |short: &str| {
        let known = ABBREVIATIONS.iter().find(|(known, _)| *known == short);
        known.map(|(_, long)| (*long).to_owned())
    };
    let single = singular(word);
    written_out(word)
        .or_else(|| written_out(&single))
        .unwrap_or(single)
}

/// The singular of an English plural. A wrong one does no harm: both sides
/// get it alike.
fn singular(word: &str) -> String {
    const KEPT: [&str; 3] = ["ss", "us", "is"];
    let stem = |end: &str| word.strip_suffix(end).filter(|stem| stem.len() > 1);
    if word == "pence" || word == "pennies" {
        return "penny".to_owned();
    }
    if let Some(stem) = stem("ies") {
        return format!("{stem}y");
    }
    if let Some(stem) = ["sses", "xes", "ches", "shes"]
        .iter()
        .find_map(|end| stem(end).map(|_| &word[..word.len() - 2]))
    {
        return stem.to_owned();
    }
    if KEPT.iter().any(|end| word.ends_with(end)) {
        return word.to_owned();
    }
    stem("s").unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> String {
        words(name).join(" ")
    }

    #[test]
    fn ways_of_writing_are_taken_away() {
        let table = [
            ("cart_items", "cart item"),
            ("CartItems", "cart item"),
            ("CART-ITEM", "cart item"),
            ("userID", "user id"),
            ("address2", "address2"),
            ("categories", "category"),
            ("boxes", "box"),
            ("status", "status"),
            ("addresses", "address"),
            ("qty", "quantity"),
            ("user_ref", "user id"),
            ("__", ""),
        ];
        for (name, expected) in table {
            assert_eq!(said(name), expected, "{name}");
        }
        assert_eq!(folded("Cart-Id_2"), "cartid2");
    }

    #[test]
    fn units_times_and_truths_are_told_apart_from_the_rest() {
        let table = [
            ("total_cents", "total", Some(Unit::Cents)),
            ("price_pence", "price", Some(Unit::Cents)),
            ("created_ts", "created", Some(Unit::Seconds)),
            ("created_at", "created", None),
            ("created_at_ms", "created", Some(Unit::Millis)),
            ("is_gift", "gift", None),
            ("gift_flag", "gift", None),
            ("date", "date", None),
            ("cents", "cent", None),
            ("birth_date", "birth", None),
            ("weight_kg", "weight", Some(Unit::Measure("kg"))),
            ("ttl_days", "ttl", Some(Unit::Measure("day"))),
            ("price_min", "price min", None),
        ];
        for (name, rest, unit) in table {
            let (found, of) = core(&words(name));
            assert_eq!((found.join(" ").as_str(), of), (rest, unit), "{name}");
        }
    }

    #[test]
    fn what_a_longer_name_says_beyond_a_shorter_one() {
        let table = [
            ("phone_no", "phone", Some(Beyond::Form)),
            ("display", "display_name", Some(Beyond::Form)),
            ("bill_addr", "address", Some(Beyond::Else)),
            ("price_list", "price", Some(Beyond::Else)),
            ("name_id", "id", Some(Beyond::Else)),
            ("price", "weight", None),
            ("price", "price", None),
        ];
        for (one, other, expected) in table {
            let (one, other) = (words(one), words(other));
            assert_eq!(beyond(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(beyond(&other, &one), expected, "{other:?} {one:?}");
        }
    }

    #[test]
    fn what_is_short_for_a_word_begins_like_it() {
        for (short, long) in [
            ("ord", "order"),
            ("dept", "department"),
            ("emp", "employee"),
        ] {
            assert!(shortens(short, long) && !shortens(long, short), "{short}");
        }
        for (other, word) in [
            ("rate", "rebate"),
            ("state", "statement"),
            ("id", "ident"),
            ("note", "notes"),
            ("größe", "größenwahn"),
        ] {
            assert!(!shortens(other, word), "{other}");
        }
    }

    #[test]
    fn synonyms_are_whole_words() {
        let meant = |name: &str| meaning(&words(name)).join(" ");
        assert_eq!(meant("full_name"), "name");
        assert_eq!(meant("order_status"), "order state");
        assert_eq!(meant("remark"), meant("notes"));
        assert_ne!(meant("titled"), meant("name"));
    }
}
