//! The name that was probably meant.
//!
//! Never: knows what names are for.

/// The name nearest to `wrong`, when one is near enough to have been meant: at most a third of its characters differ.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = wrong.chars().count().min(LONGEST);
    let most = (length / 3).max(1).min(length.saturating_sub(1));
    let near = known.into_iter().map(|name| (distance(wrong, name), name)).filter(|(distance, _)| *distance <= most);
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// The one name that can have been meant: the nearest, when no other is as near.
pub fn meant<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut all: Vec<&str> = known.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    let near = nearest(wrong, all.iter().copied())?;
    let least = distance(wrong, near);
    let as_near = all.iter().filter(|name| distance(wrong, name) == least).count();
    (as_near == 1).then_some(near)
}

/// Help that names the nearest, or lists what there is.
pub fn suggest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = known.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    if let Some(near) = nearest(wrong, all.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    match all.len() {
        0 => "there is none in this file".to_owned(),
        1..=12 => format!("there is {}", all.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        _ => format!("there are {} of them, none of a like name", all.len()),
    }
}

/// Words beyond this many octets are as far from others as they are long: nobody meant them, and no text may make this
/// slow.
const LONGEST: usize = 256;

/// How many characters differ, case aside; two neighbours that changed places count as one (optimal string alignment).
pub fn distance(a: &str, b: &str) -> usize {
    if a.len().max(b.len()) > LONGEST {
        return if a == b { 0 } else { a.len().max(b.len()) };
    }
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + changed);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, meant, nearest};

    #[test]
    fn one_name_is_meant_only_when_no_other_is_as_near() {
        assert_eq!(meant("redy", ["ready", "fresh"]), Some("ready"));
        assert_eq!(meant("redy", ["ready", "reedy"]), None);
        assert_eq!(meant("redy", ["ready", "ready"]), Some("ready"));
        assert_eq!(meant("other", ["ready", "fresh"]), None);
    }

    #[test]
    fn a_swapped_letter_is_near_and_another_word_is_not() {
        assert_eq!(nearest("goot", ["stay", "goto", "close"]), Some("goto"));
        assert_eq!(nearest("settings", ["wire", "record"]), None);
        assert_eq!(nearest("c", ["a", "b"]), None);
        assert_eq!(distance("", "abc"), 3);
    }
}
