//! Conversations that any mail server should have are had with a real Postfix. Where it answers otherwise, the page of
//! conformance says why; a difference that stands there and is none any more fails, too.

use std::path::Path;

use conversations::{Postfix, PostfixSetup, differs_as_explained, tool};

#[test]
fn postfix_differs_only_where_the_page_says_so() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let postfix = postfix(folder.path());
    let server = format!("127.0.0.1:{}", postfix.port);
    let paths = ["tests/conversations/anywhere", "tests/conversations/rfc5321"];
    let (said, differ) = differs_as_explained(&paths, &server, ("docs/conformance/smtp.md", "Against Postfix"));
    assert!(said.contains(&format!("passed, {differ} failed")), "{said}");
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
