//! Whose a line and its octets are, in memory and over sockets: payloads in every state, templates of one verb, verbs that
//! differ in case, payloads as values.

use std::fs;

use super::{folder, test};

/// What every one of these protocols has, with what its wire says beside.
fn protocol(wire: &str, body: &str) -> String {
    format!(
        "protocol p \"t\" version 1\n\
         wire {{ {wire} lines crlf at most 200 octets  reply \"{{code}} {{text}}\" continued \"{{code}}-{{text}}\" }}\n\
         {body}\nanytime {{ on \"QUIT\" -> 221 \"bye\" close }}\n\
         unexpected {{ out of order -> 503 \"not now\"  bad arguments -> 501 \"how?\"  unknown command -> 500 \"what?\" }}\n\
         limits {{ line -> 500 \"too long\"  idle 1 minute -> 421 \"idle\" close  session 1 hour -> 421 \"long\" close\n\
         shutdown -> 421 \"down\" close  full -> 421 \"full\" close  broken -> 421 \"our fault\" close }}\n"
    )
}

/// What follows a count of octets that is too big, or cannot be kept.
const PAYLOAD: &str = "followed by n octets as b at most 1 MB else 552 \"big\" failed(why) 452 \"no\"";

fn check(wire: &str, body: &str, talk: &str) {
    let folder = folder(&[("a.talk", &format!("transcript \"t\" for p\n\n{talk}"))]);
    let text = protocol(wire, &body.replace("PAYLOAD", PAYLOAD));
    fs::write(folder.path().join("protocols/p.proto.dsl"), text).unwrap();
    for words in [&[][..], &["--wire"]] {
        test(folder.path(), words, 0);
    }
}

#[test]
fn what_finds_no_room_is_answered_with_full() {
    let body = r#"
        record r { who : word  xs : list of word at most 2  body : octets at most 10 }
        start state open { on "I {who: word}" -> 250 "i" goto inside with p = r { who: who } }
        state inside has p {
            on "ADD {x: word}" { add x to p.xs  reply 250 "{size(p.xs)}"  stay }
            on "ALL {x: word}" { for each y in [x, x] { add y to p.xs }  reply 250 "{size(p.xs)}"  stay }
            on "PUT {n: size}" PAYLOAD { add b to p.body  reply 250 "{size(p.body)}"  stay }
        }"#;
    let begin = "C: I ann\nS: 250 i\n";
    for (talk, mark) in [
        ("C: ADD a\nS: 250 1\nC: ADD a\nS: 250 2\nC: ADD a\nS: 421 full\n", "--- closed\n"),
        ("C: ADD a\nS: 250 1\nC: ALL b\nS: 421 full\n", "--- closed\n"),
        ("C| \"PUT 9\\r\\nabcdefghi\"\nS: 250 9\nC| \"PUT 2\\r\\nab\"\nS: 421 full\n", "--- closed\n"),
        ("C| \"PUT 11\\r\\nabcdefghijk\"\nS: 421 full\n", "--- closed\n"),
    ] {
        check("", body, &format!("{begin}{talk}{mark}"));
    }
}

#[test]
fn a_payload_is_read_in_every_state_whatever_the_case_of_its_verb() {
    let body = r#"
        start state open { on "Go" -> 250 "go" goto h  on "bcd {n: size}" PAYLOAD { reply 250 "{size(b)}"  stay } }
        state h { on "Zap" -> 250 "zap"  on "a" -> 250 "a" goto open  on "A" -> 250 "A" goto open }"#;
    check(
        "exact case ",
        body,
        "C: Go\nS: 250 go\nC| \"bcd 5\\r\\nZap\\r\\n\"\nS: 503 not now\nC: zap\nS: 500 what?\nC: A\nS: 250 A\n\
         C| \"bcd 5\\r\\nQUIT\\n\"\nS: 250 5\n",
    );
}

#[test]
fn a_payload_is_read_where_its_template_has_no_verb_or_one_without_a_blank() {
    let body = r#"
        start state open { on "PUT-{n: size}" PAYLOAD -> 250 "{size(b)}"  on "GO" -> 250 "go" goto h }
        state h { on "BACK" -> 250 "back" goto open }"#;
    check("", body, "C: GO\nS: 250 go\nC| \"PUT-6\\r\\nBACK\\r\\n\"\nS: 500 what?\nC: BACK\nS: 250 back\n");
    let body = r#"
        start state open { on "{who: word} {n: size}" PAYLOAD -> 250 "{who} {size(b)}"  on "GO" -> 250 "go" goto h }
        state h { on "BACK" -> 250 "back" goto open }"#;
    check("", body, "C: GO\nS: 250 go\nC| \"ann 6\\r\\nBACK\\r\\n\"\nS: 500 what?\nC: BACK\nS: 250 back\n");
}

#[test]
fn one_verb_has_forms_with_octets_and_without() {
    let body = r#"
        type short = number 0 to 9
        type long  = number 10 to 1000
        start state open {
            on "PUT {n: short} {x: word}" -> 250 "short {n} {x}"
            on "PUT {n: long}" PAYLOAD { reply 250 "{size(b)}"  stay }
            on "PUT" -> 250 "usage: PUT n"
            on "GO" -> 250 "go" goto h
        }
        state h { on "BACK" -> 250 "back" goto open }"#;
    check(
        "",
        body,
        "C| \"PUT 12\\r\\n123456789012\"\nS: 250 12\nC: PUT 5 hello\nS: 250 short 5 hello\nC: PUT\nS: 250 usage: PUT n\n\
         C: GO\nS: 250 go\nC: PUT\nS: 503 not now\nC: PUT 5 x\nS: 503 not now\nC| \"PUT 12\\r\\nBACK\\r\\nBACK\\r\\n\"\n\
         S: 503 not now\nC: BACK\nS: 250 back\nC: PUT x\nS: 501 how?\n--- closed\n",
    );
}

#[test]
fn a_line_that_nobody_can_tell_the_octets_of_ends_the_session_and_no_other() {
    let body =
        r#"start state open { on "PUT {n: number}" PAYLOAD -> 250 "{size(b)}"  on "PUTTY {n: number}" -> 250 "{n}" }"#;
    check("", body, "C: PUTTY x\nS: 501 how?\nC: PUTT 5\nS: 500 what?\nC: put 5x\nS: 501 how?\n--- closed\n");
}

#[test]
fn the_template_with_the_longest_beginning_says_what_follows() {
    let body = r#"
        start state open { on "PUT {n: number}" PAYLOAD -> 250 "{size(b)}" goto h }
        state h { on "{line: text}" -> 503 "only QUIT is left" }"#;
    let talk = "C| \"PUT 2\\r\\nab\"\nS: 250 2\nC| \"PUT 6\\r\\nQUIT\\r\\n\"\nS: 503 only QUIT is left\nC: PU 6\n\
                S: 503 only QUIT is left\nC: PUT x\nS: 503 only QUIT is left\n--- closed\n";
    check("", body, talk);
}

#[test]
fn payloads_are_values() {
    let body = r#"
        record r { who: word  body: octets at most 100 }
        start state open { on "I {w: word}" -> 250 "i" goto h with p = r { who: w }, q = r { who: w } }
        state h has p, q {
            on "PUT {n: size}" PAYLOAD {
                require size(b) <= 100 else 552 "big"
                reply 250 "put"
                stay with p = r { who: "p", body: b }, q = r { who: "q", body: b }
            }
            on "ADD {n: size}" PAYLOAD {
                require size(p.body) + n <= 100 else 552 "big"
                add b to p.body
                reply 250 "{size(b)}"
                stay
            }
            on "TWICE {n: size}" PAYLOAD {
                add b to p.body else 552 "big"
                add b to p.body else 552 "big"
                reply 250 "{size(p.body)}"
                stay
            }
            on "SELF" {
                add p.body to p.body else 552 "big"
                reply 250 "{size(p.body)}"
                stay
            }
            on "BOTH" -> 250 "" goto h with p = q, q = p
            on "P" { say 251 "{size(p.body)}" octets p.body then crlf  reply 250 "that was it"  stay }
            on "Q" { say 251 "{size(q.body)}" octets q.body then crlf  reply 250 "that was it"  stay }
        }"#;
    let shown = |what: &str, text: &str| format!("C: {what}\nS: 251 {}\nS: {text}\nS: 250 that was it\n", text.len());
    let talk = [
        "C: I ann\nS: 250 i\nC| \"PUT 3\\r\\nabc\"\nS: 250 put\nC| \"ADD 2\\r\\nde\"\nS: 250 2\n".to_owned(),
        shown("Q", "abc"),
        shown("P", "abcde"),
        "C| \"TWICE 2\\r\\nfg\"\nS: 250 9\nC: SELF\nS: 250 18\n".to_owned(),
        shown("P", "abcdefgfgabcdefgfg"),
        shown("Q", "abc"),
        "C: BOTH\nS: 250 \nC| \"ADD 1\\r\\nx\"\nS: 250 1\n".to_owned(),
        shown("P", "abcx"),
        shown("Q", "abcdefgfgabcdefgfg"),
        "C| \"TWICE 60\\r\\n\" \"x\" * 60\nS: 552 big\n".to_owned(),
    ];
    check("", body, &talk.concat());
}

#[test]
fn a_full_list_is_answered() {
    let body = r#"
        record r { who: word  xs: list of word at most 2 }
        start state open { on "I {w: word}" -> 250 "i" goto h with p = r { who: w } }
        state h has p { on "ADD {x: word}" { add x to p.xs else 552 "full"  reply 250 "{size(p.xs)}"  stay } }"#;
    check("", body, "C: I a\nS: 250 i\nC: ADD a\nS: 250 1\nC: ADD a\nS: 250 2\nC: ADD a\nS: 552 full\n");
}

#[test]
fn the_bound_of_an_answer_holds_for_its_literals() {
    let body = r#"
        start state open {
            on "NAME" { let name = prompt 334 "?" for astring at most 20  reply 250 "{size(name)}"  stay }
        }
        unexpected { bad answer -> 501 "too much" }
    "#;
    let talk = "C: NAME\nS: 334 ?\nC| \"{20+}\\r\\n\" \"x\" * 20 \"\\r\\n\"\nS: 250 20\n\
                C: NAME\nS: 334 ?\nC| \"{21+}\\r\\n\" \"x\" * 21 \"\\r\\n\"\nS: 501 too much\nC: QUIT\nS: 221 bye\n";
    check("literals at most 4 KB", body, talk);
}
