//! The order of tables by their foreign keys.

/// The rank of each node: 0 without parents, else one more than its highest
/// parent.
///
/// # Errors
/// A circle, its first node repeated at the end.
pub(super) fn ranks(parents: &[Vec<usize>]) -> Result<Vec<u32>, Vec<usize>> {
    let mut ranks: Vec<Option<u32>> = vec![None; parents.len()];
    loop {
        let mut settled = false;
        for node in 0..parents.len() {
            if ranks[node].is_some() {
                continue;
            }
            let highest = parents[node].iter().try_fold(0, |highest: u32, parent| {
                ranks[*parent].map(|rank| highest.max(rank + 1))
            });
            if highest.is_some() {
                ranks[node] = highest;
                settled = true;
            }
        }
        if let Some(all) = ranks.iter().copied().collect::<Option<Vec<u32>>>() {
            return Ok(all);
        }
        if !settled {
            return Err(circle(parents, &ranks));
        }
    }
}

/// Walks from an unranked node to unranked parents until one comes again.
fn circle(parents: &[Vec<usize>], ranks: &[Option<u32>]) -> Vec<usize> {
    let mut path: Vec<usize> = ranks.iter().position(Option::is_none).into_iter().collect();
    while let Some(last) = path.last() {
        let Some(next) = parents[*last]
            .iter()
            .find(|parent| ranks[**parent].is_none())
        else {
            break;
        };
        let seen = path.iter().position(|node| node == next);
        path.push(*next);
        if let Some(start) = seen {
            return path.split_off(start);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_before_children() {
        // 0 -> 2 -> 1, 0 -> 1, 3 alone.
        assert_eq!(
            ranks(&[vec![2, 1], vec![], vec![1], vec![]]),
            Ok(vec![2, 0, 1, 0])
        );
        assert_eq!(ranks(&[]), Ok(vec![]));
    }

    #[test]
    fn a_circle_is_named_without_what_leads_to_it() {
        // 0 -> 1 -> 2 -> 1.
        assert_eq!(ranks(&[vec![1], vec![2], vec![1]]), Err(vec![1, 2, 1]));
    }
}
