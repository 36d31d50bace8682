//! `saywhen check --fix`: findings that have exactly one sensible mend are mended in their files.
//!
//! Never: writes a file that is another than the one that was looked at.

use std::{collections::BTreeMap, fs, path::Path};

use diagnostic::{FileId, Patch};

use super::fmt::{difference, replace, unusable};
use crate::{exit::Fault, findings::Findings};

/// What was mended.
pub(super) struct Mended {
    /// How many findings.
    pub(super) count: usize,
    /// What was changed, file by file, for people.
    pub(super) shown: String,
}

/// Mends what can be mended; nothing where nothing can.
///
/// # Errors
/// A file cannot be written; those before it are mended.
pub(super) fn mend(findings: &Findings) -> Result<Mended, Fault> {
    let mut files: BTreeMap<FileId, Vec<&Patch>> = BTreeMap::new();
    for patch in findings.list.iter().filter_map(|finding| finding.patch.as_ref()) {
        files.entry(patch.span.file).or_default().push(patch);
    }
    let mut mended = Mended { count: 0, shown: String::new() };
    for (file, patches) in files {
        let (name, text) = (findings.sources.name(file), findings.sources.text(file));
        let path = Path::new(&**name);
        // What is not on disk as it was read is somebody else's.
        if !fs::read_to_string(path).is_ok_and(|now| *now == **text) {
            continue;
        }
        let (count, new) = patched(text, patches);
        replace(path, &new).map_err(|error| unusable(path, "written", &error))?;
        mended.count += count;
        mended.shown.push_str(&difference(name, text, &new));
    }
    Ok(mended)
}

/// A text with its patches, those that lie on others left out, and how many were put in.
fn patched(text: &str, mut patches: Vec<&Patch>) -> (usize, String) {
    patches.sort_by_key(|patch| (patch.span.start, patch.span.end));
    patches.dedup();
    let (mut out, mut at, mut count) = (String::new(), 0, 0);
    for patch in patches {
        let (start, end) = (patch.span.start as usize, patch.span.end as usize);
        let Some(before) = text.get(at..start).filter(|_| text.get(start..end).is_some()) else { continue };
        out.push_str(before);
        out.push_str(&patch.text);
        (at, count) = (end, count + 1);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    (count, out)
}

#[cfg(test)]
mod tests {
    use diagnostic::Span;

    use super::*;

    #[test]
    fn patches_are_put_in_where_they_belong_and_never_on_each_other() {
        let patch = |start, end, text: &str| Patch { span: Span { file: FileId(0), start, end }, text: text.into() };
        let check = |patches: &[Patch], expected: (usize, &str)| {
            let (count, text) = patched("one two three", patches.iter().collect());
            assert_eq!((count, text.as_str()), expected);
        };
        check(&[], (0, "one two three"));
        check(&[patch(8, 13, "3"), patch(0, 3, "1")], (2, "1 two 3"));
        check(&[patch(4, 7, "2"), patch(4, 7, "2")], (1, "one 2 three"));
        check(&[patch(4, 7, "2"), patch(5, 9, "x")], (1, "one 2 three"));
        check(&[patch(3, 3, ",")], (1, "one, two three"));
        check(&[patch(8, 99, "x")], (0, "one two three"));
    }
}
