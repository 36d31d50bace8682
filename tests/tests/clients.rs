//! Real mail clients deliver: swaks, msmtp, curl, smtplib and nodemailer, over STARTTLS and implicit TLS, with and without
//! a password, and what is stored has the SHA-256 of what was sent.

use std::{fs, path::Path, process::Command};

use conversations::{Server, Setup, root, sha256, stored, tool};
use serde_json::json;

const USER: &str = "ann@example.com";
const PASSWORD: &str = "s3cret";
const HOST: &str = "mail.example.com";

/// What a client is to do.
struct Job<'a> {
    server: &'a Server,
    implicit: bool,
    login: bool,
    sender: String,
    file: &'a Path,
}

#[test]
fn swaks_delivers() {
    check("swaks", |job| {
        // swaks sends a line end of its own behind the octets of the file.
        let file = job.file.with_extension("swaks");
        let octets = fs::read(job.file).expect("the message is there");
        fs::write(&file, octets.strip_suffix(b"\r\n").expect("a line end")).expect("a message can be written");
        let mut command = tool("swaks", "swaks libnet-ssleay-perl");
        command
            .args(["--server", "127.0.0.1", "--port", &job.port().to_string(), "--helo", "client.example.net"])
            .args(["--from", &job.sender, "--to", "bob@example.com", "--data"])
            .arg(format!("@{}", file.display()))
            .arg(if job.implicit { "--tls-on-connect" } else { "--tls" });
        if job.login {
            command.args(["--auth", "LOGIN", "--auth-user", USER, "--auth-password", PASSWORD]);
        }
        command
    });
}

#[test]
fn msmtp_delivers() {
    check("msmtp", |job| {
        // msmtp reads lines of this system, and ends them itself.
        let text = fs::read_to_string(job.file).expect("the message is there").replace("\r\n", "\n");
        let file = job.file.with_extension("msmtp");
        fs::write(&file, text).expect("a message can be written");
        let mut command = tool("msmtp", "msmtp");
        command
            .args(["--host=127.0.0.1", "--domain=client.example.net", "--timeout=60"])
            .args(["--set-date-header=off", "--set-from-header=auto"])
            .arg(format!("--tls-host-override={HOST}"))
            .arg(format!("--port={}", job.port()))
            .args(["--tls=on", if job.implicit { "--tls-starttls=off" } else { "--tls-starttls=on" }])
            .arg(format!("--tls-trust-file={}", job.server.certificate().display()))
            .arg(format!("--from={}", job.sender));
        if job.login {
            command.args(["--auth=plain", &format!("--user={USER}"), &format!("--passwordeval=echo {PASSWORD}")]);
        }
        command.args(["--", "bob@example.com"]).stdin(fs::File::open(file).expect("the message is there"));
        command
    });
}

#[test]
fn curl_delivers() {
    check("curl", |job| {
        let scheme = if job.implicit { "smtps" } else { "smtp" };
        let mut command = tool("curl", "curl");
        command
            .args(["--silent", "--show-error", "--ssl-reqd", "--max-time", "60"])
            .args(["--resolve", &format!("{HOST}:{}:127.0.0.1", job.port()), "--cacert"])
            .arg(job.server.certificate())
            .args(["--mail-from", &job.sender, "--mail-rcpt", "bob@example.com", "--upload-file"])
            .arg(job.file)
            .arg(format!("{scheme}://{HOST}:{}/client.example.net", job.port()));
        if job.login {
            command.args(["--user", &format!("{USER}:{PASSWORD}")]);
        }
        command
    });
}

#[test]
fn smtplib_delivers() {
    check("smtplib", |job| {
        let mut command = tool("python3", "python3");
        command.arg(root().join("tests/clients/deliver.py")).arg(job.as_json());
        command
    });
}

#[test]
fn nodemailer_delivers() {
    check("nodemailer", |job| {
        let mut command = tool("node", "nodejs node-nodemailer");
        // Debian keeps its packages for Node here.
        command.env("NODE_PATH", "/usr/share/nodejs").arg(root().join("tests/clients/deliver.js")).arg(job.as_json());
        command
    });
}

/// Lets a client deliver in all four ways to one server, then looks at what is stored.
fn check(client: &str, command: impl Fn(&Job<'_>) -> Command) {
    let server = Setup::new().start();
    let octets = message(client);
    let file = server.folder().join("message.eml");
    fs::write(&file, &octets).expect("the message can be written");
    for (implicit, login) in [(false, false), (false, true), (true, false), (true, true)] {
        let sender = format!("{client}-{}-{}@example.net", word(implicit, "implicit"), word(login, "login"));
        let output = command(&Job { server: &server, implicit, login, sender, file: &file }).output();
        let output = output.unwrap_or_else(|error| panic!("{client} cannot be run: {error}"));
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{client}: {}", String::from_utf8_lossy(&said));
    }
    let found = stored(&server.mail());
    assert_eq!(found.len(), 4, "{client} delivers once in each way");
    let sent = sha256(&octets);
    for message in found {
        let said = String::from_utf8_lossy(&message.octets);
        assert_eq!(sha256(message.body()), sent, "{client}: {said}");
        let kind = if message.sender().contains("-login@") { "with ESMTPSA " } else { "with ESMTPS " };
        assert!(message.prepended().contains(kind), "{client}: no `{kind}` in {}", message.prepended());
    }
    assert!(!server.log().contains(PASSWORD), "the password stands in the log");
}

fn word(yes: bool, text: &str) -> &str {
    if yes { text } else { "no" }
}

/// A message with all that clients like to mend: dots, long lines, octets above 127, blank lines at the end.
fn message(client: &str) -> Vec<u8> {
    let mut text = format!(
        "From: Ann <ann@example.net>\r\nTo: bob@example.com\r\nSubject: from {client}\r\nMessage-ID: <1@x>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         .\r\n..\r\n...three\r\n. \r\nGrüße, 東京, 🙂\r\n"
    );
    text += &"x".repeat(990);
    text += "\r\nFrom here\r\n\r\n \r\n.\r\nthe last line\r\n";
    text.into_bytes()
}

impl Job<'_> {
    fn port(&self) -> u16 {
        if self.implicit { self.server.tls_port } else { self.server.port }
    }

    fn as_json(&self) -> String {
        json!({
            "host": HOST,
            "port": self.port(),
            "implicit": self.implicit,
            "certificate": self.server.certificate(),
            "user": self.login.then_some(USER),
            "password": self.login.then_some(PASSWORD),
            "sender": self.sender,
            "recipient": "bob@example.com",
            "file": self.file,
        })
        .to_string()
    }
}
