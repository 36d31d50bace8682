//! What stands below what: the columns of lines that are alike and follow one another, and comments at their ends.
//!
//! Never: changes anything but how many blanks there are.

use super::lines::Line;
use crate::parse::Column;

/// Lines whose columns would stand further apart than this are no table.
const WIDEST: usize = 48;

/// Sets columns and comments below one another.
pub(super) fn align(lines: &mut [Line<'_>]) {
    for run in runs(lines, |line, next| line.family.is_some() && line.family == next.family && line.comment_last()) {
        columns(&mut lines[run]);
    }
    for run in runs(lines, |line, next| line.ends_in_comment() && next.ends_in_comment()) {
        comments(&mut lines[run]);
    }
}

impl Line<'_> {
    fn ends_in_comment(&self) -> bool {
        self.comment.is_some() && !self.words.is_empty()
    }

    /// Whether it is no comment alone.
    fn comment_last(&self) -> bool {
        !self.words.is_empty()
    }
}

/// Runs of lines without an empty line between them, each of which belongs to the next.
fn runs(lines: &[Line<'_>], together: impl Fn(&Line<'_>, &Line<'_>) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for index in 1..=lines.len() {
        let goes_on = lines.get(index).is_some_and(|next| !next.apart && together(&lines[index - 1], next));
        if !goes_on {
            runs.push(start..index);
            start = index;
        }
    }
    runs
}

fn columns(run: &mut [Line<'_>]) {
    let mut all: Vec<Column> = run.iter().flat_map(|line| line.columns.iter().map(|(column, _)| *column)).collect();
    all.sort_unstable();
    all.dedup();
    for column in all {
        let place = |line: &Line<'_>| line.columns.iter().find(|(own, _)| *own == column).map(|(_, word)| *word);
        let lengths = run.iter().filter_map(|line| place(line).map(|word| line.length(word)));
        let (shortest, longest) = lengths.fold((usize::MAX, 0), |(low, high), it| (low.min(it), high.max(it)));
        let one = run.iter().filter(|line| place(line).is_some()).count() < 2;
        if one || longest - shortest > WIDEST {
            continue;
        }
        let gap = if column == Column::Title { 2 } else { 1 };
        for line in run.iter_mut() {
            if let Some(word) = place(line) {
                line.words[word].0 = longest + gap - line.length(word);
            }
        }
    }
}

fn comments(run: &mut [Line<'_>]) {
    let lengths = run.iter().map(|line| line.length(line.words.len()));
    let (shortest, longest) = lengths.fold((usize::MAX, 0), |(low, high), it| (low.min(it), high.max(it)));
    if run.len() < 2 || longest - shortest > 2 * WIDEST {
        return;
    }
    for line in run {
        let length = line.length(line.words.len());
        if let Some((blanks, _)) = &mut line.comment {
            *blanks = longest + 2 - length;
        }
    }
}
