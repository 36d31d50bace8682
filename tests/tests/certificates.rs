//! A certificate that clients refuse is served and told of, wherever an operator looks; a key that cannot be used is named.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use conversations::{Installed, free_ports, give_away, tool};

/// Makes a pair: an EC key, and a certificate for a name and a time.
fn pair(folder: &Path, name: &str, time: &[&str]) {
    let made = tool("openssl", "openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-subj", &format!("/CN={name}"), "-addext", &format!("subjectAltName=DNS:{name}")])
        .args(["-keyout", "key.pem", "-out", "request.pem"])
        .args(["-days", "9"])
        .current_dir(folder)
        .output()
        .expect("openssl can be started");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    if time.is_empty() {
        std::fs::rename(folder.join("request.pem"), folder.join("cert.pem")).expect("it is ours");
        return;
    }
    // `req` knows no beginning in this version; `ca` does.
    let settings = "[ca]\ndefault_ca = own\n[own]\nnew_certs_dir = .\ndatabase = index\nrand_serial = yes\ndefault_md = sha256\npolicy = any\n\
                    copy_extensions = copy\n[any]\ncommonName = supplied\n";
    std::fs::write(folder.join("ca.conf"), settings).expect("it is ours");
    std::fs::write(folder.join("index"), "").expect("it is ours");
    let run = |arguments: &[&str]| {
        let made = tool("openssl", "openssl").args(arguments).current_dir(folder).output().expect("openssl starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    run(&[
        "x509",
        "-x509toreq",
        "-in",
        "request.pem",
        "-signkey",
        "key.pem",
        "-copy_extensions",
        "copy",
        "-out",
        "own.csr",
    ]);
    let signs = [
        "ca",
        "-batch",
        "-config",
        "ca.conf",
        "-selfsign",
        "-keyfile",
        "key.pem",
        "-in",
        "own.csr",
        "-notext",
        "-out",
        "cert.pem",
    ];
    run(&[&signs[..], time].concat());
}

/// A server that shows metrics at a port.
fn installed() -> (Installed, u16) {
    let [port, metrics] = free_ports();
    let listener =
        format!("  - {{ listen: \"127.0.0.1:{port}\", protocol: smtp, settings: {{ our_domains: [example.com] }} }}");
    let extra = format!("metrics: \"127.0.0.1:{metrics}\"\nreload: {{ watch: false }}\n");
    (Installed::new(&listener, &extra), metrics)
}

/// The reasons for which the metrics say that the certificate is refused.
fn refused(port: u16) -> Vec<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the metrics are shown");
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").expect("the server reads");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("the server answers");
    let lines = page.lines().filter(|line| line.starts_with("saywhen_certificate_refused{"));
    let (yes, no): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.ends_with(" 1"));
    assert_eq!(yes.len() + no.len(), 3, "{page}");
    let reason =
        |line: &str| line.split("reason=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_string);
    yes.into_iter().filter_map(reason).collect()
}

#[test]
fn a_certificate_that_clients_refuse_is_told_of_everywhere() {
    const PAST: &[&str] = &["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"];
    const FUTURE: &[&str] = &["-startdate", "20990101000000Z", "-enddate", "20990201000000Z"];
    let cases: [(&str, &[&str], &str, &[&str]); 4] = [
        ("mail.example.com", PAST, "the certificate ended at 2020-02-01T00:00:00Z", &["ended"]),
        ("mail.example.com", FUTURE, "the certificate begins at 2099-01-01T00:00:00Z", &["not_begun"]),
        ("www.example.com", &[], "the certificate is for other names than `mail.example.com`", &["other_names"]),
        ("mail.example.com", &[], "", &[]),
    ];
    let (installed, metrics) = installed();
    for (place, (name, time, words, reasons)) in cases.into_iter().enumerate() {
        pair(installed.path(), name, time);
        give_away(installed.path());
        let checked = installed.saywhen(&["check", "--no-network"]);
        assert_eq!(checked.code, 0, "{}", checked.text);
        let strict = installed.saywhen(&["check", "--no-network", "--deny-warnings"]);
        assert_eq!(strict.code, i32::from(!words.is_empty()), "{}", strict.text);
        let verb: &[&str] = if place == 0 { &["start"] } else { &["reload"] };
        let begun = installed.saywhen(verb);
        assert_eq!(begun.code, 0, "{}", begun.text);
        let status = installed.saywhen(&["status"]);
        assert_eq!(refused(metrics), reasons);
        if words.is_empty() {
            assert!(!checked.text.contains("Y11") && !status.text.contains("certificate"), "{}", status.text);
            continue;
        }
        assert!(checked.text.contains("Y11") && checked.text.contains(words), "{}", checked.text);
        assert!(status.text.contains(&format!("warning: {words}")), "{}", status.text);
        installed.logs(words);
    }
}

#[test]
fn a_key_that_cannot_be_used_is_called_by_its_kind() {
    let (installed, _) = installed();
    for (arguments, words) in [
        (&["EC", "-pkeyopt", "ec_paramgen_curve:P-521"][..], "cannot be used: ECDSA on P-521"),
        (&["RSA", "-pkeyopt", "rsa_keygen_bits:8192"], "cannot be used: RSA of 8192 bits"),
        (&["RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"], "cannot be used: RSA-PSS"),
        (&["RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-aes256", "-pass", "pass:geheim"], "behind a passphrase"),
    ] {
        let run = |arguments: &[&str]| {
            let output =
                tool("openssl", "openssl").args(arguments).current_dir(installed.path()).output().expect("it starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        run(&[&["genpkey", "-out", "key.pem", "-algorithm"], arguments].concat());
        let own = ["req", "-x509", "-key", "key.pem", "-passin", "pass:geheim", "-out", "cert.pem", "-days", "9"];
        run(&[&own[..], &["-subj", "/CN=mail.example.com"]].concat());
        give_away(installed.path());
        let said = installed.saywhen(&["check", "--no-network"]);
        assert_eq!(said.code, 1, "{}", said.text);
        assert!(said.text.contains("Y10") && said.text.contains(words), "{}", said.text);
        assert!(
            !said.text.contains("geheim") && !said.text.contains("the first certificate of the chain"),
            "{}",
            said.text
        );
    }
}
