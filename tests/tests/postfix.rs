//! A real Postfix delivers to us, and we are content with each other.

use conversations::{Client, Message, PostfixSetup, Setup, stored};

#[test]
fn a_message_that_postfix_sends_on_arrives_octet_for_octet() {
    let server = Setup::new().start();
    let postfix = PostfixSetup::new().set("default_transport", &format!("smtp:[127.0.0.1]:{}", server.port)).start();
    let octets = b"From: ann@example.net\r\nMessage-ID: <1@x>\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n\r\n.dot\r\n";
    let answer = Client::greeted(postfix.port).deliver(&Message::new("ann@example.net", &octets[..]));
    assert_eq!(answer.expect("an answer").code, 250);
    postfix.logs(&["to=<bob@example.com>", "status=sent"]);
    let stored = stored(&server.mail());
    assert!(stored[0].body().ends_with(octets), "{}", String::from_utf8_lossy(stored[0].body()));
}
