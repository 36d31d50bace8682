//! Domains in the one form that is compared, stored and looked up: that of the DNS, in A-labels (RFC 5890 §2.3.2.1).
//!
//! Never: looks a name up, or decides what a domain is; the decoder of the type does.

use std::borrow::Cow;

use idna::{AsciiDenyList, domain_to_ascii_cow};

/// The domain with each U-label as the A-label that is the same name (RFC 5891 §5). ASCII stays as it is, and so does
/// what is no internationalised domain name: it has no other form.
#[inline]
pub fn a_labels(domain: &str) -> Cow<'_, str> {
    if domain.is_ascii() { Cow::Borrowed(domain) } else { converted(domain) }
}

#[cold]
fn converted(domain: &str) -> Cow<'_, str> {
    domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::EMPTY).unwrap_or(Cow::Borrowed(domain))
}

/// The same for the domain behind the last `@` of a mailbox; its local part stays as it is.
pub fn mailbox_in_a_labels(mailbox: &str) -> Cow<'_, str> {
    match mailbox.rsplit_once('@') {
        Some((local, domain)) if !domain.is_ascii() => Cow::Owned(format!("{local}@{}", a_labels(domain))),
        _ => Cow::Borrowed(mailbox),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_form_however_it_is_written() {
        for (written, wanted) in [
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.Example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
            // The ideographic full stop parts labels, too (RFC 3490 section 3.1).
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("Example.com", "Example.com"),
            ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
            ("", ""),
            // No such name can be in the DNS.
            ("a\u{200B}\u{2FF0}.example", "a\u{200B}\u{2FF0}.example"),
        ] {
            assert_eq!(a_labels(written), wanted, "{written}");
        }
        assert_eq!(mailbox_in_a_labels("bücher@bücher.example"), "bücher@xn--bcher-kva.example");
        assert_eq!(mailbox_in_a_labels("bücher"), "bücher");
    }
}
