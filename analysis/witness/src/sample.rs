//! Texts that a peer may send, by their type, and those that a protocol asks for.
//!
//! Never: knows where one is sent.

use std::collections::BTreeSet;

use program::{Expr, Op, Program, Type, Unless, Value, Writing};

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
