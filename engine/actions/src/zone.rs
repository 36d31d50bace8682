//! A zone of a DNS list as operators write it: its name, and which of its answers count.
//!
//! `zen.example.org` · `zen.example.org=127.0.0.2` · `zen.example.org=127.0.0.[2..4;9],127.0.1.2`
//!
//! Never: asks.

use std::{ops::RangeInclusive, sync::Arc};

/// A zone with its filter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    /// Its name, without a final dot.
    pub(crate) name: Arc<str>,
    /// The answers that count; none: all of them.
    codes: Vec<Code>,
}

/// For each octet of an answer, the runs that it may lie in.
type Code = [Vec<RangeInclusive<u8>>; 4];

impl Zone {
    /// Reads a zone.
    ///
    /// # Errors
    /// What the filter is not.
    pub(crate) fn parse(text: &str) -> Result<Zone, String> {
        let (name, codes) = match text.split_once('=') {
            None => (text, Vec::new()),
            Some((name, codes)) => {
                let codes: Option<Vec<Code>> = codes.split(',').map(|code| read(code.trim())).collect();
                let wants = "such as 127.0.0.2, 127.0.0.[2..4] or 127.0.0.[2;4..6]";
                (name, codes.ok_or_else(|| format!("`{text}` names no answers: it takes addresses {wants}"))?)
            }
        };
        Ok(Zone { name: name.trim().trim_end_matches('.').into(), codes })
    }

    /// Whether an answer counts.
    pub(crate) fn counts(&self, answer: [u8; 4]) -> bool {
        let fits =
            |code: &Code| code.iter().zip(answer).all(|(runs, octet)| runs.iter().any(|run| run.contains(&octet)));
        self.codes.is_empty() || self.codes.iter().any(fits)
    }
}

/// Four parts with dots between; a part is a number, or runs in brackets.
fn read(code: &str) -> Option<Code> {
    let mut rest = code;
    let mut parts: Code = Default::default();
    for (place, part) in parts.iter_mut().enumerate() {
        if place > 0 {
            rest = rest.strip_prefix('.')?;
        }
        let runs;
        (runs, rest) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']')?,
            None => rest.split_at(rest.find('.').unwrap_or(rest.len())),
        };
        *part = runs.split(';').map(run).collect::<Option<_>>()?;
    }
    rest.is_empty().then_some(parts)
}

fn run(text: &str) -> Option<RangeInclusive<u8>> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last) = (octet(first)?, octet(last)?);
    (first <= last).then_some(first..=last)
}

fn octet(text: &str) -> Option<u8> {
    text.parse().ok().filter(|_| text.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, counted: &[[u8; 4]], passed_over: &[[u8; 4]]) {
        let zone = Zone::parse(text).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(&*zone.name, "a.example");
        assert!(counted.iter().all(|answer| zone.counts(*answer)), "{text}");
        assert!(!passed_over.iter().any(|answer| zone.counts(*answer)), "{text}");
    }

    #[test]
    fn only_the_answers_that_are_named_count() {
        check("a.example.", &[[127, 0, 0, 2], [127, 9, 9, 9]], &[]);
        check("a.example=127.0.0.2", &[[127, 0, 0, 2]], &[[127, 0, 0, 3], [127, 0, 1, 2]]);
        check("a.example=127.0.0.[2..4]", &[[127, 0, 0, 2], [127, 0, 0, 4]], &[[127, 0, 0, 1], [127, 0, 0, 5]]);
        check("a.example=127.0.[0;2].[2;4..6]", &[[127, 0, 2, 2], [127, 0, 0, 5]], &[[127, 0, 1, 2], [127, 0, 0, 3]]);
        check("a.example = 127.0.0.2, 127.0.0.10", &[[127, 0, 0, 2], [127, 0, 0, 10]], &[[127, 0, 0, 1]]);
    }

    #[test]
    fn a_filter_that_is_none_is_refused() {
        for codes in [
            "",
            "127.0.0",
            "127.0.0.2.1",
            "127.0.0.256",
            "127.0.0.[2",
            "127.0.0.[4..2]",
            "127.0.0.[]",
            "x",
            "+1.0.0.1",
            "127.0.0.2,",
        ] {
            assert!(Zone::parse(&format!("a.example={codes}")).is_err(), "{codes}");
        }
    }
}
