//! Languages of ABNF types and their overlap, against brute force over all strings up to six octets.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::sync::Arc;

use diagnostic::Span;
use grammar::{
    lexical::{Form, Language, LexicalError, Part, overlap},
    tree::{Abnf, Name},
};

/// What generated types are made of: two letters in both cases.
const ALPHABET: &[u8] = b"aAbB";

/// The length of the strings of the brute force.
const LONGEST: usize = 6;

/// A generator of numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn abnf(&mut self, depth: u32) -> Abnf {
        let span = Span::default();
        match self.below(if depth == 0 { 4 } else { 12 }) {
            0 => text(["a", "b", "ab", "ba", "aA", ""][self.below(6) as usize], false),
            1 => text(["A", "a", "b", "bA", "aab"][self.below(5) as usize], true),
            2 => Abnf::Range(0x61, 0x61 + self.below(2) as u32, span),
            3 => Abnf::Values(
                [vec![0x41], vec![0x62, 0x61], vec![0x61, 0x61, 0x62]][self.below(3) as usize].clone(),
                span,
            ),
            4 | 5 => Abnf::Alternation((0..=self.below(3)).map(|_| self.abnf(depth - 1)).collect()),
            6 | 7 => Abnf::Concatenation((0..=self.below(2)).map(|_| self.abnf(depth - 1)).collect()),
            _ => {
                let least = self.below(3) as u32;
                let most = (self.below(2) == 0).then(|| least + self.below(3) as u32);
                Abnf::Repetition(least, most, Box::new(self.abnf(depth - 1)))
            }
        }
    }
}

fn text(text: &str, exact: bool) -> Abnf {
    Abnf::Text { text: text.into(), exact, span: Span::default() }
}

fn rule(name: &str) -> Abnf {
    Abnf::Rule(Name { text: name.into(), span: Span::default() })
}

/// Where a match of the rule may end that begins at any of these places: the meaning of ABNF, without any automaton.
/// Bit *n* is the place before octet *n*.
fn ends(abnf: &Abnf, octets: &[u8], from: u64) -> u64 {
    let after = |length: usize, fits: &dyn Fn(&[u8]) -> bool| {
        let places = (0..=octets.len().saturating_sub(length)).filter(|place| from >> place & 1 == 1);
        let places = places.filter(|&place| octets.get(place..place + length).is_some_and(fits));
        places.fold(0, |ends, place| ends | 1 << (place + length))
    };
    match abnf {
        Abnf::Alternation(parts) => parts.iter().fold(0, |all, part| all | ends(part, octets, from)),
        Abnf::Concatenation(parts) => parts.iter().fold(from, |from, part| ends(part, octets, from)),
        Abnf::Repetition(least, most, part) => {
            let (mut here, mut found) = (from, 0);
            for round in 0..=most.unwrap_or(*least + octets.len() as u32) {
                found |= if round >= *least { here } else { 0 };
                here = ends(part, octets, here);
            }
            found
        }
        Abnf::Text { text, exact: true, .. } => after(text.len(), &|there| there == text.as_bytes()),
        Abnf::Text { text, exact: false, .. } => {
            after(text.len(), &|there| there.eq_ignore_ascii_case(text.as_bytes()))
        }
        Abnf::Range(least, most, _) => after(1, &|there| (*least..=*most).contains(&u32::from(there[0]))),
        Abnf::Values(values, _) => {
            after(values.len(), &|there| there.iter().map(|&octet| u32::from(octet)).eq(values.iter().copied()))
        }
        Abnf::Rule(name) => panic!("`{}` is not generated", name.text),
    }
}

/// Whether the whole text is of the rule; texts of the generated rules are shorter than 64 octets.
fn has(abnf: &Abnf, octets: &[u8]) -> bool {
    ends(abnf, octets, 1) >> octets.len() & 1 == 1
}

/// All strings of the alphabet up to the longest, shorter ones first.
fn strings() -> Vec<Vec<u8>> {
    let mut strings = vec![Vec::new()];
    let mut next = 0;
    while strings[next].len() < LONGEST {
        let longer = ALPHABET.iter().map(|&octet| [strings[next].as_slice(), &[octet]].concat());
        let longer: Vec<_> = longer.collect();
        strings.extend(longer);
        next += 1;
    }
    strings
}

fn language(abnf: &Abnf) -> Result<Language, LexicalError> {
    Language::of_abnf(abnf, &mut |_| None)
}

#[test]
fn a_hundred_pairs_of_types_overlap_as_brute_force_says() {
    let strings = strings();
    let mut chance = Chance(2);
    let (mut overlapping, mut disjoint) = (0, 0);
    for pair in 0..100 {
        let [a, b] = [(); 2].map(|()| chance.abnf(3));
        let [first, second] = [&a, &b].map(|abnf| language(abnf).unwrap());
        for string in &strings {
            assert_eq!(first.accepts(string), has(&a, string), "pair {pair}: {string:?} and {a:?}");
        }
        let brute = strings.iter().find(|string| has(&a, string) && has(&b, string));
        let form = |language| Form { parts: vec![Part::Hole(language)], exact_case: false };
        let found = overlap(&form(first), &form(second)).unwrap();
        match &found {
            Some(line) => assert!(has(&a, line) && has(&b, line), "pair {pair}: {line:?} fits not both"),
            None => disjoint += 1,
        }
        let short = found.filter(|line| line.len() <= LONGEST);
        assert_eq!(short.as_ref().map(Vec::len), brute.map(Vec::len), "pair {pair}: {a:?} and {b:?}");
        overlapping += usize::from(short.is_some());
    }
    assert!(overlapping >= 20 && disjoint >= 20, "{overlapping} overlap, {disjoint} do not");
}

#[test]
fn equal_languages_are_equal_values() {
    let strings = strings();
    let mut chance = Chance(7);
    let languages: Vec<Language> = (0..60).map(|_| language(&chance.abnf(2)).unwrap()).collect();
    for (n, a) in languages.iter().enumerate() {
        for b in &languages[n + 1..] {
            let differ = strings.iter().any(|string| a.accepts(string) != b.accepts(string));
            assert!(!(a == b && differ), "{a:?} and {b:?}");
            if !differ && a.states().max(b.states()) < LONGEST / 2 {
                assert_eq!(a, b);
            }
        }
    }
}

#[test]
fn core_rules_and_declared_types_can_be_used() {
    let check = |abnf: Abnf, accepted: &[&[u8]], refused: &[&[u8]]| {
        let mut resolve = |name: &Name| (&*name.text == "two-bits").then(|| language(&text("01", true)).unwrap());
        let language = Language::of_abnf(&abnf, &mut resolve).unwrap();
        accepted.iter().for_each(|text| assert!(language.accepts(text), "{abnf:?} and {text:?}"));
        refused.iter().for_each(|text| assert!(!language.accepts(text), "{abnf:?} and {text:?}"));
    };
    check(rule("ALPHA"), &[b"a", b"Z"], &[b"1", b"", b"ab"]);
    check(rule("hexdig"), &[b"f", b"A", b"9"], &[b"g"]);
    check(rule("CRLF"), &[b"\r\n"], &[b"\r", b"\n"]);
    check(rule("LWSP"), &[b"", b" \t", b"\r\n "], &[b"\r\n"]);
    check(rule("OCTET"), &[b"\xff", b"\0"], &[b""]);
    check(rule("CTL"), &[b"\x7f", b"\x1f"], &[b" "]);
    check(rule("CHAR"), &[b"\x01"], &[b"\0", b"\x80"]);
    check(rule("two-bits"), &[b"01"], &[b"0"]);
    let tag =
        Abnf::Repetition(1, Some(32), Box::new(Abnf::Alternation(vec![rule("ALPHA"), rule("DIGIT"), text(".", true)])));
    check(tag, &[b"a.1", &[b'x'; 32]], &[b"", &[b'x'; 33]]);
}

#[test]
fn what_is_no_regular_octet_language_is_refused() {
    let span = Span::default();
    let check = |abnf: Abnf, expected: LexicalError| assert_eq!(language(&abnf).unwrap_err(), expected);
    check(rule("nothing"), LexicalError::UnknownRule { name: Arc::from("nothing"), span });
    check(Abnf::Range(0x41, 0x100, span), LexicalError::NotAnOctet { value: 0x100, span });
    check(Abnf::Values(vec![0x2028], span), LexicalError::NotAnOctet { value: 0x2028, span });
    check(Abnf::Range(0x42, 0x41, span), LexicalError::Backwards { span: Some(span) });
    check(Abnf::Repetition(2, Some(1), Box::new(rule("BIT"))), LexicalError::Backwards { span: None });
}

#[test]
fn a_language_that_is_too_large_is_refused_before_it_eats_memory() {
    let times = |least, most, part| Abnf::Repetition(least, most, Box::new(part));
    let check = |abnf: Abnf| assert_eq!(language(&abnf).unwrap_err(), LexicalError::TooLarge);
    check(times(1, Some(30_000), rule("ALPHA")));
    check(times(u32::MAX, None, rule("ALPHA")));
    check(times(1000, Some(1000), times(1000, Some(1000), times(1000, Some(1000), rule("BIT")))));
    let far_back =
        |n| Abnf::Concatenation(vec![times(0, None, rule("BIT")), text("1", true), times(n, Some(n), rule("BIT"))]);
    check(far_back(40));
    assert_eq!(language(&far_back(5)).unwrap().states(), 64);
    assert!(language(&times(1, Some(12_288), rule("ALPHA"))).is_ok());
    assert_eq!(language(&times(u32::MAX, None, text("", true))).unwrap().shortest(), Some(Vec::new()));
}
