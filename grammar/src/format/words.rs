//! What a layout may not touch: words, marks and comments.
//!
//! Never: sees a blank.

/// What stands between two words: comments, and how many lines end before each and behind the last.
pub(super) struct Gap<'a> {
    /// Each with how many lines end before it.
    pub(super) comments: Vec<(usize, &'a str)>,
    /// How many lines end behind the last comment.
    pub(super) breaks: usize,
    /// Whether nothing at all stands there.
    pub(super) nothing: bool,
}

/// Reads what stands between two words.
pub(super) fn gap(text: &str) -> Gap<'_> {
    let mut gap = Gap { comments: Vec::new(), breaks: 0, nothing: text.is_empty() };
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        if let Some(at) = line.find('#') {
            gap.comments.push((gap.breaks, line[at..].trim_end()));
            gap.breaks = 0;
        }
        gap.breaks += usize::from(lines.peek().is_some());
    }
    gap
}

/// Whether two texts have the same words, marks and comments.
pub(super) fn same(one: &str, other: &str) -> bool {
    let Some((one, other)) = said(one).zip(said(other)) else { return false };
    one == other
}

fn said(text: &str) -> Option<Vec<&str>> {
    let shape = crate::parse::shape(text)?;
    let mut all = Vec::new();
    let mut at = 0;
    for word in &shape.words {
        all.extend(gap(&text[at..word.start]).comments.into_iter().map(|(_, comment)| comment));
        all.push(&text[word.start..word.end]);
        at = word.end;
    }
    all.extend(gap(&text[at..]).comments.into_iter().map(|(_, comment)| comment));
    Some(all)
}
