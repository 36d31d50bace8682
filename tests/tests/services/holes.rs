//! Every typed hole of the shipped mail protocol, with something in it that would change a statement if it were part of
//! its text. What reaches a statement arrives as it was sent; what does not is listed here, so that a hole that is new
//! must be added.
//!
//! Never: knows a hole that the protocol does not have.

use std::{collections::BTreeSet, fs};

use conversations::root;

use crate::mail::{Session, base64, each};

/// Names that would change a statement if they were part of its text.
pub(crate) const NAMES: &[&str] =
    &["' OR '1'='1", "'; DROP TABLE accounts; --", "\\' OR 1=1 -- ", "x' UNION SELECT '{PLAIN}s3cret' AS hash -- "];

/// The same as mailboxes: local parts in quotes and without.
pub(crate) const MAILBOXES: &[&str] = &[
    "\"' OR '1'='1\"@example.com",
    "\"'; DROP TABLE mailboxes; --\"@example.com",
    "bob'--@example.com",
    "'or'1'='1@example.com",
    "\"a/* */b\"@example.com",
];

/// A hole, and how it is filled.
struct Hole {
    /// As the protocol has it.
    place: &'static str,
    filled: Filled,
}

enum Filled {
    /// What it catches goes into a statement: logins by these lines, in which `@` stands for the base64 of the login,
    /// `!` for that of a login and its password, and `?` for that of the password.
    Login(&'static [&'static str]),
    /// What it catches goes into a statement: recipients.
    Recipient,
    /// It reaches no statement; these lines fill it, and are answered with these codes.
    Elsewhere(&'static [(&'static str, &'static str)]),
}

use Filled::{Elsewhere, Login, Recipient};

const HOLES: &[Hole] = &[
    Hole { place: "AUTH PLAIN[ {initial: secret base64 at most 12288 octets}]", filled: Login(&["AUTH PLAIN !"]) },
    Hole { place: "prompt 334 \"\" for secret base64 at most 12288 octets", filled: Login(&["AUTH PLAIN", "!"]) },
    Hole { place: "AUTH LOGIN[ {initial: base64 at most 400 octets}]", filled: Login(&["AUTH LOGIN @", "?"]) },
    Hole {
        place: "prompt 334 \"VXNlcm5hbWU6\" for base64 at most 400 octets",
        filled: Login(&["AUTH LOGIN", "@", "?"]),
    },
    // The password itself: it is held against a hash, and no statement has it.
    Hole {
        place: "prompt 334 \"UGFzc3dvcmQ6\" for secret base64 at most 400 octets",
        filled: Elsewhere(&[("AUTH LOGIN YW5u", "334"), ("JyBPUiAnMSc9JzE=", "535")]),
    },
    Hole { place: "RCPT TO:[{blanks: blanks}]{recipient: lenient_forward_path}", filled: Recipient },
    Hole {
        place: "RCPT TO:[{blanks: blanks}]{recipient: lenient_forward_path}[ {parameters: rcpt_params at most 1000 octets}]",
        filled: Elsewhere(&[
            ("MAIL FROM:<>", "250"),
            ("RCPT TO:<bob@example.com> X=';--", "555"),
            ("RCPT TO:<bob@example.com> X='; DROP TABLE mailboxes; --", "501"),
        ]),
    },
    Hole { place: "EHLO {name: helo_name}", filled: Elsewhere(&[("EHLO '; DROP TABLE accounts; --", "501")]) },
    Hole { place: "HELO {name: helo_name}", filled: Elsewhere(&[("HELO ' OR '1'='1", "501")]) },
    Hole {
        place: "AUTH {mechanism: mechanism}[ {response: secret text}]",
        filled: Elsewhere(&[("AUTH X-Y '; DROP TABLE accounts; --", "504"), ("AUTH '-- x", "501")]),
    },
    // In the clear, and behind a login; under TLS the one above claims it.
    Hole { place: "AUTH {mechanism: secret text}", filled: Elsewhere(&[("AUTH '; DROP TABLE accounts; --", "501")]) },
    Hole {
        place: "MAIL FROM:[{blanks: blanks}]{sender: lenient_reverse_path}[ {parameters: mail_params at most 1000 octets}]",
        filled: Elsewhere(&[
            ("RSET", "250"),
            ("MAIL FROM:<\"'; DROP TABLE accounts; --\"@example.net> BODY='--", "555"),
            ("MAIL FROM:<\"'; DROP TABLE accounts; --\"@example.net> SIZE='1", "501"),
            ("MAIL FROM:<\"'; DROP TABLE accounts; --\"@example.net> AUTH=';--", "250"),
        ]),
    },
    Hole {
        place: "BDAT {count: size}[ {last: last_mark}]",
        filled: Elsewhere(&[("BDAT '; DROP TABLE accounts; --", "503")]),
    },
    Hole { place: "NOOP[ {rest: text}]", filled: Elsewhere(&[("NOOP '; DROP TABLE accounts; --", "250")]) },
    Hole { place: "HELP[ {rest: text}]", filled: Elsewhere(&[("HELP '; DROP TABLE accounts; --", "214")]) },
    Hole { place: "VRFY {who: text}", filled: Elsewhere(&[("VRFY '; DROP TABLE mailboxes; --", "252")]) },
    Hole { place: "EXPN {list: text}", filled: Elsewhere(&[("EXPN '; DROP TABLE mailboxes; --", "502")]) },
    // Only whom a list has ever gets there; it is answered with a constant.
    Hole { place: "{line: text}", filled: Elsewhere(&[]) },
];

/// The holes listed here are those of the protocol, no more and no less.
pub(crate) fn all_holes_are_listed() {
    let protocol = fs::read_to_string(root().join("protocols/smtp.proto.dsl")).expect("it is shipped");
    let listed: BTreeSet<&str> = HOLES.iter().map(|hole| hole.place).collect();
    let commands = protocol.split("on \"").skip(1).filter_map(|rest| rest.split('"').next());
    let prompts = protocol.match_indices("prompt ").filter_map(|(at, _)| protocol[at..].lines().next());
    let there: BTreeSet<&str> = commands.filter(|template| template.contains('{')).chain(prompts).collect();
    let new: Vec<&&str> = there.difference(&listed).collect();
    assert!(new.is_empty(), "holes that nobody tries: {new:?}");
    let gone: Vec<&&str> = listed.difference(&there).filter(|place| **place != RECIPIENT).collect();
    assert!(gone.is_empty(), "holes that the protocol does not have: {gone:?}");
}

/// The part of a template whose two holes are tried apart.
const RECIPIENT: &str = "RCPT TO:[{blanks: blanks}]{recipient: lenient_forward_path}";

/// Fills the holes that reach a statement; logins are answered with the one code, recipients with the other.
pub(crate) fn reach(port: u16, login: &str, recipient: &str) {
    each(HOLES, |hole| match hole.filled {
        Login(lines) => each(NAMES, |name| {
            let mut session = Session::begin(port);
            session.says("EHLO client.example", "250");
            log_in(&mut session, lines, name, login);
        }),
        Recipient => {
            let mut session = Session::greeted(port);
            MAILBOXES.iter().for_each(|mailbox| session.says(&format!("RCPT TO:<{mailbox}>"), recipient));
        }
        Elsewhere(_) => {}
    });
}

/// Says the lines with the login in its places; all but the last are answered with 334.
fn log_in(session: &mut Session, lines: &[&str], name: &str, code: &str) {
    for (number, line) in lines.iter().enumerate() {
        let line = line
            .replace('@', &base64(name))
            .replace('!', &base64(&format!("\0{name}\0s3cret")))
            .replace('?', &base64("s3cret"));
        session.says(&line, if number + 1 == lines.len() { code } else { "334" });
    }
}

/// Fills all the others.
pub(crate) fn fill_the_others(port: u16) {
    each(HOLES, |hole| {
        let Elsewhere(lines) = hole.filled else { return };
        let mut session = Session::begin(port);
        session.says("EHLO client.example", "250");
        lines.iter().for_each(|(line, code)| session.says(line, code));
    });
}
