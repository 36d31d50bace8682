//! Requests made of attributes: read by their types, bounded, and never shown where they are secret.

use std::{fs, process::Command};

use conversations::binary;

const PROTOCOL: &str = r#"protocol desk "answers requests" version 1
settings { patience : number = 3 }
wire {
    lines crlf at most 200 octets
    request attributes ": " at most 5 lines and 120 octets {
        Kind             : word
        "Content-Length" : size = 7
        tries            : number = settings.patience
        Password         : secret text at most 8 octets
    }
    reply "{text}" then blank line
}
sql seen(word: secret text) gives nothing as "INSERT INTO words (word) VALUES (:word)"
start state serving {
    on request when request.kind is present and request.kind == "length"
        -> "{request.content_length} after {request.tries}"
    on request when request.kind is present and request.kind == "secret" and request.password is present {
        ask seen(request.password) within 1 second { done(rows) { }  failed(why) { log error "{why}" } }
        reply "kept"
        stay
    }
    on request quiet when request.kind is present and request.kind == "hush" -> "hush"
    on request alone when request.kind is present and request.kind == "end" -> "bye" close
}
unexpected { out of order -> "nobody"  bad arguments -> "how?"  jumped queue -> "wait" }
limits {
    line -> "too long"  idle 1 minute -> silent close  session 1 hour -> silent close
    shutdown -> silent close  full -> silent close  broken -> silent close
}
"#;

/// Plays a conversation, its steps given, in memory and over sockets.
fn plays(given: &str, steps: &str, then: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("desk.proto.dsl"), PROTOCOL).expect("a protocol can be written");
    let given = if given.is_empty() { String::new() } else { format!("given {{\n{given}\n}}\n\n") };
    let then = if then.is_empty() { String::new() } else { format!("\nthen {{\n{then}\n}}\n") };
    let talk = format!("transcript \"requests\" for desk\n\n{given}{steps}\n{then}");
    fs::write(folder.path().join("requests.talk"), talk).expect("a conversation can be written");
    let mut command = Command::new(binary());
    command.args(["test", "requests.talk", "--protocols", ".", "--wire"]).current_dir(folder.path());
    let output = command.output().expect("the binary runs");
    let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    assert!(output.status.success(), "{said}");
}

#[test]
fn names_count_without_case_and_blanks_around_a_value_do_not() {
    plays("", "C: kind: length\nC: CONTENT-LENGTH:   12  \nC: tries:1\nC:\nS: 12 after 1\nS:", "");
}

#[test]
fn what_is_missing_or_empty_is_its_default() {
    plays("", "C: KIND: length\nC: Content-Length: \nC:\nS: 7 after 3\nS:", "");
    plays("    set patience = 9", "C: KIND: length\nC:\nS: 7 after 9\nS:", "");
}

#[test]
fn of_an_attribute_given_twice_the_first_counts_and_what_nobody_declared_is_passed_over() {
    plays("", "C: Kind: length\nC: Kind: hush\nC: Colour: red\nC:\nS: 7 after 3\nS:", "");
}

#[test]
fn what_does_not_fit_is_a_bad_argument() {
    for line in ["no separator", "Content-Length: many", "Kind: two words", "Password: longer than it may be"] {
        plays("", &format!("C: {line}\nC: Kind: length\nC:\nS: how?\nS:"), "");
    }
}

#[test]
fn what_no_command_takes_is_out_of_order() {
    plays("", "C:\nS: nobody\nS:\nC: Kind: other\nC:\nS: nobody\nS:", "");
}

#[test]
fn a_request_beyond_its_bounds_is_answered_once_and_the_next_is_read() {
    let next = "C: Kind: length\nC:\nS: 7 after 3\nS:";
    let rest = "c: d\\r\\n\\r\\n";
    for (too_long, rest) in [
        ("\"a: b\\r\\n\" * 6", rest.to_owned()),
        ("\"a: \" \"x\" * 60 \"\\r\\nb: \" \"x\" * 60 \"\\r\\n\"", rest.to_owned()),
        ("\"x\" * 300", format!("\\r\\n{rest}")),
    ] {
        plays("", &format!("C| {too_long}\nS: too long\nS:\nC| \"{rest}\"\n{next}"), "");
    }
}

#[test]
fn secrets_are_kept_and_never_shown() {
    let then = "    conversation contains \"Password: ***\"\n    conversation never contains \"s3cret\"\n    conversation never contains \"hush\"";
    let steps = "C: Kind: secret\nC: Password: s3cret\nC:\nS: kept\nS:\nC: Kind: hush\nC:\nS: hush\nS:\nC: s3cret and no more\nC:\nS: how?\nS:";
    plays("    sql seen done 1", steps, then);
}

#[test]
fn a_request_that_stands_alone_waits_for_its_answer() {
    plays("", "C: Kind: end\nC:\nC: Kind: length\nC:\nS: wait\nS:\nC: Kind: end\nC:\nS: bye\nS:\n--- closed", "");
}

#[test]
fn a_line_that_has_begun_may_be_cut_anywhere() {
    let pieces = "Kind: length\r\nTries: 4\r\n\r\n".chars();
    let steps: String = pieces.map(|c| format!("C| \"{}\"\n", c.escape_default())).collect();
    plays("", &format!("{steps}S: 7 after 4\nS:"), "");
}
