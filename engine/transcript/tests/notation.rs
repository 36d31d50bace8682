//! The notation: what is accepted, what is refused and where, and the chapter of the book that teaches it.

use diagnostic::{Severity, Sources};
use transcript::{Act, Bindings, Fact, Pattern, Transcript, parse, rules};

fn read(text: &str) -> (Option<Transcript>, Vec<String>) {
    let mut sources = Sources::default();
    let file = sources.add("t.talk", text);
    let (transcript, found) = parse(&sources, file);
    let shown = found.iter().map(|finding| {
        let (line, column) = sources.position(finding.span);
        assert_eq!(finding.rule.severity, Severity::Error);
        assert!(!finding.help.is_empty(), "`{}` says what to do", finding.message);
        format!("{line}:{column} {} {}", finding.rule.code, finding.message)
    });
    let shown = shown.collect();
    (transcript, shown)
}

#[test]
fn every_rule_accepts_its_good_sample_and_refuses_its_bad_one() {
    for rule in rules() {
        let (transcript, found) = read(rule.accepted);
        assert!(transcript.is_some(), "{}: {found:?}", rule.code);
        // What needs the protocol is refused only beside one; see the tests of `check`.
        let alone = !["C08", "C09", "C10", "C18"].contains(&rule.code);
        let (_, found) = read(rule.refused);
        assert_eq!(found.iter().any(|finding| finding.contains(rule.code)), alone, "{}: {found:?}", rule.code);
    }
}

#[test]
fn codes_are_unique_and_without_gaps() {
    let codes: Vec<&str> = rules().iter().map(|rule| rule.code).collect();
    let wanted: Vec<String> = (1..=codes.len()).map(|n| format!("C{n:02}")).collect();
    assert_eq!(codes, wanted);
}

#[test]
fn every_transcript_in_the_book_is_accepted() {
    let book = include_str!("../../../docs/transcripts.md");
    let samples: Vec<&str> = book.split("```talk\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(samples.len() >= 3);
    for sample in samples {
        let (transcript, found) = read(sample);
        assert!(transcript.is_some(), "{found:?}\n{sample}");
    }
}

#[test]
fn the_book_lists_every_code() {
    let book = include_str!("../../../docs/transcripts.md");
    for rule in rules() {
        assert!(book.contains(&format!("| {} |", rule.code)), "{}", rule.code);
    }
}

#[test]
fn faults_are_all_found_each_at_its_place() {
    let cases: &[(&str, &[&str])] = &[
        ("", &["1:1 C14 there is no title"]),
        ("transcript \"a\" for smtp, runs fast\nS: 1\n", &["1:1 C14 `runs fast` is no mode"]),
        ("transcript \"a\" for smtp, peers 1\nS: 1\n", &["1:1 C14 `peers 1` is no mode"]),
        (
            "transcript \"a\" for smtp\n\nhello\nS: 1\n--- tsl\n",
            &["3:1 C01 this line is no step", "5:1 C02 `tsl` is no mark"],
        ),
        ("transcript \"a\" for smtp\n--- wait long\n", &["2:1 C02 `wait long` is no mark"]),
        ("transcript \"a\" for smtp\n--- injected: two lines\n", &["2:1 C02 `injected: two lines` is no mark"]),
        ("transcript \"a\" for smtp\nS: <?id>\n", &["2:4 C05 `<?id>` is bound by no earlier line"]),
        (
            "transcript \"a\" for smtp\nC| \"a\\q\" \"b\n",
            &["2:6 C06 `\\q` is no escape", "2:10 C06 the quote is not closed"],
        ),
        ("transcript \"a\" for smtp\nC| \"\\x4\"\n", &["2:5 C06 `\\x` is no escape"]),
        ("transcript \"a\" for smtp\nC| \"x\" * many\n", &["2:10 C06 `*` wants a number"]),
        ("transcript \"a\" for smtp\nC: <*>\n", &["2:4 C11 a client cannot say `<*>`"]),
        (
            "transcript \"a\" for smtp\nS: <*><*>\n",
            &["2:4 C11 two wildcards touch, so nothing says where the first ends"],
        ),
        ("transcript \"a\" for smtp\nS: <=rot13 \"a\">\n", &["2:4 C11 `<=rot13 \"a\">` is no part of a line"]),
        ("transcript \"a\" for smtp\n--- tls\n--- tls\n", &["3:1 C07 TLS is on already"]),
        ("transcript \"a\" for smtp\ngiven {\n  tls\n}\n--- tls\n", &["5:1 C07 TLS is on already"]),
        ("transcript \"a\" for smtp\n--- reset\nS: 1\n", &["3:1 C12 the connection has ended before this step"]),
        ("transcript \"a\" for smtp\n--- eof\nC: 1\n", &["3:1 C12 the client has said that it sends no more"]),
        ("transcript \"a\" for smtp\nS: 1\n--- full\n", &["3:1 C12 the client is in already"]),
        ("transcript \"a\" for smtp\nC3: 1\n", &["2:1 C15 client 3 is not announced"]),
        ("transcript \"a\" for smtp\n# nothing\n", &["1:1 C13 this transcript has no step"]),
        (
            "transcript \"a\" for smtp\nS: 1\nthen {\n  stored 1\n",
            &["3:1 C16 this is not closed", "4:10 C04 `messages` is missing at the end of the line"],
        ),
        ("transcript \"a\" for smtp\nS: 1\nthen {\n}\nS: 2\n", &["5:1 C16 a step stands behind `then`"]),
        (
            "transcript \"a\" for smtp\ngiven {\n  peer 1\n  dns x Y none\n  sql m row { a 1 }\n}\nS: 1\n",
            &[
                "3:8 C03 `1` stands where an IP address should",
                "4:9 C03 `Y` is no record type",
                "5:15 C03 `a` is no field",
            ],
        ),
        (
            "transcript \"a\" for smtp\ngiven {\n  dns x A none\n  dns X. A 192.0.2.1\n}\nS: 1\n",
            &["4:3 C17 `dns x A` is given twice"],
        ),
        (
            "transcript \"a\" for smtp\nS: 1\nthen {\n  message <?id> from a@b\n}\n",
            &["4:11 C05 `<?id>` is bound by no earlier line"],
        ),
    ];
    for (text, wanted) in cases {
        let (transcript, found) = read(text);
        assert_eq!(found, *wanted, "{text}");
        assert!(transcript.is_none(), "{text}");
    }
}

#[test]
fn facts_are_read_as_they_stand() {
    let text = r##"transcript "all facts" for smtp, peers 2
given {
    peer 2001:db8::7 port 4000   # a remark
    peer C2 192.0.2.8
    local 198.51.100.1 port 465
    name "#x"
}
"##;
    let (_, found) = read(text);
    assert_eq!(found, ["6:10 C03 `\"#x\"` stands where our name should"]);
    let text = r##"transcript "all facts" for smtp
given {
    set a = ["x", "y z"]
    set b = 35 MB # a remark
    dns 192.0.2.7 PTR host.example.net
    dns example.net MX "10 a.example.net" "20 b.example.net"
    sql one("bob", *) row { owner: 7, quota_left: 10 MB, hash: crypt "s3cret" }
    sql many rows [
        { a: 1 },
        { a: 2 }
    ]
    sink inbox refuses "spam"
    spool fails "full"
}
S: 1 <?id: word>
then {
    message <?id> to <a@b> "c, d"
    message 1 body "x\r\n" * 2 "y"
    log never contains "#"
}
"##;
    let (transcript, found) = read(text);
    let transcript = transcript.unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(transcript.given.dns[0].name, "7.2.0.192.in-addr.arpa");
    assert_eq!(transcript.given.settings[1].value, machine::Given::Text("35 MB".into()));
    assert_eq!(transcript.given.sql.len(), 2);
    assert_eq!(transcript.then.len(), 3);
    assert!(
        matches!(&transcript.then[1].fact, Fact::Message(_, transcript::Aspect::Body(body)) if body == b"x\r\nx\r\ny")
    );
}

fn pattern(text: &str) -> Pattern {
    let (transcript, found) = read(&format!("transcript \"a\" for smtp\nS: <?bound: word>\nS: {text}\n"));
    match transcript.unwrap_or_else(|| panic!("{found:?}")).steps.remove(1).act {
        Act::Expect(pattern) => pattern,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lines_match_as_they_are_written() {
    let bound = Bindings::from([("bound".to_owned(), b"x1".to_vec())]);
    // What is bound, as names and values; none where the line does not match.
    type Bound = Option<&'static [(&'static str, &'static str)]>;
    let cases: &[(&str, &str, Bound)] = &[
        ("250 OK", "250 OK", Some(&[])),
        ("250 OK", "250 OK ", None),
        ("250 <*>", "250 ", Some(&[])),
        ("250 <*>", "250", None),
        ("<*>a<*>b", "xaxbab", Some(&[])),
        ("<?id: word> <?n: number>.", "m1 42.", Some(&[("id", "m1"), ("n", "42")])),
        ("<?id: word>", "a b", None),
        ("<?n: number>", "", None),
        ("<?t: text>.", "a.b.", Some(&[("t", "a.b")])),
        ("<?bound>-", "x1-", Some(&[])),
        ("<?bound>-", "x2-", None),
        ("<=base64 \"\\0ann\\0s3cret\">", "AGFubgBzM2NyZXQ=", Some(&[])),
        ("<<*> <a@b>", "<*> <a@b>", Some(&[])),
    ];
    for (text, line, wanted) in cases {
        let pattern = pattern(text);
        assert_eq!(pattern.written(), *text);
        let wanted: Option<Bindings> =
            wanted.map(|all| all.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect());
        assert_eq!(pattern.matches(line.as_bytes(), &bound), wanted, "{text} / {line}");
    }
}

#[test]
fn the_first_difference_is_where_no_way_leads_on() {
    let cases = [
        ("250 OK", "250 No", 4, 4),
        ("250 2.1.0 <*>", "550 5.1.1 No", 0, 0),
        ("<*> end", "a b en", 6, 6),
        ("250 OK", "250 OK more", 6, 6),
        ("250 OK more", "250 OK", 6, 6),
        ("n=<?n: number>", "n=x", 2, 2),
    ];
    for (text, line, received, expected) in cases {
        let difference = pattern(text).difference(line.as_bytes(), &Bindings::new());
        assert_eq!((difference.received, difference.expected), (received, expected), "{text} / {line}");
    }
}

#[test]
fn no_text_makes_the_reader_stumble() {
    let book = include_str!("../../../docs/transcripts.md");
    let sample = book.split("```talk\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or("");
    for at in 0..sample.len() {
        for with in ["", "é", "\"", "<", "\\", "{", "}", "\n", "\r", "<?", "* 99999999999999999999"] {
            let changed = format!("{}{with}{}", &sample[..at], &sample[at + usize::from(with.len() < 3)..]);
            let mut sources = Sources::default();
            let file = sources.add("t.talk", changed.as_str());
            let (transcript, found) = parse(&sources, file);
            assert!(transcript.is_some() || !found.is_empty(), "{changed}");
            // Each finding points into the text.
            found.iter().for_each(|finding| assert!(sources.position(finding.span).0 >= 1));
            if let Some(transcript) = transcript {
                assert!(!transcript.steps.is_empty(), "{changed}");
            }
        }
    }
}
