//! The daemon and its verbs: each returns when it is known what came of it, and says it in words and in its exit code.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, process::Command};

use conversations::{Client, Installed, Message, Said, free_ports, stored};

/// A configuration with one listener on a port of its own.
fn installed() -> (Installed, u16) {
    let [port, _] = free_ports();
    (Installed::new(&listener(port), ""), port)
}

fn listener(port: u16) -> String {
    format!("  - {{ listen: \"127.0.0.1:{port}\", protocol: smtp, settings: {{ our_domains: [example.com] }} }}")
}

fn check(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, code, "{}", said.text);
    for word in words {
        assert!(said.text.contains(word), "no `{word}` in: {}", said.text);
    }
}

#[test]
fn a_server_is_started_asked_and_ended() {
    let (installed, port) = installed();
    check(&installed.saywhen(&["status"]), 1, &["no server runs"]);
    check(&installed.saywhen(&["reload"]), 1, &["no server runs", "saywhen start"]);
    check(&installed.saywhen(&["stop"]), 0, &["no server runs"]);

    check(&installed.saywhen(&["start"]), 0, &["serves as process"]);
    let pid = installed.pid();
    // It serves: no waiting.
    let mut client = Client::greeted(port);
    assert_eq!(client.deliver(&Message::new("ann@example.net", "Hello\r\n")).expect("an answer").code, 250);
    let numbers = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let behind = numbers.rsplit(')').next().unwrap_or_default();
    let session = behind.split_whitespace().nth(3).map(str::to_string);
    assert_eq!(session, Some(pid.to_string()), "it leads no session of its own: {numbers}");
    let mode = fs::metadata(installed.file("run/saywhen.sock")).expect("a control socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o660);

    check(&installed.saywhen(&["start"]), 75, &["runs already", &pid.to_string()]);
    check(&installed.saywhen(&["run"]), 75, &["runs already", &pid.to_string()]);
    let status = installed.saywhen(&["status"]);
    check(&status, 0, &[&format!("process {pid}"), &format!("listens on 127.0.0.1:{port}: smtp"), "sessions: 1"]);
    let json = installed.saywhen(&["status", "--json"]);
    check(&json, 0, &[]);
    let json: serde_json::Value = serde_json::from_str(&json.text).expect("JSON");
    assert_eq!((&json["running"], &json["pid"], &json["sessions"]["open"]), (&true.into(), &pid.into(), &1.into()));
    client.quit();

    check(&installed.saywhen(&["restart"]), 0, &[&format!("process {pid} has ended"), "serves as process"]);
    let next = installed.pid();
    assert_ne!(next, pid);
    check(&installed.saywhen(&["stop"]), 0, &[&format!("process {next} has ended")]);
    assert!(Client::connect(port).is_err(), "something listens still");
    assert!(!installed.file("run/saywhen.pid").exists() && !installed.file("run/saywhen.sock").exists());
    // Its last words may still be on their way into the file.
    let told = || installed.read("run/saywhen.log").matches("terminated by admin").count();
    for _ in 0..100 {
        if told() == 2 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(told(), 2);
    assert_eq!(stored(&installed.file("mail")).len(), 1);
}

#[test]
fn a_reload_says_what_came_of_it() {
    let (installed, port) = installed();
    check(&installed.saywhen(&["start"]), 0, &[]);
    let greeting = |text: &str| {
        let mut client = Client::connect(port).expect("it listens");
        let answer = client.answer().expect("a greeting").to_string();
        assert!(answer.contains(text), "{answer}");
    };
    greeting("220 mail.example.com");
    installed.replace("config.yaml", "server_name: mail.example.com", "server_name: mx.example.com");
    check(&installed.saywhen(&["reload"]), 0, &["reload accepted"]);
    greeting("220 mx.example.com");
    installed.replace("protocols/smtp.proto.dsl", "protocol smtp", "protokol smtp");
    check(&installed.saywhen(&["reload"]), 65, &["refused, nothing changed", "protokol"]);
    check(&installed.saywhen(&["status"]), 0, &["refused, nothing changed"]);
    greeting("220 mx.example.com");
    // A server that runs is not ended for one that would not start.
    check(&installed.saywhen(&["restart"]), 65, &["nothing was ended"]);
    greeting("220 mx.example.com");
    // And whatever stands in the file, it can be ended.
    installed.write("config.yaml", &(installed.read("config.yaml") + "\nno_such_key: 1\n"));
    check(&installed.saywhen(&["reload"]), 78, &["no_such_key"]);
    check(&installed.saywhen(&["stop"]), 0, &["has ended"]);
}

#[test]
fn a_reload_shows_what_changes_as_a_conversation() {
    let [port, _] = free_ports();
    let installed = Installed::new(&listener(port), "\nreload: { watch: false }\n");
    check(&installed.saywhen(&["start"]), 0, &[]);
    installed.replace("protocols/smtp.proto.dsl", "says goodbye", "says farewell");
    let lines = [
        "smtp: conversation 1",
        "  S: 220 mail.example.com ESMTP ready",
        "  C: QUIT",
        "- S: 221 2.0.0 mail.example.com says goodbye",
        "+ S: 221 2.0.0 mail.example.com says farewell",
    ];
    check(&installed.saywhen(&["reload"]), 0, &[&format!("reload accepted\n{}\n", lines.join("\n"))]);
    // And who asks later is told so, too.
    check(&installed.saywhen(&["status"]), 0, &[&format!("accepted\n  {}\n", lines.join("\n  "))]);
    check(&installed.saywhen(&["stop"]), 0, &["has ended"]);
}

#[test]
fn a_start_that_fails_says_why() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("it is bound").port();
    let installed = Installed::new(&listener(port), "");
    check(&installed.saywhen(&["start"]), 75, &["cannot listen on 127.0.0.1", "ss -ltnp"]);
    assert!(!installed.file("run/saywhen.pid").exists());
    drop(taken);
    installed.replace("config.yaml", "log: { file: run/saywhen.log }\n", "");
    check(&installed.saywhen(&["start"]), 78, &["standard error", "log.file"]);
    installed.replace("config.yaml", "pid_file: run/saywhen.pid\n", "");
    check(&installed.saywhen(&["start"]), 78, &["pid_file"]);
    installed.write("config.yaml", "listeners: [\n");
    check(&installed.saywhen(&["start"]), 78, &["not YAML"]);
}

#[test]
fn a_stale_pid_file_stands_in_nobodys_way() {
    let (installed, port) = installed();
    check(&installed.saywhen(&["start", "--log-level", "debug"]), 0, &[]);
    let pid = installed.pid();
    let killed = Command::new("sh").args(["-c", "kill -9 \"$0\"", &pid.to_string()]).status();
    assert!(killed.expect("a shell can be run").success());
    while Client::connect(port).is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(installed.file("run/saywhen.pid").exists() && installed.file("run/saywhen.sock").exists());
    check(&installed.saywhen(&["status"]), 1, &["no server runs"]);
    check(&installed.saywhen(&["start"]), 0, &[]);
    assert_ne!(installed.pid(), pid);
    Client::greeted(port).quit();
}
