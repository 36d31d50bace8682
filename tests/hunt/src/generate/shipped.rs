//! The files that the product ships, as they are and with small edits.
//!
//! Never: writes a file.

use std::{fs, path::PathBuf, sync::OnceLock};

use super::Source;
use crate::{chance::Chance, parts::parts};

/// A shipped file, edited once or twice or not at all; none where none can be read.
pub(super) fn shipped(seed: u64) -> Option<Source> {
    let mut chance = Chance::of(seed, "shipped");
    let texts = texts();
    let mut text = chance.some(texts)?.clone();
    for _ in 0..chance.below(3) {
        text = edited(&mut chance, &text, texts)?;
    }
    Some(Source { text, ..Source::default() })
}

/// The folder of the shipped files.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../protocols"))
}

fn texts() -> &'static [String] {
    static TEXTS: OnceLock<Vec<String>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let examples = folder().join("../docs/examples");
        let mut paths: Vec<PathBuf> = [folder(), examples]
            .iter()
            .flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten())
            .map(|entry| entry.path())
            .filter(|path| path.to_string_lossy().ends_with(".proto.dsl"))
            .collect();
        paths.sort();
        paths.iter().filter_map(|path| fs::read_to_string(path).ok()).collect()
    })
}

/// A part is left out, put somewhere else, or changed for another one.
fn edited(chance: &mut Chance, text: &str, texts: &[String]) -> Option<String> {
    let small = |part: &(usize, usize)| part.1 - part.0 < 300;
    let own: Vec<(usize, usize)> = parts(text).into_iter().filter(small).collect();
    let (start, end) = *chance.some(&own)?;
    let mut text = text.to_owned();
    match chance.below(4) {
        0 => text.replace_range(start..end, " "),
        1 => {
            let copy = text[start..end].to_owned();
            text.insert_str(end, &format!(" {copy} "));
        }
        2 => {
            let (from, to) = *chance.some(&own)?;
            let copy = text[from..to].to_owned();
            text.replace_range(start..end, &copy);
        }
        _ => {
            let other = chance.some(texts)?;
            let theirs: Vec<(usize, usize)> = parts(other).into_iter().filter(small).collect();
            let (from, to) = *chance.some(&theirs)?;
            text.replace_range(start..end, &other[from..to]);
        }
    }
    Some(text)
}
