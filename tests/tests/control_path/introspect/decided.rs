//! A proposal as somebody leaves it who has answered its questions.

/// Takes the signs of comments away in front of these lines and of these
/// entities, each of which must be there once.
pub(super) fn decided(proposal: &str, lines: &[&str], entities: &[&str]) -> String {
    let mut missing: Vec<String> = entities
        .iter()
        .map(|name| format!("    # - name: {name}"))
        .collect();
    let mut text = String::new();
    let mut inside = false;
    for line in proposal.lines() {
        let asked = missing.iter().position(|head| head == line);
        inside = asked.is_some() || (inside && line.starts_with("    #   "));
        if let Some(at) = asked {
            missing.remove(at);
        }
        if inside {
            text.push_str("    ");
            text.push_str(&line["    # ".len()..]);
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    assert!(missing.is_empty(), "{missing:?} are not there:\n{proposal}");
    for line in lines {
        let comment = format!("# - {line}\n");
        assert_eq!(text.matches(&comment).count(), 1, "{line}:\n{text}");
        text = text.replace(&comment, &format!("- {line}\n"));
    }
    text.replace("entities: []", "entities:")
}
