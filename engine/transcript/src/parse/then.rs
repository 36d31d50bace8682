//! The facts of `then`.
//!
//! Never: looks at what happened.

use diagnostic::{Diagnostic, Rule, Severity};

use crate::{
    parse::{
        parts,
        token::{Kind, Token, pieces},
        words::{Malformed, Words},
    },
    script::{Aspect, Claim, Fact, Which},
};

/// A fact that `then` does not know.
pub(crate) static THEN: Rule = Rule {
    code: "C04",
    severity: Severity::Error,
    title: "a fact in `then` is unknown or malformed",
    page: "The facts are `stored N messages`, `message <?id> from|to|in|body|header …`, `log [never] contains \"…\"`, \
           `conversation [never] contains \"…\"`, `asked NAME N times` and `asked nothing`.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*>\nthen {\n    stored nothing\n}\n",
    refused: "transcript \"a\" for smtp\nS: 220 <*>\nthen {\n    stored some\n}\n",
};

const FACTS: [&str; 5] = ["stored", "message", "log", "conversation", "asked"];

/// Reads one fact.
pub(crate) fn fact(tokens: &[Token], bound: &[String], found: &mut Vec<Diagnostic>) -> Option<Claim> {
    let mut words = Words::new(tokens, &THEN, found);
    let span = words.span;
    let word = words.word("a fact").ok()?;
    let fact = match word {
        "stored" => stored(&mut words),
        "message" => message(&mut words, bound),
        "log" => contains(&mut words).map(|(text, occurs)| Fact::Log { text, occurs }),
        "conversation" => contains(&mut words).map(|(text, occurs)| Fact::Conversation { text, occurs }),
        "asked" => asked(&mut words),
        other => {
            let nearest = diagnostic::nearest(other, FACTS);
            let help = nearest.map_or_else(|| format!("facts are {}", FACTS.join(", ")), |n| format!("say `{n}`"));
            Err(words.refuse(tokens[0].span, format!("`{other}` is no fact"), &help))
        }
    };
    let fact = fact.ok()?;
    words.end().ok()?;
    Some(Claim { span, fact })
}

fn stored(words: &mut Words<'_>) -> Result<Fact, Malformed> {
    if words.word_is("nothing") {
        return Ok(Fact::Stored(0));
    }
    let number = words.parsed("a number, or `nothing`,")?;
    if words.word_is("message") || words.word_is("messages") {
        return Ok(Fact::Stored(number));
    }
    Err(words.wanted("`messages`"))
}

fn message(words: &mut Words<'_>, bound: &[String]) -> Result<Fact, Malformed> {
    let place = words.here();
    let word = words.word("`<?id>` or a number")?;
    let which = match word.strip_prefix("<?").and_then(|word| word.strip_suffix('>')) {
        Some(name) => {
            parts::bound(name, place, bound, words.found);
            Which::Bound(name.into())
        }
        None => match word.parse() {
            Ok(number) if number > 0 => Which::Number(number),
            _ => {
                return Err(words.refuse(
                    place,
                    format!("`{word}` names no message"),
                    "write `<?id>` or a number from 1",
                ));
            }
        },
    };
    let aspect = if words.word_is("from") {
        Aspect::From(address(words)?)
    } else if words.word_is("to") {
        let mut all = vec![address(words)?];
        while words.peek().is_some() {
            words.bracket_is(',');
            all.push(address(words)?);
        }
        Aspect::To(all)
    } else if words.word_is("in") {
        Aspect::In(words.word("the name of a sink")?.into())
    } else if words.word_is("body") {
        let place = words.span;
        Aspect::Body(pieces(words.rest(), place, words.found))
    } else if words.word_is("header") {
        let name = words.quoted("the field's name in quotes")?;
        let place = words.here();
        let text = words.quoted("what its value looks like, in quotes,")?;
        Aspect::Header(name, parts::pattern(&text, place, &mut bound.to_vec(), words.found))
    } else {
        return Err(words.wanted("`from`, `to`, `in`, `body` or `header`"));
    };
    Ok(Fact::Message(which, aspect))
}

/// An address with or without its brackets; `<>` is the empty one.
fn address(words: &mut Words<'_>) -> Result<String, Malformed> {
    if let Some(Token { kind: Kind::Quoted(_), .. }) = words.peek() {
        return words.quoted("an address");
    }
    let word = words.word("an address")?;
    Ok(word.strip_prefix('<').and_then(|word| word.strip_suffix('>')).unwrap_or(word).to_owned())
}

fn contains(words: &mut Words<'_>) -> Result<(String, bool), Malformed> {
    let occurs = !words.word_is("never");
    if !words.word_is("contains") {
        return Err(words.wanted(if occurs { "`contains` or `never contains`" } else { "`contains`" }));
    }
    Ok((words.quoted("a text in quotes")?, occurs))
}

fn asked(words: &mut Words<'_>) -> Result<Fact, Malformed> {
    let name = words.word("a name, or `nothing`,")?;
    if name == "nothing" {
        return Ok(Fact::AskedNothing);
    }
    let times = words.parsed("a number")?;
    if words.word_is("time") || words.word_is("times") {
        return Ok(Fact::Asked(name.into(), times));
    }
    Err(words.wanted("`times`"))
}
