//! The real `finger` asks us. It knows one port, 79, so server and client share a network of their own.

use std::{
    process::Output,
    thread,
    time::{Duration, Instant},
};

use conversations::{Site, SiteSetup, is_root, tool};

/// A server on port 79, in a network where nobody else is.
struct Host(Site);

impl Host {
    fn start() -> Host {
        assert!(is_root(), "a network of its own is made by root alone");
        let config =
            "listeners: [{ listen: \"127.0.0.1:79\", protocol: finger, tls: off }]\nfolders: { plans: people/ }\n";
        let site = SiteSetup::new(config)
            .file("people/bob", "I am out.\n.and back on Monday\n")
            .file("people/eve", "caf\u{e9} \u{1b}[31mred\n")
            .file("secret", "nobody sees this\n")
            .apart(&["unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"])
            .start();
        let host = Host(site);
        let end = Instant::now() + Duration::from_secs(60);
        while !host.0.log().contains("ready") {
            assert!(Instant::now() < end, "it does not listen:\n{}", host.0.log());
            thread::sleep(Duration::from_millis(20));
        }
        host
    }

    /// What `finger` prints.
    fn finger(&self, words: &[&str]) -> String {
        let mut client = tool("nsenter", "util-linux");
        client.arg(format!("--net=/proc/{}/ns/net", self.0.pid()));
        let Output { stdout, stderr, .. } =
            client.arg(tool("finger", "finger").get_program()).args(words).output().expect("finger runs");
        String::from_utf8_lossy(&[stdout, stderr].concat()).replace('\r', "")
    }
}

#[test]
fn finger_shows_what_somebody_has_written_and_nothing_else() {
    let host = Host::start();
    let check = |words: &[&str], wanted: &str| {
        let said = host.finger(words);
        assert!(said.contains(wanted), "finger {words:?}: {said}{}", host.0.log());
        assert!(!said.contains("nobody sees this"), "finger {words:?}: {said}");
    };
    check(&["bob@127.0.0.1"], "bob says:\nI am out.\n.and back on Monday\n");
    check(&["-l", "bob@127.0.0.1"], "bob says:\nI am out.\n");
    check(&["ann@127.0.0.1"], "ann: no such user\n");
    check(&["@127.0.0.1"], "Nobody is told who is here\n");
    check(&["bob@example.net@127.0.0.1"], "Finger forwarding service denied\n");
    check(&["../secret@127.0.0.1"], "That is the name of nobody\n");
    let said = host.finger(&["eve@127.0.0.1"]);
    assert!(said.contains("red") && !said.contains('\u{1b}'), "{said:?}");
}
