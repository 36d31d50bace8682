//! Whoever begins with `saywhen new` and follows its README sees it work, command by command; and the tutorial is true.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use conversations::{SiteSetup, binary, free_ports, root, tool};

fn saywhen(folder: &Path, words: &[&str]) -> Output {
    Command::new(binary()).args(words).current_dir(folder).stdin(Stdio::null()).output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// The pieces of a page that are fenced with such a word, with what stands behind the word.
fn fenced<'p>(page: &'p str, word: &str) -> Vec<(&'p str, String)> {
    let pieces = page.split("\n```").skip(1).step_by(2);
    let pieces = pieces.filter_map(|piece| piece.split_once('\n'));
    pieces.filter_map(|(head, text)| Some((head.strip_prefix(word)?.trim(), format!("{text}\n")))).collect()
}

#[test]
fn the_five_commands_of_a_new_project_work() {
    let around = tempfile::Builder::new().prefix("saywhen-new-").tempdir().expect("a folder can be made");
    fs::set_permissions(around.path(), fs::Permissions::from_mode(0o755)).expect("its rights can be set");
    let output = saywhen(around.path(), &["new", "first"]);
    assert!(output.status.success(), "{}", said(&output));
    let folder = around.path().join("first");
    let readme = fs::read_to_string(folder.join("README.md")).expect("a README");
    let [(_, commands)] = &fenced(&readme, "sh")[..] else { panic!("{readme}") };
    let commands: Vec<String> =
        commands.lines().map(|line| line.split('#').next().unwrap_or_default().trim().to_owned()).collect();
    assert_eq!(commands.len(), 5, "{readme}");

    let [port, _] = free_ports();
    let file = folder.join("config.yaml");
    let config = fs::read_to_string(&file).expect("a configuration");
    fs::write(&file, config.replace("2626", &port.to_string())).expect("it can be changed");
    let run = |command: &str| {
        let command = command.replace("2626", &port.to_string());
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let output = saywhen(&folder, &words);
        let log = fs::read_to_string(folder.join("run/hello.log")).unwrap_or_default();
        assert!(output.status.success(), "{command}: {}{log}", said(&output));
        said(&output)
    };
    assert!(run(&commands[0]).contains("no findings"));
    assert!(run(&commands[1]).contains("1 passed, 0 failed"));
    run(&commands[2]);
    let ended = Ended(&folder);
    assert!(run(&commands[3]).contains("1 passed, 0 failed"));
    // A new answer is taken up while it runs, and the conversation says where it differs.
    let protocol = folder.join("protocols/hello.proto.dsl");
    let text = fs::read_to_string(&protocol).expect("a protocol");
    fs::write(&protocol, text.replace("who is there?", "who knocks?")).expect("it can be changed");
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let words = ["test", "--against", &format!("127.0.0.1:{port}")];
        let said = said(&saywhen(&folder, &words));
        if said.contains("received  S: 220 who knocks?") {
            break;
        }
        assert!(Instant::now() < end, "the change is not taken up: {said}");
        thread::sleep(Duration::from_millis(100));
    }
    assert!(run("saywhen test --update").contains("1 passed"));
    assert!(run(&commands[1]).contains("1 passed, 0 failed"));
    run(&commands[4]);
    assert!(!saywhen(&folder, &["status"]).status.success(), "it serves on");
    drop(ended);
}

/// Ends a server in the background, should a test fail before it does.
struct Ended<'a>(&'a Path);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = saywhen(self.0, &["stop"]);
        }
    }
}

#[test]
fn a_folder_that_holds_anything_is_left_as_it_is() {
    let around = tempfile::tempdir().expect("a folder can be made");
    fs::create_dir(around.path().join("empty")).expect("a folder can be made");
    assert!(saywhen(around.path(), &["new", "empty"]).status.success());
    fs::write(around.path().join("file"), "text").expect("a file can be written");
    for (name, wanted) in [("empty", "the folder `empty` is not empty"), ("file", "`file` cannot be used")] {
        let output = saywhen(around.path(), &["new", name]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains(wanted) && said(&output).contains("help: "), "{}", said(&output));
    }
    assert_eq!(fs::read_to_string(around.path().join("file")).expect("it is there"), "text");
}

#[test]
fn what_a_new_project_holds_is_laid_out_and_reached_as_ours_is() {
    let around = tempfile::tempdir().expect("a folder can be made");
    assert!(saywhen(around.path(), &["new", "."]).status.success());
    let output = saywhen(around.path(), &["fmt", "--check", "protocols/hello.proto.dsl"]);
    assert!(output.status.success(), "{}", said(&output));
    let output = saywhen(around.path(), &["test", "--coverage"]);
    assert!(said(&output).contains("2 of 2 states, 4 of 4 handlers"), "{}", said(&output));
}

/// The steps of the tutorial: each its heading, and the files that it shows.
fn steps(page: &str) -> Vec<(&str, &str)> {
    page.split("\n## ").skip(1).filter_map(|step| step.split_once('\n')).collect()
}

fn tutorial() -> String {
    fs::read_to_string(root().join("docs/tutorial.md")).expect("the tutorial")
}

#[test]
fn each_step_of_the_tutorial_compiles_and_its_conversations_play() {
    let page = tutorial();
    let mut played = 0;
    for (heading, step) in steps(&page) {
        let shown = fenced(step, "dsl");
        let [(file, text)] = &shown[..] else { continue };
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::write(folder.path().join(file), text).expect("the folder can be written");
        for (name, text) in fenced(step, "talk") {
            fs::write(folder.path().join(name), text).expect("the folder can be written");
            played += 1;
        }
        for words in [&["check", file][..], &["fmt", "--check", file], &["test", ".", "--protocols", ".", "--wire"]] {
            let output = saywhen(folder.path(), words);
            assert!(output.status.success(), "{heading}: {words:?}: {}", said(&output));
        }
    }
    assert!(played >= 4, "only {played} conversations");
}

/// What somebody under TLS hears, line by line, to what they say.
const CLIENT: &str = r#"
import socket, ssl, sys
plain = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
def ask(connection, line):
    if line: connection.sendall(line.encode() + b"\r\n")
    print(connection.makefile("rb").readline().decode().strip())
ask(plain, "")
ask(plain, "STARTTLS")
context = ssl.create_default_context(cafile="cert.pem")
secure = context.wrap_socket(plain, server_hostname="localhost")
for line in ["LOGIN ann s3cret", "GET colour", "SET colour deep blue", "GET colour", "QUIT"]: ask(secure, line)
"#;

#[test]
fn the_store_of_the_tutorial_serves_over_tls_from_its_tables() {
    let page = tutorial();
    let steps = steps(&page);
    let (_, last) = steps.iter().rev().find(|(_, step)| !fenced(step, "dsl").is_empty()).expect("a step");
    let (_, run) = steps.iter().find(|(heading, _)| heading.starts_with("Step 5")).expect("the last step");
    let [(_, protocol)] = &fenced(last, "dsl")[..] else { panic!("one file a step") };
    let ([(_, tables)], [(_, config)]) = (&fenced(run, "sql")[..], &fenced(run, "yaml")[..]) else {
        panic!("two files")
    };
    let site = SiteSetup::new(&config.replace("2627", "{0}"))
        .file("protocols/store.proto.dsl", protocol)
        .file("schema.sql", tables)
        .start();
    let mut client = tool("python3", "python3")
        .arg("-")
        .arg(site.ports[0].to_string())
        .current_dir(site.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    client.stdin.take().expect("its input is a pipe").write_all(CLIENT.as_bytes()).expect("python3 reads");
    let output = client.wait_with_output().expect("python3 ends");
    let wanted = [
        "220 welcome to the store; STARTTLS first",
        "220 go ahead",
        "250 welcome, ann",
        "550 nothing is called colour",
        "250 kept",
        "250 deep blue",
        "221 come again",
    ];
    assert_eq!(said(&output).lines().collect::<Vec<_>>(), wanted, "{}", site.log());
}
