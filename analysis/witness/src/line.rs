//! Lines that fit a template, likely ones first.
//!
//! Never: looks at what a line means; whether it is taken shows when it is played.

use std::collections::BTreeSet;

use program::{Expr, Handler, Op, Payload, Program, TemplatePart, Type, Unless, Value, Writing};

use crate::request;

/// The most lines of one template that are tried.
const MOST: usize = 80;

/// A hole that is left out, or filled.
type Filling<'a> = dyn Fn(u8) -> Option<String> + 'a;

/// What is asked for an optional part without holes: whether it is there.
const NO_HOLE: u8 = u8::MAX;

/// A line, and what fills its holes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) holes: Vec<Option<String>>,
}

/// Lines for a handler.
pub(crate) fn lines(program: &Program, handler: &Handler) -> Vec<Line> {
    if handler.parts.contains(&TemplatePart::Request) {
        let plain = |text: String| Line { text, holes: Vec::new() };
        return request::requests(program, handler.guard.as_ref()).into_iter().map(plain).collect();
    }
    let words = words(program);
    let samples: Vec<Vec<String>> =
        handler.captures.iter().map(|capture| samples(program, &capture.ty, &words)).collect();
    let optional = optional(&handler.parts, false);
    let any =
        |hole: u8| if hole == NO_HOLE { Some(String::new()) } else { samples[usize::from(hole)].first().cloned() };
    // Blanks that may be there are rarely what it hangs on: they are tried last.
    let blank: Vec<u8> = optional
        .iter()
        .copied()
        .filter(|hole| samples[usize::from(*hole)].iter().all(|sample| sample.trim().is_empty()))
        .collect();
    let first = |hole: u8| if blank.contains(&hole) { None } else { any(hole) };
    let sparse = |hole: u8| if optional.contains(&hole) || hole == NO_HOLE { None } else { first(hole) };
    let holes = handler.captures.len() as u8;
    let (tag, counted) = (tag(program), counted(handler));
    let line = |fill: &Filling<'_>| Line {
        text: format!("{tag}{}{counted}", text(&handler.parts, fill)),
        holes: (0..holes).map(fill).collect(),
    };
    let mut found = vec![line(&sparse), line(&first)];
    for hole in optional.iter().filter(|hole| !blank.contains(hole)) {
        found.push(line(&|other| if other == *hole { first(other) } else { sparse(other) }));
    }
    // One hole at a time, first with nothing optional beside it, then with all of it; no hole before the others.
    let most = samples.iter().map(Vec::len).max().unwrap_or(0);
    for (place, hole) in (1..most).flat_map(|place| (0..holes).map(move |hole| (place, hole))) {
        let Some(sample) = samples[usize::from(hole)].get(place) else { continue };
        found.push(line(&|other| if other == hole { Some(sample.clone()) } else { sparse(other) }));
        found.push(line(&|other| if other == hole { Some(sample.clone()) } else { first(other) }));
    }
    for hole in &blank {
        found.push(line(&|other| if other == *hole { any(other) } else { sparse(other) }));
    }
    let mut seen = BTreeSet::new();
    found.retain(|line| seen.insert(line.clone()));
    found.truncate(MOST);
    found
}

/// Texts of a lexeme, for a prompt.
pub(crate) fn answers(program: &Program, lexeme: program::LexemeId) -> Vec<String> {
    let Some(lexeme) = program.lexemes.get(usize::from(lexeme.0)) else { return Vec::new() };
    let mut found = samples(program, &lexeme.ty, &words(program));
    found.push(lexeme.sample.to_string());
    found
}

/// A line whose verb is known, and whose arguments fit nothing.
pub(crate) fn misfits(program: &Program, handler: &Handler) -> Vec<String> {
    let literal = match handler.parts.first() {
        Some(TemplatePart::Literal(text)) => text.to_string(),
        Some(TemplatePart::Request) => return request::misfits(program),
        _ => return Vec::new(),
    };
    let bare = format!("{}{}", tag(program), literal.trim_end());
    vec![bare.clone(), format!("{bare} <"), format!("{bare} \u{1}"), format!("{bare}<<<")]
}

/// The word that stands before every command, and a blank.
pub(crate) fn tag(program: &Program) -> String {
    let lexeme = program.wire.tag.as_ref().and_then(|tag| program.lexemes.get(usize::from(tag.lexeme.0)));
    lexeme.map_or_else(String::new, |lexeme| format!("{} ", lexeme.sample))
}

/// What announces a payload that counts itself.
fn counted(handler: &Handler) -> &'static str {
    match &handler.payload {
        Some(Payload { count: None, .. }) => " {5+}",
        _ => "",
    }
}

fn text(parts: &[TemplatePart], fill: &Filling<'_>) -> String {
    let mut line = String::new();
    for part in parts {
        match part {
            TemplatePart::Literal(literal) => line.push_str(literal),
            TemplatePart::Request => {}
            TemplatePart::Hole(hole) => line.push_str(&fill(*hole).unwrap_or_default()),
            TemplatePart::Optional(inner) => {
                let holes = holes(inner);
                let wanted = holes.iter().any(|hole| fill(*hole).is_some());
                if wanted || (holes.is_empty() && fill(NO_HOLE).is_some()) {
                    line.push_str(&text(inner, fill));
                }
            }
        }
    }
    line
}

fn holes(parts: &[TemplatePart]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| match part {
            TemplatePart::Literal(_) | TemplatePart::Request => Vec::new(),
            TemplatePart::Hole(hole) => vec![*hole],
            TemplatePart::Optional(inner) => holes(inner),
        })
        .collect()
}

/// The holes that may be left out.
fn optional(parts: &[TemplatePart], within: bool) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| match part {
            TemplatePart::Hole(hole) if within => vec![*hole],
            TemplatePart::Optional(inner) => optional(inner, true),
            _ => Vec::new(),
        })
        .collect()
}

/// Texts that the protocol itself compares with: who sends one of them may go another way.
pub(crate) fn words(program: &Program) -> Vec<String> {
    let mut found = BTreeSet::new();
    let guards = program.handlers.iter().filter_map(|handler| handler.guard.as_ref());
    let conditions = program.code.iter().filter_map(Op::condition).chain(guards);
    let mut take =
        |value: &Value| found.extend(if let Value::Text(text) = value { Some(text.to_string()) } else { None });
    conditions.for_each(|condition| {
        condition.each(&mut |part| match part {
            Expr::Constant(Value::List(list)) => list.iter().for_each(&mut take),
            Expr::Constant(value) => take(value),
            _ => {}
        });
    });
    // How a promise says that a line may begin, behind its verb.
    let sites = program.promises.iter().flat_map(|promise| &promise.sites);
    for unless in sites.flat_map(|site| &site.unless) {
        if let Unless::Otherwise(beginning) = unless {
            found.extend(beginning.text.split(' ').skip(1).map(str::to_owned));
        }
    }
    found.into_iter().filter(|word| !word.is_empty() && word.len() < 64).collect()
}

/// These texts.
pub(crate) fn own(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// Texts of a type as a peer would send them.
pub(crate) fn samples(program: &Program, ty: &Type, words: &[String]) -> Vec<String> {
    let with = |list: &[&str]| own(list).into_iter().chain(words.iter().cloned()).collect::<Vec<String>>();
    match ty {
        Type::Optional(inner) => samples(program, inner, words),
        Type::Secret(inner) => match **inner {
            Type::Text | Type::Word => own(&["s3cret", "another", "a\tb"]),
            _ => samples(program, inner, words),
        },
        Type::Text => with(&["something", "some words", "a\tb"]),
        Type::Word => with(&["something", "ann", "a\tb"]),
        Type::Number { least, most } => {
            let near = [*least, 1, 2, 5, 0, *most];
            let fits = near.iter().filter(|number| least <= number && number <= &most);
            fits.map(ToString::to_string).collect()
        }
        Type::Size => own(&["5", "0", "1000", "99999999999999999"]),
        Type::Duration | Type::Time => own(&["1"]),
        Type::YesNo => own(&["yes", "no"]),
        Type::Ip => own(&["192.0.2.7", "2001:db8::7"]),
        Type::Network => own(&["192.0.2.0/24"]),
        Type::Domain => with(&["client.example.net", "example.com"]),
        Type::HeloName => own(&["client.example.net", "[192.0.2.1]"]),
        Type::ReversePath | Type::LenientReversePath => {
            own(&["<ann@example.net>", "<>", "<ann@example.com>", "<\u{e4}nn@example.net>"])
        }
        Type::ForwardPath | Type::LenientForwardPath => {
            let mut found =
                own(&["<bob@example.com>", "<eve@elsewhere.example>", "<b\u{f6}b@example.com>", "<bob+x@example.com>"]);
            found.extend(words.iter().map(|word| format!("<{word}>")));
            found.extend(words.iter().map(|word| format!("<{word}@example.com>")));
            found
        }
        // A login of ann with her password as one response (RFC 4616 section 2), a name, a password, nothing.
        Type::Base64 => own(&["AGFubgBzM2NyZXQ=", "YW5u", "czNjcmV0", "="]),
        Type::Lexical(id) => {
            let lexeme = program.lexemes.get(usize::from(id.0));
            let mut found: Vec<String> = lexeme.iter().map(|lexeme| lexeme.sample.to_string()).collect();
            // Where a blank stands words do not.
            if !lexeme.is_some_and(|lexeme| lexeme.sample.trim().is_empty()) {
                found.extend(words.iter().cloned());
                found.extend(own(&["something", "1"]));
            }
            found
        }
        Type::Params(id) => params(program, *id, words),
        Type::Written(Writing::Quoted | Writing::String) => own(&["\"something\"", "\"some words\""])
            .into_iter()
            .chain(words.iter().map(|word| format!("\"{word}\"")))
            .collect(),
        Type::Written(Writing::Atom) => with(&["something", "\"some words\""]),
        Type::List(inner) => samples(program, inner, words),
        Type::Written(Writing::Literal) | Type::Octets | Type::Sink | Type::Record(_) => Vec::new(),
    }
}

fn params(program: &Program, id: program::ParamsId, words: &[String]) -> Vec<String> {
    let Some(params) = program.params.get(usize::from(id.0)) else { return Vec::new() };
    let mut found = Vec::new();
    for keyword in &params.keywords {
        let lexeme = keyword.value.and_then(|value| program.lexemes.get(usize::from(value.0)));
        match lexeme {
            None => found.push(keyword.text.to_string()),
            Some(lexeme) => {
                let of_type = samples(program, &lexeme.ty, words);
                let all = of_type.iter().map(String::as_str).chain([&*lexeme.sample]);
                found.extend(all.take(24).map(|value| format!("{}={value}", keyword.text)));
            }
        }
    }
    let first = |keyword: &program::Keyword| {
        let lexeme = keyword.value.and_then(|value| program.lexemes.get(usize::from(value.0)));
        lexeme.map_or(keyword.text.to_string(), |lexeme| format!("{}={}", keyword.text, lexeme.sample))
    };
    let all: Vec<String> = params.keywords.iter().map(first).collect();
    found.push(all.join(" "));
    found.push("NOBODY=knows".to_owned());
    found
}
