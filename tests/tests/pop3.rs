//! Real clients fetch mail: two recipients have two boxes, and each gets its own with poplib, curl, fetchmail and mpop, in
//! the clear, over STLS and over implicit TLS.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Output,
    time::Duration,
};

use conversations::{Client, Message, Site, SiteSetup, give_away, root, tool};

const HASH: &str = "$6$saywhen$kgQ.KRmkYVIxkFytkElW42MoYunsDAb0FIIMDhDB5BLXDFBZnzHMvoT7pTzIKk.tsftvPYubiCri7t0QSUKJy.";

/// The configuration that the book shows, with ports of the test's own.
fn configuration() -> String {
    let book = fs::read_to_string(root().join("docs/roles.md")).expect("the book");
    let shown = book.split("## A server to fetch mail from").nth(1).expect("the chapter is there");
    let yaml = shown.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it shows a file");
    let mut config = yaml.to_owned();
    for (port, mark) in [("\"25\"", "{0}"), ("\"110\"", "{1}"), ("\"995\"", "{2}")] {
        assert!(config.contains(port), "{config}");
        config = config.replace(port, &format!("\"127.0.0.1:{mark}\""));
    }
    let lines = config.lines().filter(|line| !line.starts_with("databases:") && !line.contains("default: {"));
    let plain = "  - { listen: \"127.0.0.1:{3}\", protocol: pop3, tls: starttls, settings: { clear: yes } }";
    let config: String = lines.map(|line| format!("{line}\n")).collect();
    config.replacen("listeners:\n", &format!("listeners:\n{plain}\n"), 1)
}

/// A server that takes mail and gives it out.
struct Office(Site);

impl Office {
    fn open() -> Office {
        let account =
            |login: &str| format!("INSERT INTO accounts (login, pw_hash) VALUES ('{login}@example.com', '{HASH}');");
        Office(SiteSetup::new(&configuration()).sql(&account("ann")).sql(&account("bob")).start())
    }

    /// The port for mail that comes in, and those for fetching it.
    fn ports(&self) -> [u16; 4] {
        self.0.ports[..].try_into().expect("four ports")
    }

    fn mailbox(&self, login: &str) -> PathBuf {
        self.0.folder().join("mail/example.com").join(login)
    }

    /// Sends a message to ann and bob.
    fn deliver(&self, text: &str) {
        let mut client = Client::greeted(self.ports()[0]);
        let mut message = Message::new("eve@example.net", text);
        message.recipients = vec!["ann@example.com".into(), "bob@example.com".into()];
        assert_eq!(client.deliver(&message).expect("it is taken").code, 250);
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.folder().join(name);
        fs::write(&path, text).expect("the folder can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its rights can be set");
        path
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[test]
fn two_recipients_get_two_boxes_and_each_fetches_its_own() {
    let office = Office::open();
    let [smtp, clear, secure, _] = office.ports();
    let job = serde_json::json!({
        "smtp": smtp,
        "clear": clear,
        "secure": secure,
        "certificate": office.0.folder().join("cert.pem"),
        "keeps": "ann@example.com",
    });
    let mut poplib = tool("python3", "python3");
    let output = poplib.arg(root().join("tests/clients/fetch.py")).arg(job.to_string()).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let count = |login: &str| fs::read_dir(office.mailbox(login).join("new")).expect("the box is there").count();
    assert_eq!((count("ann"), count("bob")), (1, 0));

    for (scheme, port) in [("pop3", clear), ("pop3s", secure)] {
        for (what, wanted) in [("", "1 "), ("1", "Subject: boxes\r\n\r\n.a dot\r\n..two\r\n\r\nthe end\r\n")] {
            let output = tool("curl", "curl")
                .args(["--silent", "--show-error", "--insecure", "--ssl-reqd", "--max-time", "60"])
                .args(["--user", "ann@example.com:s3cret", &format!("{scheme}://127.0.0.1:{port}/{what}")])
                .output()
                .expect("curl runs");
            let said = String::from_utf8_lossy(&output.stdout);
            let why = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.contains(wanted), "{scheme} {what}: {said}{why}");
        }
    }
    assert!(!office.0.log().contains("s3cret"), "the password stands in the log");
}

#[test]
fn fetchmail_fetches_over_every_way_and_takes_out_what_it_has() {
    let office = Office::open();
    let [_, clear, secure, plain] = office.ports();
    for (way, port, tls) in [
        ("plain", plain, "sslproto ''"),
        ("stls", clear, "sslproto 'TLS1.2+' no sslcertck"),
        ("implicit", secure, "ssl no sslcertck"),
    ] {
        office.deliver(&format!("Subject: {way}\r\n\r\n.a dot\r\nthe end of {way}\r\n"));
        for login in ["ann", "bob"] {
            let got = office.0.folder().join(format!("{way}-{login}"));
            let rules = office.write(
                "fetchmailrc",
                &format!(
                    "poll 127.0.0.1 service {port} protocol pop3 timeout 60\n  user \"{login}@example.com\" password \"s3cret\"\n  \
                     {tls} fetchall no keep mda \"cat >> {}\"\n",
                    got.display()
                ),
            );
            let output = tool("fetchmail", "fetchmail")
                .args(["--nosyslog", "--verbose", "--fetchmailrc"])
                .arg(&rules)
                .arg("--pidfile")
                .arg(office.0.folder().join("fetchmail.pid"))
                .env("HOME", office.0.folder())
                .output()
                .expect("fetchmail runs");
            assert!(output.status.success(), "{way} {login}: {}", said(&output));
            let text = fs::read_to_string(&got).expect("it hands the message on").replace('\r', "");
            assert!(text.ends_with(&format!("\n\n.a dot\nthe end of {way}\n")), "{way} {login}: {text}");
            let left = fs::read_dir(office.mailbox(login).join("new")).expect("the box is there").count();
            assert_eq!(left, 0, "{way} {login}");
        }
    }
    assert!(!office.0.log().contains("s3cret"), "the password stands in the log");
}

#[test]
fn mpop_fetches_over_every_way_and_knows_what_it_has_seen() {
    let office = Office::open();
    let [_, clear, secure, plain] = office.ports();
    let folder = office.0.folder().display().to_string();
    let mut seen = 0;
    for (way, port, tls) in [
        ("plain", plain, "tls off"),
        ("stls", clear, "tls on\ntls_starttls on\ntls_certcheck off"),
        ("implicit", secure, "tls on\ntls_starttls off\ntls_certcheck off"),
    ] {
        office.deliver(&format!("Subject: {way}\r\n\r\nthe end of {way}\r\n"));
        seen += 1;
        for login in ["ann", "bob"] {
            let rules = office.write(
                "mpoprc",
                &format!(
                    "defaults\n{tls}\ntimeout 60\nkeep on\nuidls_file {folder}/uidls-{login}\naccount default\nhost 127.0.0.1\n\
                     port {port}\nauth user\nuser {login}@example.com\npassword s3cret\ndelivery mbox {folder}/mbox-{login}\n"
                ),
            );
            let fetch = || {
                let output = tool("mpop", "mpop").arg("--file").arg(&rules).output().expect("mpop runs");
                assert!(output.status.success(), "{way} {login}: {}", said(&output));
                fs::read_to_string(format!("{folder}/mbox-{login}")).unwrap_or_default()
            };
            let text = fetch();
            assert!(text.contains(&format!("the end of {way}")), "{way} {login}: {text}");
            // Numbers stay: what was fetched once is not fetched again.
            assert_eq!(fetch().matches("the end of").count(), seen, "{way} {login}");
        }
    }
}

#[test]
fn a_message_with_bare_line_ends_is_as_long_as_it_is_said_to_be() {
    let office = Office::open();
    office.deliver("Subject: first\r\n\r\nours\r\n");
    let stored = "Subject: second\n\n.by another program\r\nwithout an end";
    fs::write(office.mailbox("ann").join("new/9999999999.M1P1.elsewhere"), stored).expect("the box can be written");
    give_away(&office.mailbox("ann"));
    let stream = TcpStream::connect(("127.0.0.1", office.ports()[3])).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit can be set");
    let mut reader = BufReader::new(&stream);
    let mut answer = || {
        let mut line = String::new();
        reader.read_line(&mut line).expect("the server answers");
        line.trim_end().to_owned()
    };
    let say = |line: &str| (&stream).write_all(format!("{line}\r\n").as_bytes()).expect("the server reads");
    answer();
    say("USER ann@example.com\r\nPASS s3cret\r\nLIST 2\r\nRETR 2\r\nQUIT");
    let wanted = "Subject: second\r\n\r\n.by another program\r\nwithout an end\r\n";
    let answers: Vec<String> = (0..4).map(|_| answer()).collect();
    assert_eq!(answers[2], format!("+OK 2 {}", wanted.len()));
    assert_eq!(answers[3], format!("+OK {} octets", wanted.len()));
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("the server ends");
    let text = rest.split("\r\n.\r\n").next().expect("there is a message").replace("\r\n..", "\r\n.") + "\r\n";
    assert_eq!(text, wanted);
}
