//! The program as it is called: what it says, and how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

const SAMPLE: &str = include_str!("serving/sample.proto.dsl");

/// A folder with a configuration, and the sample as its protocol.
fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("protocols")).unwrap();
    fs::write(folder.path().join("protocols/sample.proto.dsl"), SAMPLE).unwrap();
    fs::write(folder.path().join("config.yaml"), config).unwrap();
    if is_root() {
        for path in ["", "protocols", "config.yaml"] {
            let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
            nix::unistd::chown(&folder.path().join(path), Some(nobody.uid), Some(nobody.gid)).unwrap();
        }
    }
    folder
}

/// Root serves only as somebody else.
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn config(port: u16, rest: &str) -> String {
    let run_as = if is_root() { "run_as: { user: nobody }\n" } else { "" };
    format!(
        "server_name: mail.example.com\nlisteners: [{{ listen: \"127.0.0.1:{port}\", protocol: sample }}]\n\
         databases: {{ default: {{ url: \"sqlite::memory:\" }} }}\ntls: {{ self_signed: when_missing }}\n{rest}{run_as}"
    )
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saywhen"));
    command.args(words).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Calls it, and compares its exit code and words that must stand in what it says.
fn check(folder: &Path, words: &[&str], code: i32, says: &[&str]) -> String {
    let Output { status, stdout, stderr } = command(folder, words).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(code), "{words:?}\n{said}");
    for words in says {
        assert!(said.contains(words), "`{words}` is missing in:\n{said}");
    }
    said
}

/// Starts it, and waits until the port answers.
fn start(folder: &Path, words: &[&str], port: u16) -> (Child, BufReader<TcpStream>) {
    let mut child = command(folder, words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
            return (child, BufReader::new(stream));
        }
        if let Some(status) = child.try_wait().unwrap() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("{status}: {said}");
        }
        assert!(Instant::now() < end, "it does not serve");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(child: &Child, signal: nix::sys::signal::Signal) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), signal).unwrap();
}

fn line(client: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    client.read_line(&mut line).unwrap();
    line.trim_end().to_string()
}

#[test]
fn it_runs_until_it_is_told_to_end_and_says_so_in_its_log() {
    let port = free_port();
    let folder = folder(&config(port, "log: { file: logs/saywhen.log, conversation: true }\n"));
    let (mut child, mut client) = start(folder.path(), &["run"], port);
    assert_eq!(line(&mut client), "220 mail.example.com");
    client.get_mut().write_all(b"ECHO \x01\r\nECHO hello\r\n").unwrap();
    assert_eq!(line(&mut client), "501 how?");
    assert_eq!(line(&mut client), "250 hello");
    signal(&child, nix::sys::signal::SIGTERM);
    assert_eq!(line(&mut client), "421 shutdown");
    assert_eq!(line(&mut client), "");
    drop(client);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let log = fs::read_to_string(folder.path().join("logs/saywhen.log")).unwrap();
    for words in
        ["listening on 127.0.0.1:", "ready", "connected peer=127.0.0.1:", "C: ECHO hello", "terminated by admin"]
    {
        assert!(log.contains(words), "`{words}` is missing in:\n{log}");
    }
    let named = log.lines().find_map(|line| line.split_once(" connected ")?.0.rsplit(' ').next()).unwrap();
    assert!(log.lines().filter(|line| line.contains(named)).count() >= 6, "{log}");
    assert!(log.chars().all(|c| c == '\n' || !c.is_control()), "{log:?}");
    let key = fs::metadata(folder.path().join("key.pem")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777, 0o600);
}

#[test]
fn a_second_interrupt_ends_it_at_once() {
    let port = free_port();
    let folder = folder(&config(port, "shutdown_grace: 1h\n"));
    let (mut child, mut client) = start(folder.path(), &["run", "--config", "config.yaml"], port);
    assert_eq!(line(&mut client), "220 mail.example.com");
    // A message half sent keeps its session from ending by itself.
    client.get_mut().write_all(b"DATA\r\nhalf a line").unwrap();
    assert_eq!(line(&mut client), "354 go");
    signal(&child, nix::sys::signal::SIGINT);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(child.try_wait().unwrap(), None);
    signal(&child, nix::sys::signal::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn json_logs_are_one_object_per_line() {
    let port = free_port();
    let folder = folder(&config(port, "log: { file: log, format: json }\n"));
    let (mut child, client) = start(folder.path(), &["run"], port);
    drop(client);
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, nix::sys::signal::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["message"] == "connected" && line["session"].is_string()), "{log}");
}

#[test]
fn what_keeps_it_from_starting_is_said_with_its_own_exit_code() {
    let empty = tempfile::tempdir().unwrap();
    check(empty.path(), &["run", "--config", "none.yaml"], 78, &["`none.yaml` cannot be read", "help: "]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    check(folder(&config(port, "")).path(), &["run"], 75, &["cannot listen on 127.0.0.1:", "help: another process"]);
    let wrong = folder("listeners: [{ listen: \"localhost:2010\", protocol: sample }]\n");
    check(wrong.path(), &["run"], 78, &["config.yaml", "Y05", "`localhost:2010` is no address to listen on"]);
    let broken = folder(&config(free_port(), ""));
    let path = broken.path().join("protocols/sample.proto.dsl");
    fs::write(&path, SAMPLE.replace("reply 550 \"none\"  stay", "reply 550 \"none\"")).unwrap();
    check(broken.path(), &["run"], 65, &["sample.proto.dsl", "F01"]);
    let half = folder(&config(free_port(), ""));
    fs::write(half.path().join("cert.pem"), "").unwrap();
    check(half.path(), &["run"], 78, &["`cert.pem` is there and `key.pem` is not"]);
    check(empty.path(), &["run", "--colour"], 2, &["--colour"]);
}

#[test]
fn check_finds_everything_and_opens_nothing() {
    let fine = folder(&config(2525, ""));
    check(fine.path(), &["check"], 0, &["no findings"]);
    check(fine.path(), &["check", "protocols/sample.proto.dsl", "config.yaml"], 0, &["no findings"]);
    check(fine.path(), &["check", "config.txt"], 2, &["neither a protocol nor a configuration"]);
    assert_eq!(fs::read_dir(fine.path()).unwrap().count(), 2, "it made a file");
    let unused = SAMPLE.replace("start state", "routine unused { reply 250 \"x\"  stay }\nstart state");
    fs::write(fine.path().join("protocols/other.proto.dsl"), &unused).unwrap();
    check(fine.path(), &["check"], 0, &["other.proto.dsl", "1 warning"]);
    check(fine.path(), &["check", "--deny-warnings"], 1, &["other.proto.dsl"]);
    let wrong = folder(&config(2525, "lmits: {}\n"));
    let short = check(wrong.path(), &["check", "--format", "short"], 1, &["config.yaml:5:1", "Y02"]);
    assert!(short.lines().count() == 1, "{short}");
    let json = check(wrong.path(), &["check", "--format", "json"], 1, &[]);
    assert!(json.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{json}");
    check(wrong.path(), &["check", "--format", "github"], 1, &["::error"]);
}

#[test]
fn the_configuration_is_shown_as_it_is_understood_without_secrets() {
    let secret = folder(&config(2525, "").replace("mail.example.com", "${file:name}"));
    fs::write(secret.path().join("name"), "hidden.example.com\n").unwrap();
    let said = check(
        secret.path(),
        &["config", "show"],
        0,
        &["server_name: ***", "listeners[0].tls: starttls", "# what the protocol can do", "spool.memory: 256KiB"],
    );
    assert!(!said.contains("hidden"), "{said}");
    let said = check(secret.path(), &["config", "show", "--json"], 0, &[]);
    assert!(said.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{said}");
}

#[test]
fn codes_and_actions_are_explained() {
    let here = Path::new(".");
    let all = check(here, &["explain"], 0, &["Y01", "F01", "dig"]);
    for code in all.lines().filter_map(|line| line.split_once("  error").map(|(code, _)| code)) {
        check(here, &["explain", code], 0, &[code, "Accepted:", "Refused:"]);
    }
    check(here, &["explain", "y05"], 0, &["not an address to listen on"]);
    check(here, &["explain", "blacklist"], 0, &["listed"]);
    check(here, &["explain", "--json", "Y05"], 0, &["\"code\":\"Y05\""]);
    check(here, &["explain", "Y0"], 2, &["did you mean"]);
}

#[test]
fn certificates_are_made_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &["cert", "--name", "mail.example.com", "--out", "tls"], 0, &["tls/cert.pem", "tls/key.pem"]);
    check(folder.path(), &["cert", "--out", "tls"], 1, &["tls/key.pem", "cannot be written"]);
    check(folder.path(), &["cert", "--name", "not a host", "--out", "x"], 2, &["help: "]);
}

#[test]
fn dev_needs_no_file_and_says_what_to_try() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let address = format!("127.0.0.1:{port}");
    let (mut child, mut client) = start(folder.path(), &["dev", "--listen", &address, "--mail", "box"], port);
    assert!(line(&mut client).starts_with("220 localhost"));
    drop(client);
    signal(&child, nix::sys::signal::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains(&format!("on {address}")) && said.contains("mail goes into box/new"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "more than the Maildir was made");
    check(folder.path(), &["dev", "--listen", "localhost:2525"], 2, &["a listener takes an address, not a name"]);
}

#[test]
fn help_fits_one_screen() {
    let verbs = check(Path::new("."), &["-h"], 0, &["Usage: saywhen"]);
    let verbs: Vec<&str> =
        verbs.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next()).collect();
    assert!(verbs.len() >= 17, "{verbs:?}");
    for verb in verbs.into_iter().filter(|verb| !verb.starts_with('-')) {
        let said = check(Path::new("."), &[verb, "-h"], 0, &["Usage: saywhen"]);
        assert!(said.lines().count() <= 24, "{said}");
    }
}
