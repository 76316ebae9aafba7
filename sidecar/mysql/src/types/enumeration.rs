//! The members of an enumeration.

/// `enum('a','it''s')` has the members `a` and `it's`.
pub(super) fn members(native: &str) -> Vec<String> {
    let Some((_, list)) = native.split_once('(') else {
        return Vec::new();
    };
    let mut members = Vec::new();
    let mut rest = list;
    while let Some((_, text)) = rest.split_once('\'') {
        let (member, behind) = quoted(text);
        members.push(member);
        rest = behind;
        if rest.starts_with(')') {
            break;
        }
    }
    members
}

/// The text up to its closing quote, and what comes behind it.
fn quoted(text: &str) -> (String, &str) {
    let mut member = String::new();
    let mut rest = text;
    while let Some((part, behind)) = rest.split_once('\'') {
        member.push_str(part);
        match behind.strip_prefix('\'') {
            // Two of them stand for one.
            Some(more) => {
                member.push('\'');
                rest = more;
            }
            None => return (member, behind),
        }
    }
    (member, "")
}
