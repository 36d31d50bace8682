//! Real clients read mail where it lies: imaplib and curl, over STARTTLS and implicit TLS.

use conversations::{Office, root, tool};

#[test]
fn imaplib_and_curl_log_in_list_fetch_flag_append_and_expunge() {
    let office = Office::open("imap");
    let job = serde_json::json!({
        "smtp": office.smtp,
        "clear": office.clear,
        "secure": office.secure,
        "certificate": office.path().join("cert.pem"),
    });
    let mut imaplib = tool("python3", "python3");
    let output = imaplib.arg(root().join("tests/clients/imap.py")).arg(job.to_string()).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let letter = office.path().join("letter");
    std::fs::write(&letter, "Subject: by curl\r\n\r\nappended\r\n").expect("the folder can be written");
    let letter = letter.display().to_string();
    for (scheme, port) in [("imap", office.clear), ("imaps", office.secure)] {
        for (arguments, what, wanted) in [
            (&[][..], "", "* LIST (\\HasNoChildren) \"/\" INBOX"),
            (&["--upload-file", &letter], "INBOX", ""),
            (&[], "INBOX;UID=2", "\r\ntwo\r\n"),
            (&[], "INBOX;MAILINDEX=1;SECTION=HEADER", "Subject: two\r\n\r\n"),
            (&[], "INBOX?SEEN", "* SEARCH 1"),
            (&["--request", "FETCH 2 (FLAGS)"], "INBOX", "FETCH (UID"),
        ] {
            let output = tool("curl", "curl")
                .args(["--silent", "--show-error", "--insecure", "--ssl-reqd", "--max-time", "60"])
                .args(["--user", "ann@example.com:s3cret"])
                .args(arguments)
                .arg(format!("{scheme}://127.0.0.1:{port}/{what}"))
                .output()
                .expect("curl runs");
            let said = String::from_utf8_lossy(&output.stdout);
            let why = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.contains(wanted), "{scheme} {what}: {said}{why}");
        }
    }
    assert!(!office.log().contains("s3cret"), "the password stands in the log");
}
