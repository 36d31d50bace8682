//! The attributes of a request: lines of a name, a separator and a value.
//!
//! Never: takes a line without the separator, or a declared value of the wrong form. Of an attribute that is given twice
//! the first counts; what is not declared is passed over.

use program::{Attributes, Program, Value};

use super::decode_into;
use crate::{framing::block_lines, pool::Pool};

/// The values of the declared attributes, in their order; nothing for one that is not there or has an empty value.
/// Nothing at all, if the block is ill-formed.
pub(crate) fn attributes(
    program: &Program,
    request: &Attributes,
    block: &[u8],
    pool: &Pool,
) -> Option<Vec<Option<Value>>> {
    let mut values: Vec<Option<Value>> = vec![None; request.known.len()];
    let mut seen = vec![false; request.known.len()];
    for line in block_lines(block) {
        let (name, value) = parted(request, line)?;
        let Some(place) = position(program, request, name) else { continue };
        if std::mem::replace(&mut seen[place], true) || value.is_empty() {
            continue;
        }
        let known = &request.known[place];
        if known.most.is_some_and(|most| value.len() > most) {
            return None;
        }
        let lexeme = program.lexemes.get(usize::from(known.lexeme.0))?;
        values[place] = Some(decode_into(program, &lexeme.ty, std::str::from_utf8(value).ok()?, pool)?);
    }
    Some(values)
}

/// Whether a line must not be shown; then the name and the separator, as far as they may be shown. Where some attribute is
/// a secret, a line that cannot be read, or names what is not declared, may be meant for it.
pub(crate) fn hidden<'l>(program: &Program, request: &Attributes, line: &'l [u8]) -> Option<&'l [u8]> {
    if !request.known.iter().any(|known| known.secret) {
        return None;
    }
    let Some((name, _)) = parted(request, line) else { return Some(b"") };
    let Some(place) = position(program, request, name) else { return Some(b"") };
    let bare = request.separator.trim_end_matches(' ');
    let behind = &line[name.len() + bare.len()..];
    let blanks = if bare.len() < request.separator.len() { behind.len() - behind.trim_ascii_start().len() } else { 0 };
    request.known[place].secret.then(|| &line[..name.len() + bare.len() + blanks])
}

/// Name and value.
fn parted<'l>(request: &Attributes, line: &'l [u8]) -> Option<(&'l [u8], &'l [u8])> {
    let bare = request.separator.trim_end_matches(' ');
    let at = memchr::memmem::find(line, bare.as_bytes())?;
    let (name, value) = (&line[..at], &line[at + bare.len()..]);
    let loose = bare.len() < request.separator.len();
    Some((name, if loose { value.trim_ascii() } else { value }))
}

fn position(program: &Program, request: &Attributes, name: &[u8]) -> Option<usize> {
    request.known.iter().position(|known| {
        let its = known.name.as_bytes();
        if program.wire.exact_case { its == name } else { its.eq_ignore_ascii_case(name) }
    })
}
