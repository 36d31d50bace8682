//! Which known word a misspelt one was meant to be.
//!
//! Never: guesses when nothing is near.

/// The known word nearest to a misspelt one, if it is near enough to have been meant.
pub(super) fn meant<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (near, distance) = nearest(wrong, known)?;
    let length = wrong.chars().count().max(near.chars().count());
    (distance == 0 || length > 2 && distance <= 1.max(length / 3)).then_some(near)
}

/// The nearest known word and its distance: one for each letter added, left out, exchanged or swapped.
pub(super) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<(&'a str, usize)> {
    known.map(|word| (word, distance(wrong, word))).min_by_key(|(_, distance)| *distance)
}

/// The edit distance of two words, letters in either case alike; a swap of two neighbours counts once. Words longer
/// than 64 letters are as far apart as they are long.
pub(super) fn distance(left: &str, right: &str) -> usize {
    let lower = |word: &str| word.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<char>>();
    let (left, right) = (lower(left), lower(right));
    if left.len().max(right.len()) > 64 {
        return left.len().max(right.len());
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut best = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::meant;

    fn check(wrong: &str, known: &[&str], expected: Option<&str>) {
        assert_eq!(meant(wrong, known.iter().copied()), expected, "{wrong}");
    }

    #[test]
    fn a_slip_of_the_hand_is_recognised_and_another_word_is_not() {
        check("goot", &["stay", "goto", "close"], Some("goto"));
        check("withn", &["within", "using"], Some("within"));
        check("Goto", &["stay", "goto"], Some("goto"));
        check("client", &["limits", "state"], None);
        check("x", &[], None);
    }
}
