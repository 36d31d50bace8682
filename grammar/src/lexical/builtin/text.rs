//! Texts and characters.
//!
//! Never: lets a control character in, be it of ASCII or of U+0080 to U+009F; a tab in `text` is the one exception.

use program::PLACEHOLDER;

use crate::lexical::regular::{Regular, any_number, choice, exactly, maybe, octet, one_of, sequence, some, times};

/// UTF-8 without control characters, a tab excepted.
pub(super) fn text() -> Regular {
    any_number(choice([octet(&[(b'\t', b'\t'), (b' ', b'~')]), non_ascii()]))
}

/// At least one character, no blank among them.
pub(super) fn word() -> Regular {
    some(choice([octet(&[(b'!', b'~')]), non_ascii()]))
}

/// Between double quotes: text, in which a quote or a backslash stands behind a backslash.
pub(super) fn quoted() -> Regular {
    let plain = octet(&[(b'\t', b'\t'), (b' ', b'!'), (b'#', b'['), (b']', b'~')]);
    let escaped = sequence([exactly("\\"), one_of("\"\\")]);
    sequence([exactly("\""), any_number(choice([plain, escaped, non_ascii()])), exactly("\"")])
}

/// What stands in a line for counted octets.
pub(super) fn counted() -> Regular {
    octet(&[(PLACEHOLDER, PLACEHOLDER)])
}

/// At least one character that neither parts words nor begins something else.
pub(super) fn atom() -> Regular {
    let plain = octet(&[(b'!', b'!'), (b'#', b'\''), (b'*', b'['), (b']', b'z'), (b'|', b'~')]);
    some(choice([plain, non_ascii()]))
}

/// `ALPHA / DIGIT`
pub(super) fn letter_or_digit() -> Regular {
    octet(&[(b'A', b'Z'), (b'a', b'z'), (b'0', b'9')])
}

/// One character beyond ASCII in UTF-8 (RFC 3629 §4) that is no control character.
pub(super) fn non_ascii() -> Regular {
    let tail = || octet(&[(0x80, 0xbf)]);
    choice([
        sequence([octet(&[(0xc2, 0xc2)]), octet(&[(0xa0, 0xbf)])]),
        sequence([octet(&[(0xc3, 0xdf)]), tail()]),
        sequence([octet(&[(0xe0, 0xe0)]), octet(&[(0xa0, 0xbf)]), tail()]),
        sequence([octet(&[(0xe1, 0xec), (0xee, 0xef)]), tail(), tail()]),
        sequence([octet(&[(0xed, 0xed)]), octet(&[(0x80, 0x9f)]), tail()]),
        sequence([octet(&[(0xf0, 0xf0)]), octet(&[(0x90, 0xbf)]), tail(), tail()]),
        sequence([octet(&[(0xf1, 0xf3)]), tail(), tail(), tail()]),
        sequence([octet(&[(0xf4, 0xf4)]), octet(&[(0x80, 0x8f)]), tail(), tail()]),
    ])
}

/// Groups of four characters; the last may be short. Bits that no octet uses are zero (RFC 4648 §3.5).
pub(super) fn base64() -> Regular {
    let any = || octet(&[(b'A', b'Z'), (b'a', b'z'), (b'0', b'9'), (b'+', b'+'), (b'/', b'/')]);
    let one_octet = sequence([any(), one_of("AQgw"), maybe(exactly("=="))]);
    let two_octets = sequence([any(), any(), one_of("AEIMQUYcgkosw048"), maybe(exactly("="))]);
    choice([exactly("="), sequence([any_number(times(4, 4, any())), maybe(choice([one_octet, two_octets]))])])
}
