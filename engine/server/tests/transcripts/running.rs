//! What a run does beside playing: refusing, repairing, counting, writing.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
};

use super::{DESK, folder, test, titled};

const GREETED: &str = "S: 220 <*>\n";

#[test]
fn a_transcript_with_an_error_in_it_is_refused_and_the_others_are_played() {
    let good = titled("good", GREETED);
    let bad = [
        (
            "a.talk",
            titled("bad", "S: 220 <*>\n--- tsl\nC: <?id>\n"),
            &[
                "error[C02]:",
                "--> tests/conversations/a.talk:3:1",
                "say `--- tls`",
                "error[C05]:",
                "--> tests/conversations/a.talk:4:4",
            ][..],
        ),
        (
            "b.talk",
            titled("bad", "S: 220 <*>\n--- state reddy\n"),
            &["error[C08]:", "--> tests/conversations/b.talk:3:1", "say `--- state ready`"],
        ),
        (
            "c.talk",
            titled("bad", "given {\n  set moste = 1 KB\n}\nS: 220 <*>\n"),
            &["error[C09]:", "--> tests/conversations/c.talk:3:3", "say `set most = …`"],
        ),
        (
            "d.talk",
            titled("bad", "given {\n  set most = many\n}\nS: 220 <*>\n"),
            &["error[C09]:", "--> tests/conversations/d.talk:3:3"],
        ),
        (
            "e.talk",
            titled(
                "bad",
                "given {\n  sql bax none\n  sql box(1, 2) done 1\n  sql box row { full: 7 }\n}\nS: 220 <*>\nthen {\n  asked bax 1 time\n}\n",
            ),
            &[
                "error[C10]: `desk` has no `sql` statement `bax`",
                "say `sql box`",
                "`box` takes 1 arguments, not 2",
                "`box` never gives this",
                "`full`: `7` is not `yes` or `no`",
                "`left` is missing in the row",
                "`desk` never asks `bax`",
            ],
        ),
        (
            "f.talk",
            "transcript \"bad\" for dask\nS: 220 <*>\n".to_owned(),
            &["error[C18]: there is no protocol `dask`", "--> tests/conversations/f.talk:1:22", "say `for desk`"],
        ),
    ];
    for (name, text, wanted) in &bad {
        let folder = folder(&[(name, text), ("good.talk", &good)]);
        let (stdout, stderr) = test(folder.path(), &[], 2);
        assert_eq!(stdout, "1 passed, 0 failed\n");
        for words in *wanted {
            assert!(stderr.contains(words), "`{words}` is missing in:\n{stderr}");
        }
    }
}

#[test]
fn nothing_to_play_is_a_fault_of_the_command_line() {
    let folder = folder(&[("notes.txt", "")]);
    let (_, stderr) = test(folder.path(), &[], 2);
    assert!(stderr.contains("there is no transcript"), "{stderr}");
    let (_, stderr) = test(folder.path(), &["nowhere"], 2);
    assert!(stderr.contains("`nowhere` cannot be read"), "{stderr}");
}

#[test]
fn a_protocol_that_does_not_compile_plays_nothing() {
    let folder = folder(&[("a.talk", &titled("a", GREETED))]);
    fs::write(folder.path().join("protocols/desk.proto.dsl"), DESK.replace("goto ready", "goto nowhere")).unwrap();
    let (stdout, stderr) = test(folder.path(), &[], 65);
    assert_eq!(stdout, "0 passed, 0 failed\n");
    assert!(stderr.contains("nowhere"), "{stderr}");
}

#[test]
fn update_makes_the_smallest_repair_and_leaves_the_rest() {
    let before = titled(
        "a",
        "# a remark\nS: 220 <?us: word> to <*>\n\nC: HI\nS: 250-eins\nS: ...\nS: 250 drei\nC: QUIT\nS: 222 <*>\n--- closed\nthen {\n    stored nothing  # stays\n}\n",
    );
    let after =
        before.replace(" to <*>", " for <*>").replace("eins", "one").replace("drei", "three").replace("222", "221");
    let folder = folder(&[("a.talk", &before), ("fixme/b.talk", &titled("b", "S: 221 <*>\n"))]);
    let (stdout, _) = test(folder.path(), &["--update"], 0);
    assert_eq!(stdout, "2 passed, 0 failed\n");
    let read = |name: &str| fs::read_to_string(folder.path().join("tests/conversations").join(name)).unwrap();
    assert_eq!(read("a.talk"), after);
    assert_eq!(read("fixme/b.talk"), titled("b", "S: 221 <*>\n"));
    // What `then` says is never touched.
    let wrong = titled("c", "S: 220 <*>\nthen {\n    stored 1 message\n}\n");
    let folder = super::folder(&[("c.talk", &wrong)]);
    test(folder.path(), &["--update"], 1);
    assert_eq!(fs::read_to_string(folder.path().join("tests/conversations/c.talk")).unwrap(), wrong);
}

#[test]
fn a_known_fault_that_passes_fails_the_run() {
    let folder = folder(&[("fixme/a.talk", &titled("a", "S: 221 <*>\n")), ("b.talk", &titled("b", GREETED))]);
    assert_eq!(test(folder.path(), &[], 0).0, "2 passed, 0 failed\n");
    fs::write(folder.path().join("tests/conversations/fixme/a.talk"), titled("a", GREETED)).unwrap();
    let (stdout, _) = test(folder.path(), &[], 1);
    assert!(stdout.contains("it passes, though it stands under `fixme`"), "{stdout}");
    assert!(stdout.ends_with("1 passed, 1 failed\n"), "{stdout}");
}

#[test]
fn coverage_falls_when_a_transcript_is_taken_away() {
    let look = titled("look", "given {\n  sql box none\n}\nS: 220 <*>\nC: BOX ann\nS: 550 nobody\n");
    let folder = folder(&[("a.talk", &titled("greet", GREETED)), ("b.talk", &look)]);
    let (both, _) = test(folder.path(), &["--coverage"], 0);
    fs::remove_file(folder.path().join("tests/conversations/b.talk")).unwrap();
    let (one, _) = test(folder.path(), &["--coverage"], 0);
    let count = |text: &str, kind: &str| -> (usize, usize) {
        let words: Vec<&str> = text.lines().next().unwrap().split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let at = words.iter().position(|word| *word == kind).unwrap();
        (words[at - 3].parse().unwrap(), words[at - 1].parse().unwrap())
    };
    for (kind, more) in [("states", 0), ("handlers", 1), ("outcomes", 1), ("branches", 0), ("answers", 0)] {
        let ((of_both, all), (of_one, same)) = (count(&both, kind), count(&one, kind));
        assert_eq!((of_both - of_one, all), (more, same), "{kind}\n{both}\n{one}");
    }
    // A handler that stands in two states counts once; what was not reached is named by its line.
    assert_eq!(count(&both, "handlers").1, DESK.matches(" on \"").count(), "{both}");
    let line = DESK.lines().position(|line| line.contains("ask box")).unwrap() + 1;
    assert!(both.contains(&format!("protocols/desk.proto.dsl:{line}: outcome row of box not reached")), "{both}");
    assert!(!both.contains("outcome none of box"), "{both}");
}

#[test]
fn runs_are_written_for_machines_too() {
    let folder = folder(&[("a.talk", &titled("good & plain", GREETED)), ("b.talk", &titled("bad", "S: 221 <*>\n"))]);
    let (json, stderr) = test(folder.path(), &["--format", "json"], 1);
    assert!(stderr.ends_with("1 passed, 1 failed\n"), "{stderr}");
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["passed"], &lines[1]["passed"]), (&true.into(), &false.into()));
    assert_eq!(lines[1]["failures"][0]["line"], 2);
    assert_eq!(lines[1]["failures"][0]["received"], "S: 220 mail.example.com for 192.0.2.1");
    let (tap, _) = test(folder.path(), &["--format", "tap"], 1);
    assert!(tap.starts_with("TAP version 13\n1..2\nok 1 - good & plain ("), "{tap}");
    assert!(tap.contains("\nnot ok 2 - bad (") && tap.contains("\n#   expected  S: 221 <*>\n"), "{tap}");
    let (junit, _) = test(folder.path(), &["--format", "junit"], 1);
    assert!(junit.contains("<testsuite name=\"transcripts\" tests=\"2\" failures=\"1\">"), "{junit}");
    assert!(junit.contains("name=\"good &amp; plain\"") && junit.contains("S: 221 &lt;*&gt;"), "{junit}");
}

#[test]
fn trace_prints_each_conversation() {
    let folder = folder(&[("a.talk", &titled("a", "S: 220 <*>\nC: QUIT\nS: 221 <*>\n--- closed\n"))]);
    let (_, stderr) = test(folder.path(), &["--trace"], 0);
    let wanted = "a.talk (memory)\nS: 220 mail.example.com for 192.0.2.1\nC: QUIT\nS: 221 bye\n--- closed\n";
    assert!(stderr.contains(wanted), "{stderr}");
}

/// Root serves only as somebody else: the folder becomes his, and this is said in the configuration.
fn give_away_as_root(folder: &std::path::Path) -> &'static str {
    if !nix::unistd::geteuid().is_root() {
        return "";
    }
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    nix::unistd::chown(folder, Some(nobody.uid), Some(nobody.gid)).unwrap();
    "run_as: { user: nobody }\n"
}

#[test]
fn another_server_is_tested_with_what_runs_anywhere() {
    let anywhere = |title: &str, body: &str| format!("transcript \"{title}\" for desk, runs anywhere\n{body}");
    let talk = "S: 220 <*>\nC: HI\nS: ...\nC: STARTTLS\nS: 220 <*>\n--- tls\n--- state ready\nC: HI\nS: 250-one\nS: ...\nS: 250 three\n--- wait 6 minutes\nS: 421 idle\n";
    let folder = folder(&[
        ("a.talk", &anywhere("a", talk)),
        ("b.talk", &anywhere("b", "S: 220 <*>\nC: HI\nS: 250 one\nS: ...\n")),
        ("c.talk", &titled("c", "S: 221 <*>\n")),
    ]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "server_name: mail.example.com\nlisteners: [{{ listen: \"127.0.0.1:{port}\", protocol: desk }}]\n\
         databases: {{ default: {{ url: \"sqlite::memory:\", schema: schema.sql }} }}\n\
         sinks: {{ inbox: {{ discard: true }} }}\ntls: {{ self_signed: when_missing }}\n{}",
        give_away_as_root(folder.path())
    );
    fs::write(folder.path().join("config.yaml"), config).unwrap();
    fs::write(folder.path().join("schema.sql"), "CREATE TABLE notes (what TEXT);").unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_saywhen"));
    server.arg("run").current_dir(folder.path()).stdin(Stdio::null()).stderr(Stdio::piped());
    let mut server = server.spawn().unwrap();
    let log = BufReader::new(server.stderr.take().unwrap());
    assert!(log.lines().map_while(Result::ok).any(|line| line.contains("ready")));
    let (stdout, stderr) = test(folder.path(), &["--against", &format!("127.0.0.1:{port}")], 1);
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(stderr.contains("1 transcripts need fixtures and are left out"), "{stderr}");
    assert!(stdout.contains("FAIL  b  (127.0.0.1:") && stdout.contains("received  S: 250-one"), "{stdout}");
    // The state, the wait, and the line behind the wait.
    assert!(stdout.contains("\n3 steps do not apply here and were left out\n1 passed, 1 failed\n"), "{stdout}");
}
