//! Started as root, a server binds low ports and goes on as nobody special. These tests run as root; they fail, and do
//! not pass over anything, where that right or the kernel's sandbox is missing.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt};

use conversations::{Client, Installed, Said, free_ports, give_away, is_root, root, stored, tool};

const SETTINGS: &str = "settings: { our_domains: [example.com] }";

/// Delivers a message on each port of each address, under TLS.
const DELIVER: &str = "
import smtplib, ssl
context = ssl._create_unverified_context()
for host in ('127.0.0.1', '::1'):
    for port in (25, 465, 587):
        if port == 465:
            session = smtplib.SMTP_SSL(host, port, context=context, timeout=30)
        else:
            session = smtplib.SMTP(host, port, timeout=30)
            session.starttls(context=context)
        sender = 'p%d.v%d@example.net' % (port, 6 if ':' in host else 4)
        session.sendmail(sender, ['bob@example.com'], 'Subject: low\\r\\n\\r\\nPorts\\r\\n')
        session.quit()
";

fn low_ports() -> String {
    let listener = |port, tls| {
        format!("  - {{ listen: [\"127.0.0.1:{port}\", \"[::1]:{port}\"], protocol: smtp, tls: {tls}, {SETTINGS} }}\n")
    };
    [listener(25, "starttls"), listener(465, "implicit"), listener(587, "starttls")].concat()
}

fn one_listener() -> String {
    let [port, _] = free_ports();
    format!("  - {{ listen: \"127.0.0.1:{port}\", protocol: smtp, {SETTINGS} }}")
}

fn check(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, code, "{}", said.text);
    for word in words {
        assert!(said.text.contains(word), "no `{word}` in: {}", said.text);
    }
}

/// A line of `/proc/PID/status`, its words.
fn line(pid: u32, name: &str) -> Vec<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {name}")).split_whitespace().map(str::to_string).collect()
}

/// The numbers of `nobody` and `nogroup`.
fn nobody() -> (String, String) {
    let number = |file: &str, name: &str| {
        let text = fs::read_to_string(file).expect("it can be read");
        let line = text.lines().find(|line| line.starts_with(&format!("{name}:"))).expect("Debian has it");
        line.split(':').nth(2).expect("a number").to_string()
    };
    (number("/etc/passwd", "nobody"), number("/etc/group", "nogroup"))
}

fn has_no_rights(pid: u32, capabilities: &str) {
    let (uid, gid) = nobody();
    assert_eq!(line(pid, "Uid"), vec![uid; 4]);
    assert_eq!(line(pid, "Gid"), vec![gid.clone(); 4]);
    let groups: BTreeSet<String> = line(pid, "Groups").into_iter().collect();
    assert!(groups.is_subset(&BTreeSet::from([gid])), "{groups:?}");
    for (set, expected) in [("CapInh", "0"), ("CapPrm", capabilities), ("CapEff", capabilities), ("CapAmb", "0")] {
        assert_eq!(line(pid, set), [format!("{expected:0>16}")], "{set}");
    }
    assert_eq!(line(pid, "CapBnd"), [format!("{capabilities:0>16}")]);
    assert_eq!(line(pid, "NoNewPrivs"), ["1"]);
    // What holds for one thread must hold for all.
    for task in fs::read_dir(format!("/proc/{pid}/task")).expect("the server has threads") {
        let path = task.expect("a thread can be listed").path().join("status");
        let status = fs::read_to_string(path).expect("a thread has a state");
        assert!(status.contains(&format!("CapEff:\t{capabilities:0>16}")), "{status}");
        assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    }
}

#[test]
fn low_ports_are_served_without_the_rights_of_root() {
    assert!(is_root(), "this test needs root: low ports");
    for (extra, capabilities) in [("", "0"), ("run_as: { user: nobody, group: nogroup, keep_low_ports: yes }", "400")] {
        let installed = Installed::new(&low_ports(), extra);
        check(&installed.saywhen(&["start"]), 0, &[]);
        has_no_rights(installed.pid(), capabilities);
        let sent = tool("python3", "python3").args(["-c", DELIVER]).output().expect("python can be run");
        assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
        let senders: BTreeSet<String> = stored(&installed.file("mail")).iter().map(|mail| mail.sender()).collect();
        let ports = ["25", "465", "587"];
        let expected = ports.iter().flat_map(|port| ["4", "6"].map(|v| format!("p{port}.v{v}@example.net")));
        assert_eq!(senders, expected.collect::<BTreeSet<_>>());
        check(&installed.saywhen(&["stop"]), 0, &[]);
    }
}

#[test]
fn the_sandbox_keeps_the_server_to_what_its_configuration_names() {
    let installed = Installed::new(&one_listener(), "");
    let outside = tempfile::tempdir().expect("a folder can be made");
    give_away(outside.path());
    fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
    check(&installed.saywhen(&["start"]), 0, &[]);
    // Else this kernel has no landlock, or not all of it.
    installed.logs("info    - sandbox: ");
    // Its user may write there, and the sandbox may not.
    let sink = format!("{{ maildir: \"{}/mail\" }}", outside.path().display());
    installed.replace("config.yaml", "{ maildir: \"mail\" }", &sink);
    let said = installed.saywhen(&["reload"]);
    assert_ne!(said.code, 0, "{}", said.text);
    assert!(said.text.contains("Permission denied"), "{}", said.text);
    let beyond = format!("needs restart: the sandbox of the start does not reach `{}", outside.path().display());
    assert!(said.text.contains(&beyond), "{}", said.text);
    assert_eq!(fs::read_dir(outside.path()).expect("it can be listed").count(), 0);
    // Nor read there.
    let secret = outside.path().join("name");
    fs::write(&secret, "mx.example.com\n").expect("it can be written");
    installed.replace("config.yaml", &sink, "{ maildir: \"mail\" }");
    let name = format!("server_name: \"${{file:{}}}\"", secret.display());
    installed.replace("config.yaml", "server_name: mail.example.com", &name);
    check(&installed.saywhen(&["reload"]), 78, &["Permission denied"]);
    // After a restart both are named by the configuration.
    check(&installed.saywhen(&["restart"]), 0, &[]);
}

#[test]
fn another_folder_of_protocols_is_seen_inside_the_sandbox() {
    let outside = tempfile::tempdir().expect("a folder can be made");
    fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    let lay = |release: &str, word: &str| {
        let folder = outside.path().join(release).join("protocols");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let shipped = fs::read_to_string(root().join("protocols/smtp.proto.dsl")).expect("the shipped protocol");
        let text = shipped.replacen("ESMTP ready", &format!("ESMTP {word}"), 1);
        fs::write(folder.join("smtp.proto.dsl"), text).expect("it can be written");
        give_away(outside.path());
    };
    let links = |to: &str| {
        let link = outside.path().join("current");
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(to, link).expect("a link can be made");
    };
    lay("one", "one");
    links("one");
    let [port, _] = free_ports();
    let listener = format!("  - {{ listen: \"127.0.0.1:{port}\", protocol: smtp, {SETTINGS} }}");
    let installed = Installed::new(&listener, "reload: { watch: false }\n");
    let named = format!("protocols: {}/current/protocols", outside.path().display());
    installed.replace("config.yaml", "protocols: protocols/", &named);
    check(&installed.saywhen(&["start"]), 0, &[]);
    let says = |word: &str| {
        let greeting = Client::connect(port).expect("the server listens").answer().expect("a greeting");
        assert!(greeting.lines[0].ends_with(word), "{greeting:?}");
    };
    says("one");
    // The link leads elsewhere.
    lay("two", "two");
    links("two");
    check(&installed.saywhen(&["reload"]), 0, &[]);
    says("two");
    // Another folder has the name.
    fs::remove_dir_all(outside.path().join("two/protocols")).expect("it is ours");
    lay("two", "three");
    check(&installed.saywhen(&["reload"]), 0, &[]);
    says("three");
    check(&installed.saywhen(&["restart"]), 0, &[]);
    check(&installed.saywhen(&["reload"]), 0, &[]);
}

#[test]
fn rights_that_are_wrong_are_refused_with_what_to_do() {
    assert!(is_root(), "this test needs root");
    let refused = |extra: &str, code: i32, words: &[&str]| {
        let installed = Installed::new(&one_listener(), extra);
        check(&installed.saywhen(&["start"]), code, words);
    };
    refused("#run_as: none", 77, &["started as root", "runuser -u"]);
    refused("run_as: { user: root }", 78, &["names root", "owns nothing else"]);
    refused("run_as: { user: nobody, group: root }", 78, &["names root"]);
    refused("run_as: { user: no_such_user }", 78, &["no user `no_such_user`", "adduser"]);
    refused("run_as: { group: nogroup }", 78, &["has no `user`"]);

    let installed = Installed::new(&one_listener(), "");
    let own = |path: &str| {
        let status = tool("chown", "coreutils").arg("root:root").arg(installed.file(path)).status();
        assert!(status.expect("chown can be run").success());
        fs::set_permissions(installed.file(path), fs::Permissions::from_mode(0o700)).expect("it is ours");
    };
    own("protocols/smtp.proto.dsl");
    check(&installed.saywhen(&["start"]), 77, &["smtp.proto.dsl", "a reload would have to", "chgrp nogroup"]);
    give_away(installed.path());
    fs::create_dir_all(installed.file("mail")).expect("it can be made");
    own("mail");
    check(&installed.saywhen(&["start"]), 77, &["mail", "cannot be written by the user `nobody`", "chown -R nobody"]);

    // Root may serve this machine alone.
    let [port, _] = free_ports();
    let dev = installed.saywhen(&["dev", "--listen", &format!("0.0.0.0:{port}")]);
    check(&dev, 77, &["root is not served to others"]);
}

#[test]
fn a_root_folder_of_its_own_holds_all_that_the_server_sees() {
    assert!(is_root(), "this test needs root");
    let installed = Installed::new(&one_listener(), "run_as: { user: nobody, group: nogroup, root: ROOT }");
    let root = installed.path().display().to_string();
    installed.replace("config.yaml", "root: ROOT", &format!("root: \"{root}\""));
    check(&installed.saywhen(&["start"]), 77, &["others than root may write into it"]);
    let status = tool("chown", "coreutils").arg("root:root").arg(installed.path()).status();
    assert!(status.expect("chown can be run").success());
    fs::set_permissions(installed.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    for folder in ["mail", "run", "spool", "db", "pair"] {
        fs::create_dir_all(installed.file(folder)).expect("it can be made");
        give_away(&installed.file(folder));
    }
    installed.replace("config.yaml", "sqlite:saywhen.db", "sqlite:/db/saywhen.db");
    installed.replace(
        "config.yaml",
        "certificate: cert.pem, key: key.pem",
        "certificate: pair/cert.pem, key: pair/key.pem",
    );
    check(&installed.saywhen(&["start"]), 0, &[]);
    let pid = installed.pid();
    assert_eq!(fs::read_link(format!("/proc/{pid}/root")).expect("root sees it").display().to_string(), root);
    has_no_rights(pid, "0");
    check(&installed.saywhen(&["status"]), 0, &["smtp"]);
    check(&installed.saywhen(&["reload"]), 0, &["accepted"]);
    check(&installed.saywhen(&["stop"]), 0, &[]);
}
