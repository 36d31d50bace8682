//! The Debian package: installed, served from, driven through its init script, installed over, removed and purged on
//! this machine, as an administrator does it.
//!
//! All of it happens in name spaces of its own: the port that the package listens on is free there, and Debian's policy
//! against starting services is laid over there alone. Whatever comes of the test, the package is purged behind it.

use std::{
    env,
    fs::{self, File},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Message, binary, root, tool};

/// Set where the test is within its name spaces.
const INSIDE: &str = "SAYWHEN_TEST_INSIDE";
const CONFIG: &str = "/etc/saywhen/config.yaml";
const PID_FILE: &str = "/run/saywhen/saywhen.pid";
const PORT: u16 = 2525;

#[test]
fn the_package_is_installed_serves_is_upgraded_and_purged() {
    if env::var_os(INSIDE).is_none() {
        return enter();
    }
    // Worktrees and runs at the same time have one package database.
    let lock = File::create("/tmp/saywhen-package.lock").expect("a lock can be made");
    lock.lock().expect("the lock can be had");
    assert!(!Path::new("/etc/saywhen").exists(), "saywhen is installed on this machine: the test would purge it");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let package = build(folder.path());
    let _purge = Purge;

    the_archive_runs_where_it_is_unpacked(folder.path());
    installs_and_serves(&package);
    the_init_script_says_what_is();
    the_init_script_survives_a_crash_and_a_fault();
    an_upgrade_keeps_what_was_changed(&package);
    removal_keeps_the_configuration_and_purge_leaves_nothing();
}

/// Runs this test again in name spaces of its own.
fn enter() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let policy = folder.path().join("policy-rc.d");
    fs::write(&policy, "#!/bin/sh\nexit 0\n").expect("the folder can be written");
    fs::set_permissions(&policy, fs::Permissions::from_mode(0o755)).expect("a file of ours");
    let script = "ip link set lo up && { [ ! -e /usr/sbin/policy-rc.d ] || mount --bind \"$1\" /usr/sbin/policy-rc.d; } \
                  && shift && exec \"$@\"";
    tool("ip", "iproute2");
    let status = tool("unshare", "util-linux")
        .args(["--mount", "--net", "sh", "-c", script, "sh"])
        .arg(&policy)
        .arg(env::current_exe().expect("a process knows its file"))
        .args(["--exact", "the_package_is_installed_serves_is_upgraded_and_purged", "--nocapture"])
        .env(INSIDE, "yes")
        .env("SAYWHEN_BIN", binary())
        .status();
    assert!(status.expect("unshare can be run").success(), "the test failed within its name spaces");
}

fn build(folder: &Path) -> PathBuf {
    let output = Command::new(root().join("scripts/package"))
        .arg("--binary")
        .arg(binary())
        .arg("--output")
        .arg(folder)
        .output()
        .expect("scripts/package can be run");
    assert!(output.status.success(), "{}", said(&output));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

fn the_archive_runs_where_it_is_unpacked(folder: &Path) {
    let output = tool("sh", "dash")
        .arg("-c")
        .arg(
            "tar --extract --gzip --file saywhen-*.tar.gz && cd saywhen-*/ && bin/saywhen check && \
             grep -q EHLO protocols/smtp.proto.dsl && test -s man/saywhen.1 && test -s completions/saywhen.zsh",
        )
        .current_dir(folder)
        .output()
        .expect("sh can be run");
    assert!(output.status.success(), "{}", said(&output));
}

fn installs_and_serves(package: &Path) {
    let output = dpkg(&["--install", &package.to_string_lossy()]);
    assert!(!said(&output).contains("does not run"), "{}", said(&output));
    let user = line_of("/etc/passwd", "saywhen:").expect("there is a user `saywhen`");
    assert!(user.ends_with(":/var/lib/saywhen:/usr/sbin/nologin"), "{user}");
    deliver("after the installation");

    let status = fs::read_to_string(format!("/proc/{}/status", pid())).expect("the server runs");
    let uid = fs::metadata("/var/lib/saywhen").expect("its folder").uid();
    assert!(uid != 0 && status.contains(&format!("\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")), "{status}");
    for (path, mode) in
        [("/etc/saywhen", 0o750), ("/var/lib/saywhen", 0o750), ("/var/log/saywhen", 0o750), ("/run/saywhen", 0o755)]
    {
        let found = fs::metadata(path).unwrap_or_else(|error| panic!("{path}: {error}")).mode() & 0o7777;
        assert_eq!(found, mode, "{path} has mode {found:o}");
    }
    let log = fs::read_to_string("/var/log/saywhen/saywhen.log").expect("there is a log");
    assert!(log.contains("ready"), "{log}");
    for page in ["saywhen.1", "saywhen.yaml.5"] {
        let path = format!("/usr/share/man/man{}/{page}.gz", &page[page.len() - 1..]);
        assert!(Path::new(&path).exists(), "{path} is missing");
    }
}

fn the_init_script_says_what_is() {
    init("status", 0);
    init("start", 0);
    init("reload", 0);
    init("force-reload", 0);
    let before = pid();
    init("restart", 0);
    assert_ne!(pid(), before, "a restart begins a new process");
    let before = pid();
    init("try-restart", 0);
    assert_ne!(pid(), before, "a restart begins a new process");
    deliver("after a restart");
    init("stop", 0);
    assert!(Client::connect(PORT).is_err(), "it still listens after `stop`");
    init("status", 3);
    init("stop", 0);
    init("reload", 7);
    init("try-restart", 0);
    init("status", 3);
    init("dance", 2);
    let log = fs::read_to_string("/var/log/saywhen/saywhen.log").expect("there is a log");
    assert!(log.contains("terminated by admin"), "{log}");
}

fn the_init_script_survives_a_crash_and_a_fault() {
    let good = fs::read_to_string(CONFIG).expect("the configuration");
    fs::write(CONFIG, good.replace("server_name:", "server_nome:")).expect("the configuration can be written");
    init("start", 6);
    init("status", 3);
    fs::write(CONFIG, &good).expect("the configuration can be written");
    init("start", 0);

    fs::write(CONFIG, good.replace("server_name:", "server_nome:")).expect("the configuration can be written");
    let output = init("reload", 6);
    assert!(said(&output).contains("server_name"), "the fault is not shown: {}", said(&output));
    fs::write(CONFIG, &good).expect("the configuration can be written");
    deliver("after a refused reload");

    let killed = Command::new("kill").args(["-KILL", &pid()]).status();
    assert!(killed.expect("kill can be run").success());
    until("the process is gone", || Client::connect(PORT).is_err());
    init("status", 1);
    init("reload", 7);
    init("start", 0);
    init("status", 0);
    deliver("after a crash");
}

fn an_upgrade_keeps_what_was_changed(package: &Path) {
    let changed = fs::read_to_string(CONFIG).expect("the configuration") + "\n# Mine.\n";
    fs::write(CONFIG, &changed).expect("the configuration can be written");
    let (before, mail) = (pid(), count_mail());
    dpkg(&["--install", "--force-confdef", "--force-confold", &package.to_string_lossy()]);
    assert_eq!(fs::read_to_string(CONFIG).expect("the configuration"), changed);
    assert_ne!(pid(), before, "the new version serves");
    assert_eq!(count_mail(), mail, "mail was lost");
    deliver("after an upgrade");
}

fn removal_keeps_the_configuration_and_purge_leaves_nothing() {
    let process = pid();
    dpkg(&["--remove", "saywhen"]);
    assert!(!Path::new(&format!("/proc/{process}")).exists(), "the server still runs");
    assert!(Path::new(CONFIG).exists() && count_mail() > 0, "a removal keeps what is the administrator's");
    dpkg(&["--purge", "saywhen"]);
    assert_eq!(line_of("/etc/passwd", "saywhen:"), None);
    assert_eq!(line_of("/etc/group", "saywhen:"), None);
    let found = Command::new("find")
        .args(["/etc", "/usr", "/var", "/lib", "/run", "-xdev", "-name", "*saywhen*"])
        .output()
        .expect("find can be run");
    assert_eq!(String::from_utf8_lossy(&found.stdout), "", "the purge left these");
}

/// Purges whatever is there, also when the test failed half-way.
struct Purge;

impl Drop for Purge {
    fn drop(&mut self) {
        if Path::new("/etc/saywhen").exists() || Path::new("/usr/bin/saywhen").exists() {
            if thread::panicking() {
                eprintln!("{}", fs::read_to_string("/var/log/saywhen/saywhen.log").unwrap_or_default());
            }
            let _ = Command::new("/etc/init.d/saywhen").arg("stop").status();
            let _ = Command::new("dpkg").args(["--purge", "--force-all", "saywhen"]).status();
        }
    }
}

fn dpkg(arguments: &[&str]) -> Output {
    let output = tool("dpkg", "dpkg")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .expect("dpkg can be run");
    assert!(output.status.success(), "dpkg {arguments:?}: {}", said(&output));
    output
}

fn init(verb: &str, expected: i32) -> Output {
    let output = Command::new("/etc/init.d/saywhen").arg(verb).output().expect("the init script can be run");
    assert_eq!(output.status.code(), Some(expected), "`{verb}` said:\n{}", said(&output));
    output
}

fn deliver(subject: &str) {
    let before = count_mail();
    let mut client = Client::greeted(PORT);
    let mut message = Message::new("", format!("Subject: {subject}\r\n\r\nText\r\n"));
    message.recipients = vec!["bob@localhost".into()];
    let answer = client.deliver(&message).expect("the server answers");
    assert_eq!(answer.code, 250, "{subject}: {answer}");
    client.quit();
    assert_eq!(count_mail(), before + 1, "{subject}");
}

fn count_mail() -> usize {
    fs::read_dir("/var/lib/saywhen/mail/new").map_or(0, Iterator::count)
}

fn pid() -> String {
    let text = fs::read_to_string(PID_FILE).expect("the PID file");
    text.lines().next().unwrap_or_default().to_string()
}

fn line_of(file: &str, start: &str) -> Option<String> {
    let text = fs::read_to_string(file).expect("a file of the system");
    text.lines().find(|line| line.starts_with(start)).map(ToString::to_string)
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

fn until(what: &str, is: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is() {
        assert!(Instant::now() < end, "not within twenty seconds: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
