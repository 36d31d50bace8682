//! ABNF (RFC 5234, RFC 7405) as a language.
//!
//! A value is an octet. Rules that call each other in a circle never get here: whoever resolves a rule refuses it.
//!
//! Never: parses; the tree is already there.

use std::sync::Arc;

use super::{
    LexicalError,
    language::Language,
    regular::{Regular, any_number, choice, exactly, folded, octet, sequence},
};
use crate::tree::{Abnf, Name};

impl Language {
    /// The language of an ABNF rule. `resolve` gives declared types; what it does not know may be a core rule of
    /// RFC 5234 §B.1, whose names are matched without regard to case.
    ///
    /// # Errors
    /// [`LexicalError::TooLarge`], a value that is no octet, a range that runs backwards, an unknown rule.
    pub fn of_abnf(abnf: &Abnf, resolve: &mut dyn FnMut(&Name) -> Option<Language>) -> Result<Language, LexicalError> {
        expression(abnf, resolve)?.language()
    }
}

fn expression(abnf: &Abnf, resolve: &mut dyn FnMut(&Name) -> Option<Language>) -> Result<Regular, LexicalError> {
    match abnf {
        Abnf::Alternation(parts) => Ok(Regular::Choice(expressions(parts, resolve)?)),
        Abnf::Concatenation(parts) => Ok(Regular::Sequence(expressions(parts, resolve)?)),
        Abnf::Repetition(least, Some(most), _) if least > most => Err(LexicalError::Backwards { span: None }),
        Abnf::Repetition(least, most, part) => Ok(Regular::Repeat(Box::new(expression(part, resolve)?), *least, *most)),
        Abnf::Text { text, exact: true, .. } => Ok(exactly(text)),
        Abnf::Text { text, exact: false, .. } => Ok(folded(text)),
        Abnf::Range(least, most, span) => {
            if least > most {
                return Err(LexicalError::Backwards { span: Some(*span) });
            }
            Ok(octet(&[(an_octet(*least, *span)?, an_octet(*most, *span)?)]))
        }
        Abnf::Values(values, span) => {
            let octets = values.iter().map(|&value| an_octet(value, *span).map(|value| octet(&[(value, value)])));
            Ok(Regular::Sequence(octets.collect::<Result<_, _>>()?))
        }
        Abnf::Rule(name) => match resolve(name) {
            Some(language) => Ok(Regular::Of(language)),
            None => core_rule(&name.text)
                .ok_or_else(|| LexicalError::UnknownRule { name: Arc::clone(&name.text), span: name.span }),
        },
    }
}

fn expressions(
    parts: &[Abnf],
    resolve: &mut dyn FnMut(&Name) -> Option<Language>,
) -> Result<Vec<Regular>, LexicalError> {
    parts.iter().map(|part| expression(part, resolve)).collect()
}

fn an_octet(value: u32, span: diagnostic::Span) -> Result<u8, LexicalError> {
    u8::try_from(value).map_err(|_| LexicalError::NotAnOctet { value, span })
}

/// A core rule (RFC 5234 §B.1).
fn core_rule(name: &str) -> Option<Regular> {
    let blank = || octet(&[(b'\t', b'\t'), (b' ', b' ')]);
    Some(match name.to_ascii_uppercase().as_str() {
        "ALPHA" => octet(&[(b'A', b'Z'), (b'a', b'z')]),
        "BIT" => octet(&[(b'0', b'1')]),
        "CHAR" => octet(&[(0x01, 0x7f)]),
        "CR" => exactly("\r"),
        "CRLF" => exactly("\r\n"),
        "CTL" => octet(&[(0x00, 0x1f), (0x7f, 0x7f)]),
        "DIGIT" => octet(&[(b'0', b'9')]),
        "DQUOTE" => exactly("\""),
        "HEXDIG" => octet(&[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]),
        "HTAB" => exactly("\t"),
        "LF" => exactly("\n"),
        "LWSP" => any_number(choice([blank(), sequence([exactly("\r\n"), blank()])])),
        "OCTET" => octet(&[(0x00, 0xff)]),
        "SP" => exactly(" "),
        "VCHAR" => octet(&[(0x21, 0x7e)]),
        "WSP" => blank(),
        _ => return None,
    })
}
