//! Why two columns are taken for the same.

use crate::propose::read::ReadColumn;
use crate::propose::words::{self, Beyond};
use crate::suggest;

/// Why two columns are taken for the same, the best reason last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::propose) enum Likeness {
    /// They stand behind the same column, and are of one kind.
    Behind,
    /// They are the only ones left that join.
    Alone,
    /// One's words begin or end the other's.
    Part,
    /// Each is what is left of its table's primary key.
    Place,
    /// One letter is another.
    Typo,
    /// One's words are short for the other's.
    Short,
    /// Their words have one meaning.
    Synonym,
    /// One says the form of its value as well, like `number` or `text`.
    Form,
    /// Both refer to the same entity.
    Referring,
    /// One has its table's name in front.
    Owner,
    /// Their words are the same without units, times, `is` and `has`.
    Core,
    /// Their words are the same, written out and in the singular.
    Words,
    /// They differ in case and separators.
    Written,
    /// They are the same.
    Same,
}

impl Likeness {
    /// Those that match two columns, the best first. The others only ask.
    pub(super) const BEST_FIRST: [Self; 10] = [
        Self::Same,
        Self::Written,
        Self::Words,
        Self::Core,
        Self::Owner,
        Self::Referring,
        Self::Form,
        Self::Synonym,
        Self::Short,
        Self::Typo,
    ];

    /// The reason, for people.
    pub(in crate::propose) const fn why(self) -> &'static str {
        match self {
            Self::Behind => {
                "nothing in their names says so, but they are of one kind and stand behind the same column"
            }
            Self::Alone => {
                "nothing in their names says so, but they are the only ones left whose types join"
            }
            Self::Part => "the name of one is a part of the other's",
            Self::Place => "each is what is left of the primary key, and of the same kind",
            Self::Typo => "their names differ by one letter",
            Self::Short => "the name of one is short for the other's",
            Self::Synonym => "their names have one meaning",
            Self::Form => "their names are the same without a last word like `number` or `name`",
            Self::Referring => "both refer to the same entity",
            Self::Owner => "their names are the same without the name of the table",
            Self::Core => "their names are the same without units and words like `is` and `at`",
            Self::Words => "their names are the same with abbreviations written out",
            Self::Written => "their names differ in how they are written only",
            Self::Same => "their names are the same",
        }
    }
}

/// What two names say, the best of it.
pub(super) fn likeness(
    from: &ReadColumn<'_>,
    to: &ReadColumn<'_>,
    owners: &[&[String]],
) -> Option<Likeness> {
    let said = |words: &[String]| !words.is_empty();
    if from.info.name == to.info.name {
        return Some(Likeness::Same);
    }
    if said(&from.words) && from.folded == to.folded {
        return Some(Likeness::Written);
    }
    if said(&from.words) && from.words == to.words {
        return Some(Likeness::Words);
    }
    if said(&from.core) && from.core == to.core {
        return Some(Likeness::Core);
    }
    let (froms, tos) = (disowned(&from.core, owners), disowned(&to.core, owners));
    let any = |same: &dyn Fn(&[String], &[String]) -> bool| {
        froms
            .iter()
            .any(|from| said(from) && tos.iter().any(|to| same(from, to)))
    };
    if any(&|from, to| from == to) {
        return Some(Likeness::Owner);
    }
    let beyond = words::beyond(&from.core, &to.core);
    if beyond == Some(Beyond::Form) {
        return Some(Likeness::Form);
    }
    if any(&|from, to| words::meaning(from) == words::meaning(to)) {
        return Some(Likeness::Synonym);
    }
    if any(&is_short) {
        return Some(Likeness::Short);
    }
    if is_typo(&from.core, &to.core) {
        return Some(Likeness::Typo);
    }
    beyond.map(|_| Likeness::Part)
}

/// The words as they are, and without each of these names in front, or what is
/// short for one.
fn disowned<'w>(words: &'w [String], owners: &[&[String]]) -> Vec<&'w [String]> {
    let mut found = vec![words];
    for owner in owners.iter().filter(|owner| !owner.is_empty()) {
        let rest = words
            .strip_prefix(*owner)
            .or_else(|| match (words, *owner) {
                ([first, rest @ ..], [only]) if words::shortens(first, only) => Some(rest),
                (_, _) => None,
            });
        found.extend(rest.filter(|rest| !rest.is_empty()));
    }
    found
}

/// Whether the words are the same but for those that are short for others.
fn is_short(from: &[String], to: &[String]) -> bool {
    let alike = |(one, other): (&String, &String)| {
        one == other || words::shortens(one, other) || words::shortens(other, one)
    };
    from.len() == to.len() && from.iter().zip(to).all(alike)
}

/// One slip of the pen, in one word that is long enough to have one. Digits are
/// no slips: `address1` is not `address2`.
fn is_typo(from: &[String], to: &[String]) -> bool {
    const LONG: usize = 5;
    let mut other = from.iter().zip(to).filter(|(from, to)| from != to);
    let one = other.next();
    let slip = |word: &String| word.len() >= LONG && word.chars().all(char::is_alphabetic);
    from.len() == to.len()
        && other.next().is_none()
        && one.is_some_and(|(from, to)| slip(from) && slip(to) && suggest::is_slip(from, to))
}
