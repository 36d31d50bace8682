//! Transcripts that fail, and what is said of each: the same in memory and over sockets.

use super::{folder, test, titled};

#[test]
fn a_failure_shows_the_conversation_the_difference_and_who_answered() {
    let text = titled(
        "a box that is full",
        "given {\n    sql box(\"ann\") row { full: yes, left: 0 }\n}\n\nS: 220 <*>\nC: BOX ann\nS: 250 <*> left\n",
    );
    let folder = folder(&[("full.talk", &text)]);
    let (stdout, _) = test(folder.path(), &[], 1);
    let line = super::DESK.lines().position(|line| line.contains("row(r)")).unwrap() + 1;
    let source = super::DESK.lines().nth(line - 1).unwrap().trim();
    assert_eq!(
        stdout,
        format!(
            "FAIL  a box that is full  (memory)\n\
             tests/conversations/full.talk:8: another line came\n    \
                 S: 220 mail.example.com for 192.0.2.1\n    \
                 C: BOX ann\n  \
               expected  S: 250 <*> left\n             {blank:3}^\n  \
               received  S: 452 full\n             {blank:3}^\n  \
               state     ready\n  \
               answer    protocols/desk.proto.dsl:{line}   {source}\n\n\
             0 passed, 1 failed\n",
            blank = ""
        )
        .replace("             ", "            ")
    );
}

/// What a transcript says, and words of what is said of it.
const CASES: &[(&str, &[&str])] = &[
    (
        "S: 220 <*>\nC: HI\nS: 250-one\nS: 250 three\n",
        &[":5: another line came", "expected  S: 250 three", "received  S: 250-two"],
    ),
    (
        "S: 220 <*>\nC: HI\nS: ...\nS: 250 four\n",
        &[":5: none of 3 lines is the expected one; the last was another", "received  S: 250 three"],
    ),
    ("S: 220 <*>\nS: 220 <*>\n", &[":3: no line came", "expected  S: 220 <*>"]),
    ("S: 220 <*>\nC: QUIT\nS: 221 bye\nS: more\n", &[":5: the connection has ended"]),
    (
        "S: 220 <*>\nC: HI\nS: 250-one\nC: QUIT\nS: ...\n",
        &[":4: a line came that nothing expects", "received  S: 250-two"],
    ),
    (
        "S: 220 <*>\nC: HI\nS: 250-one\nS: 250-two\n",
        &[":5: a line came that nothing expects", "received  S: 250 three"],
    ),
    ("S: 220 <*>\nC: HI\nS! 250-two\nS: ...\n", &[":4: a line came that must not", "expected  S! 250-two"]),
    ("S: 220 <*>\nC: HI\nS: 250-one\nS: ...\nS! 250-two\n", &[":6: a line came that must not"]),
    (
        "S: 220 <*>\n--- state open\n",
        &[":3: the session is in another state", "expected  state open", "state     ready"],
    ),
    ("S: 220 <*>\n--- closed\n", &[":3: the server has not ended the connection"]),
    ("S: 220 <*>\nC: QUIT\n--- closed\n", &["a line came that nothing expects", "received  S: 221 bye"]),
    (
        "S: 220 <*>\nC: BOX ann\nS: 451 later\n",
        &["a look-up was made that `given` does not answer", "an answer to box(ann)"],
    ),
    (
        "S: 220 <?us: word> for <*>\nC: BOX <?us>\nS: 250 <?us>\n",
        &["expected  S: 250 <?us>", "an answer to box(mail.example.com)"],
    ),
    (
        "S: 220 <*>\nthen {\n  stored 1 message\n}\n",
        &[":4: this is not true afterwards", "expected  stored 1 message\n", "received  stored 0 messages\n"],
    ),
    (
        "S: 220 <*>\nthen {\n  message 1 from a@b.example\n  asked box 1 time\n  log contains \"x\"\n}\n",
        &[
            ":4: ",
            "received  stored nothing",
            ":5: ",
            "received  asked box 0 times",
            ":6: ",
            "received  nothing was written",
        ],
    ),
    (
        "S: 220 <*>\nC: FROM <a@b.example>\nC: DATA\nS: ...\nS: 354 go\nC: one\nC: .\nS: 250 stored <?id: word>\nthen {\n  message <?id> body \"ont\\r\\n\"\n  message <?id> to c@d.example\n  message <?id> header \"Seen\" \"never\"\n}\n",
        &[
            "5 octets, from octet 2 on \"t\\r\\n\"",
            "5 octets, from octet 2 on \"e\\r\\n\"",
            "expected  to c@d.example",
            "received  Seen: by mail.example.com for a@b.example",
        ],
    ),
];

#[test]
fn every_kind_of_failure_says_what_and_where() {
    for (body, wanted) in CASES {
        let folder = folder(&[("t.talk", &titled("it fails", body))]);
        let (stdout, _) = test(folder.path(), &["--wire"], 1);
        assert!(stdout.ends_with("0 passed, 2 failed\n"), "{body}\n{stdout}");
        for played in ["(memory)", "(wire)"] {
            let own = stdout.split("FAIL").find(|part| part.contains(played)).unwrap();
            for words in *wanted {
                assert!(own.contains(words), "`{words}` is missing in:\n{own}");
            }
        }
    }
}

#[test]
fn a_handshake_that_nobody_waits_for_fails() {
    let folder = folder(&[("t.talk", &titled("it fails", "S: 220 <*>\n--- tls\n"))]);
    let (stdout, _) = test(folder.path(), &[], 1);
    assert!(stdout.contains("the server does not wait for a TLS handshake"), "{stdout}");
    let text = titled("it fails", "S: 220 <*>\nC: STARTTLS\nS: 220 <*>\nC: HI\nS: ...\n");
    let folder = super::folder(&[("t.talk", &text)]);
    let (stdout, _) = test(folder.path(), &[], 1);
    assert!(stdout.contains("`--- tls` is missing in front of this line"), "{stdout}");
}
