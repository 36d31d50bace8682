//! How wide a text is, without a font: as in the widest of the usual ones, so that no other one goes over its bounds.
//!
//! Never: depends on what is installed.

/// The width of a text in a sans serif of that size.
pub(crate) fn prose(text: &str, size: f64) -> f64 {
    text.chars().map(thousandths).sum::<f64>() * size / 1000.0
}

/// The width of a text in a fixed pitch of that size.
pub(crate) fn code(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * 0.602 * size
}

fn thousandths(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' => 278.0,
        ' ' | ',' | '.' | '\'' | '|' => 318.0,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | ':' | ';' | '-' | '/' | 'I' | 'J' => 400.0,
        's' | 'z' | 'c' => 540.0,
        'm' | 'w' | 'M' | 'W' | '@' => 960.0,
        'A'..='Z' => 720.0,
        'a'..='z' | '0'..='9' => 630.0,
        _ => 700.0,
    }
}

/// A text in lines no wider than `most`, broken at blanks.
pub(crate) fn wrapped(text: &str, most: f64, width: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line) + width(" ") + width(word) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
