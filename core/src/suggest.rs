//! "Did you mean …?": the nearest known name to a mistyped one, for every
//! error that refuses a name.

/// The candidate nearest to `word`, when it is near enough to be a slip of the
/// pen: at most a third of the word's letters differ, and at least one may.
///
/// Upper and lower case, `-`, `_` and spaces count as the same.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let limit = (folded.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The sentence to append to an error: the nearest name, or else the list.
#[must_use]
pub fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = nearest(word, candidates.clone()) {
        return format!("did you mean `{name}`?");
    }
    let names: Vec<&str> = candidates.into_iter().collect();
    if names.is_empty() {
        "there are none".to_owned()
    } else {
        format!("known are {}", names.join(", "))
    }
}

/// Whether one edit makes one word the other.
pub(crate) fn is_slip(left: &str, right: &str) -> bool {
    left != right && distance(&fold(left), &fold(right)) <= 1
}

fn fold(word: &str) -> Vec<char> {
    word.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Edits (insert, delete, replace, swap of neighbours) between two words.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in b.iter().enumerate() {
            let mut cost = (last[j + 1] + 1)
                .min(row[j] + 1)
                .min(last[j] + usize::from(left != right));
            if i > 0 && j > 0 && *left == b[j - 1] && a[i - 1] == *right {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_does_not() {
        let names = ["batch_size", "sync_interval", "log_all"];
        let table = [
            ("batchsize", Some("batch_size")),
            ("batch-size", Some("batch_size")),
            ("bacth_size", Some("batch_size")),
            ("BATCH_SIZE", Some("batch_size")),
            ("sync_intervall", Some("sync_interval")),
            ("log_al", Some("log_all")),
            ("colour", None),
            ("", None),
        ];
        for (word, expected) in table {
            assert_eq!(nearest(word, names), expected, "{word}");
        }
    }

    #[test]
    fn short_words_allow_one_edit() {
        assert_eq!(nearest("ke", ["key", "name"]), Some("key"));
        assert_eq!(nearest("k", ["name"]), None);
    }

    #[test]
    fn the_hint_lists_what_is_known_when_nothing_is_near() {
        assert_eq!(hint("colour", ["key", "name"]), "known are key, name");
        assert_eq!(hint("nme", ["key", "name"]), "did you mean `name`?");
        assert_eq!(hint("x", []), "there are none");
    }
}
