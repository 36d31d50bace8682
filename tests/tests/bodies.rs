//! Whole files whose bodies are cut short, leave a state, or enter one in a roundabout way: played in memory and over
//! sockets, where the two could differ.
//!
//! Never: looks at how a body is compiled.

use std::{fs, process::Command};

use conversations::binary;

/// What a file leaves out that is about something else.
const FRAME: &str = r#"
wire { lines crlf at most 1000 octets  reply "{code} {text}"  refusal 4xx 5xx }
anytime { on "QUIT" -> 221 "bye" close }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"  idle 1 minute -> 421 "asleep?" close  session 1 hour -> 421 "enough" close
    shutdown -> 421 "closing" close  full -> 421 "full" close  broken -> 421 "our fault" close
    LIMITS
}
"#;

/// Plays a conversation with a file, in memory and over sockets.
#[track_caller]
fn check(limits: &str, states: &str, talk: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = format!("protocol sample version 1{}{states}", FRAME.replace("LIMITS", limits));
    let lines: Vec<&str> = talk.lines().map(str::trim).collect();
    let talk = format!("transcript \"as it is meant\" for sample\n{}\n", lines.join("\n"));
    fs::write(folder.path().join("sample.proto.dsl"), file).expect("the folder can be written");
    fs::write(folder.path().join("sample.talk"), talk).expect("the folder can be written");
    let output = Command::new(binary())
        .args(["test", "--protocols", ".", "--wire", "."])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_next_facts_are_made_of_locals_before_the_leave_runs() {
    let states = r#"
        start state a {
            leave {
                ask dig("MX", "example.com") within 2 seconds {
                    found(hosts) { let n = size(hosts) + 100  log debug "{n}" }
                    none         { let n = 200  let more = n + 1  log debug "{n} {more}" }
                    failed(why)  { log error "{why}" }
                }
            }
            on "SUM {n: number}"   { let more = n + 1  let most = more + 1  reply 250 "summed"  goto b with f = more, g = most }
            on "FIND {w: word}"    { find one in ["a", "bc"] where one == w else 550 "no"  reply 250 "found"  goto b with f = size(one), g = 0 }
            on "WORD[ {w: word}]"  { let word = w else "none"  reply 250 "{word}"  goto b with f = size(word), g = 0 }
        }
        state b has f, g { on "SHOW" { if f > 0 { reply 250 "{f} {g}"  stay }  reply 550 "nothing"  stay }  on "BACK" -> 250 "back" goto a }
    "#;
    let talk = "
        given {
            dns example.com MX none
        }

        C: SUM 5
        S: 250 summed
        C: SHOW
        S: 250 6 7
        C: BACK
        S: 250 back
        C: FIND bc
        S: 250 found
        C: SHOW
        S: 250 2 0
        C: BACK
        S: 250 back
        C: WORD
        S: 250 none
        C: SHOW
        S: 250 4 0
    ";
    check("", states, talk);
}

#[test]
fn an_enter_that_a_routine_leads_to_runs_in_its_own_state() {
    let states = r#"
        start state a { enter { if peer.port > 0 { run further }  reply 220 "a"  stay }  on "WHERE" -> 250 "in a" }
        routine further { goto b }
        state b { enter { reply 221 "b"  stay }  on "WHERE" -> 250 "in b" }
    "#;
    check("", states, "\nS: 221 b\n--- state b\nC: WHERE\nS: 250 in b");
}

#[test]
fn a_limit_that_counts_towards_another_is_answered_once() {
    let states = r#"start state a { on "GO" { count first  reply 250 "gone"  stay } }"#;
    let limits = r#"first 2 { count second  reply 421 "first"  stay }  second 2 { reply 421 "second"  stay }"#;
    let talk = "
        C: GO
        S: 250 gone
        C: GO
        S: 421 first
        C: GO
        S: 421 second
    ";
    check(limits, states, talk);
}

#[test]
fn whoever_talks_early_never_goes_on_even_where_a_limit_stays() {
    let states =
        r#"start state a { enter { reply 220 "hello"  stay }  on "GO" { count first  reply 250 "gone"  stay } }"#;
    let limits =
        r#"first 1 -> 421 "first" stay  talking early within 5 seconds { count first  reply 554 "early"  close }"#;
    check(limits, states, "\nC: GO\nS: 421 first\n--- closed");
}

#[test]
fn each_element_is_answered_and_an_empty_list_otherwise() {
    let states = r#"
        record names { who: word  all: list of word at most 5 }
        start state a { on "I {who: word}" -> 250 "hello" goto b with list = names { who: who } }
        state b has list {
            on "NAME {name: word}" { require size(list.all) < 5 else 552 "full"  add name to list.all  reply 250 "noted"  stay }
            on "SEND" { require list.all is not empty else 503 "to nobody?"  answer each name in list.all { reply 250 "{name}" }  stay }
        }
    "#;
    let talk = "
        C: I ann
        S: 250 hello
        C: SEND
        S: 503 to nobody?
        C: NAME bob
        S: 250 noted
        C: NAME eve
        S: 250 noted
        C: SEND
        S: 250 bob
        S: 250 eve
    ";
    check("", states, talk);
}
