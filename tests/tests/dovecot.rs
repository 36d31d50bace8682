//! Conversations that any server which gives mail out should have are had with a real Dovecot. Where it answers otherwise,
//! the page of conformance says why; a difference that stands there and is none any more fails, too.

use conversations::{DOVECOT, Dovecot, differs_as_explained};

#[test]
fn dovecot_differs_only_where_the_page_says_so() {
    let dovecot = Dovecot::start();
    let server = format!("{DOVECOT}:{}", dovecot.pop3);
    let page = ("docs/conformance/pop3.md", "Against Dovecot");
    let (said, differ) = differs_as_explained(&["tests/conversations/pop3"], &server, page);
    assert!(said.contains(&format!("12 passed, {differ} failed")), "{said}");
}
