//! Names, paths and parameters of RFC 5321 §4.1.2 and §4.1.3, with the UTF-8 of RFC 6531 §3.3.
//!
//! Never: bounds a length; lengths are counted beside the automaton.

use super::{
    address::{ipv4, ipv6},
    difference,
    text::{letter_or_digit, non_ascii},
};
use crate::lexical::regular::{
    Regular, any_number, choice, exactly, folded, list, maybe, octet, one_of, sequence, some,
};

/// `Domain`: `sub-domain *("." sub-domain)`.
pub(super) fn domain() -> Regular {
    names(choice([letter_or_digit(), non_ascii()]))
}

/// A domain, in which the underscore that hosts in the field have in their names counts as a letter, or an address
/// literal.
pub(super) fn helo_name() -> Regular {
    choice([host_name(), address_literal()])
}

fn host_name() -> Regular {
    names(choice([letter_or_digit(), exactly("_"), non_ascii()]))
}

/// `Reverse-path`: `<>`, or a mailbox, perhaps behind a source route.
pub(super) fn reverse_path() -> Regular {
    choice([exactly("<>"), routed_mailbox(local_part(), domain())])
}

/// A reverse path as hosts in the field write it.
pub(super) fn lenient_reverse_path() -> Regular {
    choice([exactly("<>"), routed_mailbox(lenient_local_part(), host_name())])
}

/// A forward path as hosts in the field write it.
pub(super) fn lenient_forward_path() -> Regular {
    let alone = sequence([exactly("<"), lenient_local_part(), exactly(">")]);
    choice([alone, routed_mailbox(lenient_local_part(), host_name())])
}

/// `Forward-path`: a mailbox, perhaps behind a source route, or a local part alone.
pub(super) fn forward_path() -> Regular {
    choice([sequence([exactly("<"), local_part(), exactly(">")]), routed_mailbox(local_part(), domain())])
}

/// `Mail-parameters` (RFC 5321 §4.1.2): keyword parameters, more than one blank between them allowed.
pub(super) fn params() -> Regular {
    let keyword = sequence([letter_or_digit(), any_number(choice([letter_or_digit(), exactly("-")]))]);
    let value = some(choice([octet(&[(b'!', b'<'), (b'>', b'~')]), non_ascii()]));
    let param = || sequence([keyword.clone(), maybe(sequence([exactly("="), value.clone()]))]);
    sequence([param(), any_number(sequence([some(exactly(" ")), param()]))])
}

/// Labels with dots between them: a label has hyphens inside, at neither end.
fn names(letter: Regular) -> Regular {
    let label = sequence([letter.clone(), any_number(sequence([any_number(exactly("-")), letter]))]);
    list(label, ".")
}

/// `"<" [ A-d-l ":" ] Mailbox ">"`
fn routed_mailbox(local_part: Regular, domain_of_it: Regular) -> Regular {
    let route = sequence([list(sequence([exactly("@"), domain()]), ","), exactly(":")]);
    let host = choice([domain_of_it, address_literal()]);
    sequence([exactly("<"), maybe(route), local_part, exactly("@"), host, exactly(">")])
}

/// `Local-part`: `Dot-string / Quoted-string`.
fn local_part() -> Regular {
    choice([list(atom(), "."), quoted_string()])
}

/// The same, with dots one behind the other and at the end.
fn lenient_local_part() -> Regular {
    let dots = || some(exactly("."));
    let dotted = sequence([atom(), any_number(sequence([dots(), atom()])), maybe(dots())]);
    choice([dotted, quoted_string()])
}

fn atom() -> Regular {
    some(choice([letter_or_digit(), one_of("!#$%&'*+-/=?^_`{|}~"), non_ascii()]))
}

fn quoted_string() -> Regular {
    let plain = choice([octet(&[(b' ', b'!'), (b'#', b'['), (b']', b'~')]), non_ascii()]);
    let escaped = sequence([exactly("\\"), octet(&[(b' ', b'~')])]);
    sequence([exactly("\""), any_number(choice([plain, escaped])), exactly("\"")])
}

/// `address-literal`: an IPv4 address, an IPv6 address behind `IPv6:`, or the content of any other tag.
fn address_literal() -> Regular {
    let tag = some(sequence([any_number(exactly("-")), letter_or_digit()]));
    let content = some(octet(&[(b'!', b'Z'), (b'^', b'~')]));
    let general = sequence([tag, exactly(":"), content]);
    let tagged_ipv6 = sequence([folded("IPv6:"), any_number(octet(&[(0, u8::MAX)]))]);
    let other = Regular::Of(difference(&general, &tagged_ipv6));
    let inside = choice([ipv4(), sequence([folded("IPv6:"), ipv6()]), other]);
    sequence([exactly("["), inside, exactly("]")])
}
