//! Transcripts that pass, in memory and over sockets: one for each step, mark and fact.

use super::{folder, test};

/// Title modes and text.
const CASES: &[(&str, &str)] = &[
    ("", "S: 220 mail.example.com for 192.0.2.1\nC: QUIT\nS: 221 bye\n--- closed\n"),
    (
        "",
        "given {\n  name a.example\n  peer 2001:db8::7 port 4000\n  local 198.51.100.1 port 465\n}\nS: 220 a.example for 2001:db8::7\nC: WHERE\nS: 250 198.51.100.1 465 4000\n",
    ),
    (
        "",
        "given {\n  now 2026-11-22T17:13:00Z\n}\nS: 220 <*>\n--- wait 2 minutes\nC: TIME\nS: 250 Sun, 22 Nov 2026 17:15:00 +0000\n",
    ),
    ("", "S: ...\nC: HI\nS: 250-one\nS: ...\nS: 250 three\nS! 250-four\n"),
    (
        "",
        "S: 220 <?us: word> for <*>\nC: HI\nC: HI\nS: ...\nS: 250 three\nS: 250-one\nS: ...\nC: <?us>\nS: 500 what?\n",
    ),
    ("", "S: 220 <*>\nC| \"H\"\nC| \"I\\r\" \"\\n\"\nS: 250-one\nS: ...\nC| \"x\" * 500 \"\\r\\n\"\nS: 500 too long\n"),
    // Waiting that the conversation asks for takes no mark; idle limits do.
    (
        "",
        "S: 220 <*>\nC: SLOW\nS! 250 <*>\n--- wait 1 second\nS! 250 <*>\n--- wait 1 second\nS: 250 at last\nC: SLOW\nS: 250 at last\n",
    ),
    ("", "S: 220 <*>\n--- wait 4 minutes 59 seconds\nS! 421 <*>\n--- wait 1 second\nS: 421 idle\n--- closed\n"),
    ("", "S: 220 <*>\n--- shutdown\nS: 421 shutdown\n--- closed\n"),
    ("", "--- full\nS: 421 no room\n--- closed\n"),
    ("", "S: 220 <*>\nC| \"HI\\r\\nQU\"\n--- eof\nS: 250-one\nS: ...\n--- closed\n"),
    (
        "",
        "S: 220 <*>\nC: FROM <a@b.example>\nC: TO <c@d.example>\nC: DATA\nS: 250 from\nS: 250 to\nS: 354 go\nC: half\n--- reset\nthen {\n  stored nothing\n}\n",
    ),
    // Look-ups.
    (
        "",
        "given {\n  set zones = [\"z.example\", \"y.example\"]\n  dns 1.2.0.192.z.example A none\n  dns 1.2.0.192.y.example A 127.0.0.2\n  dns 1.2.0.192.y.example TXT \"spam\"\n}\nS: 554 y.example: spam\n--- state refused\nthen {\n  asked blacklist 1 time\n  asked dns 3 times\n}\n",
    ),
    (
        "",
        "given {\n  set zones = [\"z.example\"]\n  dns 1.2.0.192.z.example A timeout\n}\n--- wait 4 seconds\nS! <*>\n--- wait 1 second\nS: 220 <*>\nthen {\n  log contains \"lists: \"\n}\n",
    ),
    (
        "",
        "given {\n  sql box(\"ann\") row { full: no, left: 2 KB }\n  sql box(\"bob\") row { full: yes, left: 0 }\n  sql box(\"eve\") fails \"gone away\"\n  sql box(\"joe\") timeout\n  sql box none\n}\nS: 220 <*>\nC: BOX ann\nC: BOX bob\nC: BOX eve\nC: BOX joe\nC: BOX sue\nS: 250 2048 left\nS: 452 full\nS: 451 later\nS: 451 later\nS: 550 nobody\nthen {\n  asked box 5 times\n  asked note 0 times\n  log contains \"gone away\"\n  log never contains \"nobody\"\n}\n",
    ),
    ("", "given {\n  sql note(*) done 2\n}\nS: 220 <*>\nC: NOTE x\nS: 250 2 noted\n"),
    (
        "",
        "given {\n  sql hash_of(\"ann\") row { hash: crypt \"s3cret\" }\n}\nS: 220 <*>\nC: LOGIN <=base64 \"\\0ann\\0s3cret\">\nS: 235 hello ann\nC: LOGIN <=base64 \"\\0ann\\0wrong\">\nS: 535 no\nthen {\n  conversation never contains \"AGFubg\"\n  conversation contains \"235 hello ann\"\n}\n",
    ),
    ("", "S: 220 <*>\nC: HI\nS: ...\nthen {\n  asked nothing\n  stored nothing\n}\n"),
    // Deliveries.
    (
        "",
        "S: 220 <*>\nC: FROM <>\nC: TO <c@d.example>\nC: TO <e@f.example>\nC: DATA\nS: ...\nS: 354 go\nC: Subject: hi\nC: \tthere\nC:\nC: ..dot\nC: .\nS: 250 stored <?id: word>\nthen {\n  stored 1 message\n  message <?id> from <>\n  message 1 to c@d.example e@f.example\n  message <?id> in inbox\n  message <?id> body \"Subject: hi\\r\\n\\tthere\\r\\n\" \"\\r\\n.dot\\r\\n\"\n  message <?id> header \"seen\" \"by mail.example.com for\"\n  message <?id> header \"Subject\" \"hi there\"\n}\n",
    ),
    (
        "",
        "given {\n  set inbox = outbox\n  sink outbox refuses \"spam\"\n}\nS: 220 <*>\nC: FROM <a@b.example>\nC: DATA\nS: ...\nS: 354 go\nC: .\nS: 554 refused: spam\nthen {\n  stored nothing\n}\n",
    ),
    (
        "",
        "given {\n  sink timeout\n}\nS: 220 <*>\nC: FROM <a@b.example>\nC: DATA\nS: ...\nS: 354 go\nC: .\nS: 451 failed: <*>\nthen {\n  stored nothing\n}\n",
    ),
    (
        "",
        "given {\n  spool fails \"no space\"\n}\nS: 220 <*>\nC: FROM <a@b.example>\nC: DATA\nS: ...\nS: 354 go\nC: x\nC: .\nS: 452 cannot\nthen {\n  log contains \"no space\"\n}\n",
    ),
    (
        "",
        "S: 220 <*>\nC: FROM <a@b.example>\nC: DATA\nS: ...\nS: 354 go\nC| \"x\" * 2000 \"\\r\\n.\\r\\n\"\nS: 552 too big\n",
    ),
    // TLS.
    (
        "",
        "S: 220 <*>\nC: STARTTLS\nC: QUIT\nS: 220 go ahead\n--- # nothing of it may be carried out\n--- tls\n--- state ready\nC: STARTTLS\nS: 503 not now\n",
    ),
    ("", "given {\n  tls\n}\nS: 220 <*>\nC: STARTTLS\nS: 503 not now\n"),
    // Two clients.
    (
        ", peers 2",
        "given {\n  peer 192.0.2.7\n  peer C2 192.0.2.8\n}\nS: 220 <*> for 192.0.2.7\nC2: FROM <a@b.example>\n--- sync C2\nS2: 220 <*> for 192.0.2.8\nS2: 250 from\n--- C2 state open\n--- state ready\n--- wait 5 minutes\nS2: 421 idle\n--- C2 closed\nS: 421 idle\n",
    ),
    (", peers 2", "--- C2 full\nS2: 421 no room\nS: 220 <*>\n"),
    (", needs fixtures", "S: 220 <*>\n"),
];

#[test]
fn every_step_and_fact_is_played_in_memory_and_over_sockets() {
    let texts: Vec<(String, String)> = CASES
        .iter()
        .enumerate()
        .map(|(number, (modes, body))| {
            (format!("{number:02}.talk"), format!("transcript \"case {number}\" for desk{modes}\n{body}"))
        })
        .collect();
    let transcripts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = folder(&transcripts);
    let (stdout, _) = test(folder.path(), &["--wire"], 0);
    assert_eq!(stdout, format!("{} passed, 0 failed\n", 2 * CASES.len()));
}

#[test]
fn the_transcripts_of_the_book_pass() {
    let book = include_str!("../../../../docs/transcripts.md");
    let samples = book.split("```talk\n").skip(1).filter_map(|rest| rest.split("```").next());
    let texts: Vec<(String, String)> =
        samples.enumerate().map(|(number, text)| (format!("{number}.talk"), text.to_owned())).collect();
    let transcripts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = folder(&transcripts);
    let protocols = concat!(env!("CARGO_MANIFEST_DIR"), "/../../protocols");
    let (stdout, _) = test(folder.path(), &["--wire", "--protocols", protocols], 0);
    assert_eq!(stdout, format!("{} passed, 0 failed\n", 2 * texts.len()));
}
