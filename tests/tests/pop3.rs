//! Real clients fetch mail: two recipients have two boxes, and each gets its own with poplib and curl, over STLS and
//! implicit TLS.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use conversations::{binary, free_ports, give_away, root, run_as, tool};

const HASH: &str = "$6$saywhen$kgQ.KRmkYVIxkFytkElW42MoYunsDAb0FIIMDhDB5BLXDFBZnzHMvoT7pTzIKk.tsftvPYubiCri7t0QSUKJy.";

/// A server that takes mail and gives it out.
struct Office {
    child: Child,
    folder: tempfile::TempDir,
    smtp: u16,
    clear: u16,
    secure: u16,
}

impl Office {
    fn open() -> Office {
        let folder = tempfile::Builder::new().prefix("saywhen-pop3-").tempdir().expect("a folder can be made");
        let ([smtp, clear], [secure, _]) = (free_ports(), free_ports());
        let config = format!(
            "server_name: mail.example.com
listeners:
  - {{ listen: \"127.0.0.1:{smtp}\", protocol: smtp, settings: {{ our_domains: [example.com] }} }}
  - {{ listen: \"127.0.0.1:{clear}\", protocol: pop3, tls: starttls }}
  - {{ listen: \"127.0.0.1:{secure}\", protocol: pop3, tls: implicit }}
protocols: {}
tls: {{ certificate: cert.pem, key: key.pem, self_signed: when_missing }}
databases: {{ default: {{ url: \"sqlite:saywhen.db\", schema: schema.sql }} }}
sinks: {{ inbox: {{ maildir: \"mail/{{domain}}/{{local_part}}\" }} }}
{}",
            root().join("protocols").display(),
            run_as()
        );
        fs::write(folder.path().join("config.yaml"), config).expect("the folder can be written");
        let mut schema = fs::read_to_string(root().join("data/schema.sql")).expect("the shipped schema");
        for login in ["ann", "bob"] {
            schema += &format!("INSERT INTO accounts (login, pw_hash) VALUES ('{login}@example.com', '{HASH}');\n");
        }
        fs::write(folder.path().join("schema.sql"), schema).expect("the folder can be written");
        give_away(folder.path());
        let log = fs::File::create(folder.path().join("output.log")).expect("a log can be made");
        let child = Command::new(binary())
            .args(["run", "--config", "config.yaml"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log has two writers"))
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        let office = Office { child, folder, smtp, clear, secure };
        let end = Instant::now() + Duration::from_secs(60);
        while [smtp, clear, secure].iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()) {
            assert!(Instant::now() < end, "it does not listen:\n{}", office.log());
            thread::sleep(Duration::from_millis(20));
        }
        office
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path().join("output.log")).unwrap_or_default()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- the server's log ----\n{}", self.log());
        }
    }
}

#[test]
fn two_recipients_get_two_boxes_and_each_fetches_its_own() {
    let office = Office::open();
    let job = serde_json::json!({
        "smtp": office.smtp,
        "clear": office.clear,
        "secure": office.secure,
        "certificate": office.path().join("cert.pem"),
        "keeps": "ann@example.com",
    });
    let mut poplib = tool("python3", "python3");
    let output = poplib.arg(root().join("tests/clients/fetch.py")).arg(job.to_string()).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let boxes = office.path().join("mail/example.com");
    let count = |login: &str| fs::read_dir(boxes.join(login).join("new")).expect("the box is there").count();
    assert_eq!((count("ann"), count("bob")), (1, 0));

    for (scheme, port) in [("pop3", office.clear), ("pop3s", office.secure)] {
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
    assert!(!office.log().contains("s3cret"), "the password stands in the log");
}
