//! Real clients keep scripts: sieve-connect over STARTTLS, and one in Python under TLS from the first octet.

use std::fs;

use conversations::{Office, root, tool};

#[test]
fn sieve_connect_and_a_client_in_python_keep_list_fetch_and_remove_scripts() {
    let office = Office::open("managesieve");
    let script = "require [\"fileinto\"];\r\nif true { keep; }\r\n";
    fs::write(office.path().join("local.sieve"), script).expect("the folder can be written");
    fs::write(office.path().join("password"), "s3cret\n").expect("the folder can be written");
    for (arguments, wanted) in [
        (&["--upload", "--localsieve", "local.sieve", "--remotesieve", "main"][..], ""),
        (&["--activate", "--remotesieve", "main"], ""),
        (&["--list"], "\"main\" ACTIVE"),
        (&["--download", "--remotesieve", "main", "--localsieve", "-"], "if true { keep; }"),
        (&["--upload", "--localsieve", "local.sieve", "--remotesieve", "other one"], ""),
        (&["--delete", "--remotesieve", "other one"], ""),
    ] {
        let password = fs::File::open(office.path().join("password")).expect("it was written");
        let output = tool("sieve-connect", "sieve-connect")
            .args(["--server", "127.0.0.1", "--port", &office.clear.to_string(), "--nosslverify"])
            .args(["--user", "ann@example.com", "--authmech", "PLAIN", "--passwordfd", "0"])
            .args(arguments)
            .current_dir(office.path())
            .stdin(password)
            .output()
            .expect("sieve-connect runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains(wanted), "{arguments:?}: {said}{why}");
    }
    let kept = office.path().join("sieve/example.com/ann/main");
    assert_eq!(fs::read_to_string(kept).expect("the script is a file"), script);

    let job = serde_json::json!({
        "clear": office.clear,
        "secure": office.secure,
        "certificate": office.path().join("cert.pem"),
    });
    let mut python = tool("python3", "python3");
    let output = python.arg(root().join("tests/clients/managesieve.py")).arg(job.to_string()).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!office.log().contains("s3cret"), "the password stands in the log");
}
