//! Budgets: the longest wait of each command, added up as a person would.
//!
//! Never: takes a time for granted that no file says.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads its samples")]

use std::{fs, path::Path, time::Duration};

use diagnostic::Sources;
use proof::{Budget, budget};

const REST: &str = "
settings { slow: duration = 7 seconds }
wire { lines crlf at most 200 octets  reply \"{code} {text}\"  refusal 5xx  patience \"FAST\" 9 seconds }
sql known(id: text) gives nothing as \"DELETE FROM names WHERE id = :id\"
record bag { items: list of text at most 9 }
start state a { enter { goto b with bag = bag { items: [] } } }
unexpected { out of order -> 503 \"Not now\"  bad arguments { pause 1 second  reply 501 \"How?\"  stay }  unknown command -> 500 \"What?\" }
limits {
    line -> 500 \"Long\"  idle 5 minutes -> 421 \"Idle\" close  session 1 hour -> 421 \"Enough\" close  tries 3 -> 421 \"Tries\" close
    shutdown -> 421 \"Bye\" close  full -> 421 \"Full\" close  broken -> 421 \"Broken\" close
}
";

fn budgets(text: &str) -> Vec<Budget> {
    let mut sources = Sources::default();
    let file = sources.add("sample.proto.dsl", text);
    let (program, found) = grammar::compile(&sources, file, actions::signatures());
    budget(&program.unwrap_or_else(|| panic!("{found:?}")))
}

fn worst(budgets: &[Budget], command: &str) -> (u64, Vec<String>) {
    let budget = budgets.iter().find(|budget| budget.command.starts_with(command)).unwrap();
    let waits = budget.waits.iter().map(|wait| format!("{} {}", wait.what, wait.time.as_secs()));
    (budget.worst.as_secs(), waits.collect())
}

#[test]
fn waits_add_up_on_the_longest_path() {
    const ASK: &str =
        "ask known(\"a\") within 5 seconds { done { }  failed(why) { log error \"{why}\"  pause 1 second } }";
    let check = |body: &str, seconds: u64, waits: &[&str]| {
        let leave = "on \"LEAVE\" -> 221 \"Bye\" close";
        let states = format!(
            "state b has bag {{ on \"X\" {{ {body} }}  on \"GO\" {{ goto c }}  {leave} }}
             state c has bag {{ enter {{ pause 3 seconds  reply 250 \"In\"  stay }}  {leave} }}"
        );
        let (found, by) = worst(&budgets(&format!("protocol sample version 1 {REST} {states}")), "X");
        assert_eq!((found, by.iter().map(String::as_str).collect::<Vec<_>>()), (seconds, waits.to_vec()), "{body}");
    };
    check("reply 250 \"Done\"  stay", 0, &[]);
    check(&format!("{ASK}  reply 250 \"Done\"  stay"), 6, &["known 5", "pause 1"]);
    check(&format!("{ASK}  {ASK}  reply 250 \"Done\"  stay"), 12, &["known 5", "pause 1", "known 5", "pause 1"]);
    check("pause settings.slow  reply 250 \"Done\"  stay", 7, &["pause 7"]);
    check("if tls is present { pause 2 seconds }  reply 250 \"Done\"  stay", 2, &["pause 2"]);
    check("pause 1 second  goto c", 4, &["pause 1", "pause 3"]);
    check("count tries  pause 1 second  reply 250 \"Done\"  stay", 1, &["pause 1"]);
    let ask = "ask known(item) within 5 seconds { done { }  failed(why) { log error \"{why}\" } }";
    let each = format!("for each item in bag.items within 20 seconds {{ {ask} }}  reply 250 \"Done\"  stay");
    check(&each, 20, &["for each 20"]);
    let ends = "for each item in bag.items within 20 seconds { ask known(item) within 5 seconds { done { reply 250 \"One\"  stay }  \
                failed(why) { log error \"{why}\" } } }  reply 250 \"Done\"  stay";
    check(&format!("pause 2 seconds  {ends}"), 22, &["pause 2", "for each 20"]);
}

#[test]
fn a_budget_knows_what_it_is_held_against() {
    let state = "state b has bag { on \"FAST\" { pause 2 seconds  reply 250 \"Done\"  stay }  on \"LEAVE\" -> 221 \"Bye\" close }";
    let budgets = budgets(&format!("protocol sample version 1 {REST} {state}"));
    let fast = budgets.iter().find(|budget| &*budget.command == "FAST").unwrap();
    assert_eq!(
        (fast.patience.clone(), fast.session),
        (Some(("FAST".into(), Duration::from_secs(9))), Some(Duration::from_secs(3600)))
    );
    assert!(!fast.is_exceeded());
    assert!(Budget { worst: Duration::from_secs(10), ..fast.clone() }.is_exceeded());
    assert!(Budget { worst: Duration::from_secs(3601), patience: None, ..fast.clone() }.is_exceeded());
    assert_eq!(worst(&budgets, "bad arguments"), (1, vec!["pause 1".to_owned()]));
}

#[test]
fn the_budgets_of_a_whole_protocol_are_those_that_its_file_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocols/smtp.proto.dsl");
    let budgets = budgets(&fs::read_to_string(path).unwrap());
    assert_eq!(worst(&budgets, "AUTH PLAIN"), (12, vec!["validate_plain 10".into(), "pause 2".into()]));
    let looks = vec!["dig 5".to_owned(); 3];
    assert_eq!(worst(&budgets, "MAIL FROM"), (15, looks));
    assert_eq!(worst(&budgets, "QUIT"), (0, Vec::new()));
    assert!(budgets.iter().all(|budget| !budget.is_exceeded()), "{budgets:?}");
    let longest = &budgets[0];
    assert!(longest.command.starts_with("DATA") || longest.command.starts_with("BDAT"), "{longest:?}");
}
