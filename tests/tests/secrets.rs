//! What a peer may have meant as a secret is in no answer and in no log, whatever it is written in and whenever it comes.

use std::{fs, process::Command};

use conversations::binary;

const LINES: &str = "wire { lines crlf at most 200 octets  reply \"{code} {text}\"  refusal 4xx 5xx  cancel \"*\" }";
const TAGGED: &str = "type label = 1*8(ALPHA / DIGIT)\nwire {\n    lines crlf at most 200 octets  command \"{tag: label} {command}\" else \"*\"\n    reply \"{tag} {code} {text}\"  say \"* {text}\"  prompt \"+ {text}\"  refusal 4xx 5xx  cancel \"*\"\n}";
const PROMPTS: &str = "cancelled -> 501 \"{line} {verb}\"  bad answer -> 501 \"{line} {verb}\"";
const AUTH: &str = "start state open {\n    on \"AUTH\" { let p = prompt \"password\" for secret word at most 100  reply 235 \"in\"  stay }\n    on \"SAY {what: word}\" -> 250 \"{what}\"\n}";

/// Plays lines against a protocol that repeats what no command takes, and sees that `geheim` is nowhere.
#[track_caller]
fn hides(wire: &str, body: &str, prompts: &str, steps: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let body = body.replace("prompt \"", if wire == LINES { "prompt 334 \"" } else { "prompt \"" });
    let protocol = format!(
        "protocol p \"keeps secrets\" version 1\n{wire}\n{body}\nanytime {{ on \"QUIT\" -> 221 \"bye\" close }}\n\
         unexpected {{\n    out of order -> 503 \"{{line}} {{verb}}\"  bad arguments -> 501 \"{{line}} {{verb}}\"\n    \
         unknown command -> 500 \"{{line}} {{verb}}\"  {prompts}\n}}\n\
         limits {{\n    line -> 500 \"{{line}} {{verb}}\"  idle 1 minute -> 421 \"{{line}}\" stay  session 1 hour -> 421 \"long\" close\n    \
         shutdown -> 421 \"bye\" close  full -> 421 \"full\" close  broken -> 421 \"broken\" close\n}}\n"
    );
    fs::write(folder.path().join("p.proto.dsl"), &protocol).expect("a protocol can be written");
    let step = |step: &&str| match step.strip_prefix("---") {
        Some(_) => format!("{step}\nS! <*>geheim<*>\nS: ...\n"),
        None => format!("C| \"{step}\\r\\n\"\nS! <*>geheim<*>\nS: ...\n"),
    };
    let said: String = steps.iter().map(step).collect();
    let then = "then {\n    conversation never contains \"geheim\"\n    conversation contains \"S: \"\n}\n";
    fs::write(folder.path().join("p.talk"), format!("transcript \"secrets\" for p\n\n{said}\n{then}"))
        .expect("written");
    let mut command = Command::new(binary());
    command.args(["test", "p.talk", "--protocols", "."]).current_dir(folder.path());
    let output = command.output().expect("the binary runs");
    let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    assert!(output.status.success(), "{protocol}\n{said}");
}

#[test]
fn a_line_that_may_be_meant_for_a_command_with_a_secret() {
    let login = "start state open { on \"LOGIN {who: word} {pw: secret word}\" -> 250 \"in\" }";
    let lines = [
        "LOGIN ann geheim",
        "LOGIN ann geheim geheim",
        "LOGIN geheim",
        "login:geheim",
        "LOGN ann geheim",
        "LOGINann geheim",
        "LOGINgeheim",
        "geheim",
        "LOGIN ann geheim\\x07",
        "LOGIN ann geheim\" \" x\" * 120 \"",
        "LOGINgeheim\" \"x\" * 220 \"",
    ];
    hides(LINES, login, "", &lines);
    let tagged: Vec<String> = lines.iter().map(|line| format!("a {line}")).collect();
    hides(TAGGED, login, "", &tagged.iter().map(String::as_str).collect::<Vec<_>>());
    let key = "start state open { on \"KEY={pw: secret word}\" -> 250 \"in\" }";
    hides(LINES, key, "", &["KEY=geheim", "KEY=geheim x", "key=geheim x", "KEY =geheim", "KEYgeheim", "KEY:geheim"]);
    let list = "start state open { on \"KEYS {all: secret list of word}\" -> 250 \"in\" }";
    hides(LINES, list, "", &["KEYS geheim geheim", "KEYS  geheim  geheim"]);
}

#[test]
fn secrets_among_keyword_parameters() {
    let body = "type how = params { \"PW\": secret word  \"N\": number }\nstart state open {\n    on \"GO {how: how}\" {\n        \
                require how.unknown is empty else 555 \"{size(how.unknown)} unknown\"\n        reply 250 \"gone\"\n        stay\n    }\n}";
    let lines = [
        "GO PW=geheim",
        "GO N=1 PW=geheim",
        "GO PWD=geheim",
        "GO PW=geheim PW=geheim",
        "GO N=geheim",
        "GO PW geheim",
        "GOPW=geheim",
    ];
    hides(LINES, body, "", &lines);
}

#[test]
fn a_line_that_a_command_without_a_verb_may_be_meant_to_take() {
    let body = "start state open { on \"NOW\" -> 250 \"now\" goto shut  on \"NAME {who: word}\" -> 250 \"{who}\" }\n\
                state shut { on \"{pw: secret word at most 20}\" -> 250 \"in\" goto open }";
    hides(LINES, body, "", &["geheim", "NAME geheim x", "NOW geheim", "NOW", "geheim geheim", "NAME geheim", "geheim"]);
}

#[test]
fn the_answer_to_a_prompt_that_comes_when_nothing_asks() {
    let late = ["AUTH", "--- wait 61 seconds", "geheim", "QUIT geheim", "SAY geheim geheim"];
    hides(LINES, AUTH, PROMPTS, &late);
    hides(TAGGED, AUTH, PROMPTS, &["a AUTH", "--- wait 61 seconds", "geheim", "geheim x", "b QUIT geheim"]);
    // It does not fit, or came before the question.
    hides(LINES, AUTH, PROMPTS, &["AUTH", "geheim geheim", "geheim", "SAY geheim geheim"]);
    hides(LINES, AUTH, PROMPTS, &["AUTH now", "geheim", "SAY geheim geheim"]);
    hides(LINES, AUTH, PROMPTS, &["AUTH", "geheim\" \"x\" * 220 \"", "SAY geheim geheim"]);
    let two = "start state open {\n    on \"AUTH\" {\n        let n = prompt \"name\" for base64 at most 100\n        \
               let p = prompt \"password\" for secret word at most 100\n        reply 235 \"in {n}\"\n        stay\n    }\n}";
    hides(LINES, two, PROMPTS, &["AUTH", "!geheim", "geheim", "QUIT geheim"]);
    let refused = "start state open {\n    on \"AUTH\" when tls is present { let p = prompt \"password\" for secret word at most 100  reply 235 \"in\"  stay }\n    \
                   on \"AUTH\" when tls is absent -> 538 \"not in the clear\"\n}";
    hides(LINES, refused, PROMPTS, &["AUTH", "geheim", "QUIT geheim"]);
}

#[test]
fn a_secret_attribute_with_blanks_around_it_or_under_a_name_that_is_misspelt() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let protocol = "protocol p version 1\nwire {\n    lines lf at most 200 octets\n    request attributes \": \" at most 9 lines and 1 KB { kind : word  password : secret text at most 20 }\n    \
                    reply \"{code} {text}\"  refusal 5xx\n}\nstart state open { on request when request.kind is present -> 250 \"kept\" }\n\
                    unexpected { out of order -> 503 \"{line}\"  bad arguments -> 501 \"{line} {verb}\" }\n\
                    limits { line -> 500 \"{line}\"  idle 1 minute -> silent close  session 1 hour -> silent close\n    \
                    shutdown -> silent close  full -> silent close  broken -> silent close }\n";
    fs::write(folder.path().join("p.proto.dsl"), protocol).expect("written");
    let talk = "transcript \"secrets\" for p\n\nC: kind: a\nC: Password:   geheim   \nC: passwort: geheim\nC: geheim: x\nC:\nS: 250 kept\n\
                C: password geheim\nC:\nS! <*>geheim<*>\nS: ...\nC: password: geheim geheim geheim geheim\nC:\nS! <*>geheim<*>\nS: ...\n\n\
                then {\n    conversation never contains \"geheim\"\n    conversation contains \"Password:   ***\"\n    conversation contains \"kind: a\"\n}\n";
    fs::write(folder.path().join("p.talk"), talk).expect("written");
    let output =
        Command::new(binary()).args(["test", "p.talk", "--protocols", "."]).current_dir(folder.path()).output();
    let output = output.expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
