//! Conversations that any mail server should have are had with a real Postfix. Where it answers otherwise, the page of
//! conformance says why; a difference that stands there and is none any more fails, too.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use conversations::{Postfix, PostfixSetup, binary, root, tool};

#[test]
fn postfix_differs_only_where_the_page_says_so() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let postfix = postfix(folder.path());
    let output = Command::new(binary())
        .args([
            "test",
            "tests/conversations/anywhere",
            "tests/conversations/rfc5321",
            "--against",
            &format!("127.0.0.1:{}", postfix.port),
        ])
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let place = |line: &str| Some(line.strip_prefix("tests/conversations/")?.split_once(".talk:")?.0.to_owned());
    let differ: BTreeSet<String> = said.lines().filter_map(place).collect();
    assert!(said.contains(&format!("passed, {} failed", differ.len())), "{said}");
    let explained = explained();
    assert!(differ == explained, "differ: {differ:#?}\nexplained: {explained:#?}\n{said}");
}

/// The conversations in which the page says that Postfix differs.
fn explained() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/conformance/smtp.md")).expect("the page");
    let (_, behind) = page.split_once("## Against Postfix\n").expect("the page speaks of Postfix");
    let section = behind.split("\n## ").next().unwrap_or(behind);
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.filter_map(|row| row.split('`').nth(1)).map(ToOwned::to_owned).collect()
}

/// A Postfix that takes mail for example.com and example.org and throws it away, with TLS, and with patience.
fn postfix(folder: &Path) -> Postfix {
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let status = tool("openssl", "openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=postfix.example.net", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl runs")
        .status;
    assert!(status.success(), "openssl makes no certificate");
    PostfixSetup::new()
        .set("smtpd_tls_security_level", "may")
        .set("smtpd_tls_key_file", &key.display().to_string())
        .set("smtpd_tls_cert_file", &certificate.display().to_string())
        .set("mynetworks", "192.0.2.0/24")
        .set("mydestination", "postfix.example.net")
        .set("relay_domains", "example.com, example.org")
        .set("relay_transport", "discard")
        .set("local_transport", "discard")
        .set("smtpd_relay_restrictions", "reject_unauth_destination")
        .set("smtpd_helo_required", "yes")
        .set("smtpd_forbid_bare_newline", "yes")
        .set("strict_rfc821_envelopes", "yes")
        .set("strict_smtputf8", "yes")
        .set("smtpd_error_sleep_time", "0")
        .set("smtpd_soft_error_limit", "100")
        .set("smtpd_hard_error_limit", "100")
        .start()
}
