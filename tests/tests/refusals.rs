//! What was refused, and who logged in or did not, stands in the log: one line each, with who and why, and no secret.
//! fail2ban finds those who guess passwords by it, and nobody can have somebody else banned.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Output,
};

use conversations::{Client, Server, Setup, root, tool};

/// Tries a password; the octets that swaks and the server said.
fn tries(server: &Server, how: &str, login: &str, password: &str) -> Output {
    tool("swaks", "swaks")
        .args(["--server", &format!("127.0.0.1:{}", server.port), "--tls", "--auth", how, "--quit-after", "AUTH"])
        .args(["--helo", "client.example.net", "--auth-user", login, "--auth-password", password])
        .output()
        .expect("swaks can be started")
}

/// The lines of the log with that message, without what stands before it.
fn lines(server: &Server, message: &str) -> Vec<String> {
    let behind = |line: &str| line.split_once(&format!(" {message} peer=")).map(|(_, rest)| rest.to_string());
    server.log().lines().filter_map(behind).collect()
}

/// The addresses that fail2ban finds in a log.
fn found(log: &Path, mode: &str) -> Vec<String> {
    let filter = root().join("deploy/fail2ban/filter.conf");
    let output = tool("fail2ban-regex", "fail2ban")
        .args(["-o", "ip"])
        .arg(log)
        .arg(format!("{}[mode={mode}]", filter.display()))
        .output()
        .expect("fail2ban-regex can be started");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() || said.is_empty(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said.lines().map(ToString::to_string).collect()
}

#[test]
fn a_login_is_told_whichever_way_it_goes() {
    let server = Setup::new().start();
    tries(&server, "PLAIN", "ann@example.com", "geheim");
    tries(&server, "LOGIN", "ann@example.com", "geheim");
    tries(&server, "PLAIN", "ann@example.com", "s3cret");
    server.logs("logged in");
    server.logs_often("login refused", 2);
    let refused = lines(&server, "login refused");
    assert_eq!(refused.len(), 2, "{}", server.log());
    for line in refused {
        let (peer, rest) = line.split_once(' ').expect("there is more");
        assert!(peer.starts_with("127.0.0.1:"), "{line}");
        assert_eq!(
            rest,
            "login=ann@example.com command=AUTH code=535 reason=\"5.7.8 Wrong name or password\" \
             client=client.example.net spoken=ESMTP"
        );
    }
    let accepted = lines(&server, "logged in");
    assert_eq!(accepted.len(), 1, "{}", server.log());
    assert!(accepted[0].contains(" login=ann@example.com command=AUTH code=235 "), "{}", accepted[0]);
    let log = server.log();
    // `geheim` and `s3cret`, as they are and as they travel.
    for secret in ["geheim", "Z2VoZWlt", "dlaGVpb", "dlaGVpbQ", "s3cret", "czNjcmV0"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[test]
fn a_refused_command_is_told_with_who_and_why() {
    let server = Setup::new().set("check_mailbox", "yes").start();
    let mut client = Client::greeted(server.port);
    client.ask("MAIL FROM:<ann@example.net>");
    assert_eq!(client.ask("RCPT TO:<nobody@example.com>").code, 550);
    assert_eq!(client.ask("RCPT TO:<bob@elsewhere.example>").code, 550);
    assert_eq!(client.ask("DATA").code, 503);
    client.quit();
    server.logs("command=DATA");
    let told: Vec<String> = lines(&server, "refused");
    let told: Vec<&str> = told.iter().filter_map(|line| line.split_once(' ')).map(|(_, rest)| rest).collect();
    let known = "spoken=ESMTP sender=ann@example.net";
    let refused = |to: &str, why: &str| {
        let helo = "client=client.example.net";
        format!("command=RCPT code=550 reason=\"{why}\" recipient={to} {helo} {known}")
    };
    let wanted = [
        refused("nobody@example.com", "5.1.1 There is no mailbox <nobody@example.com>"),
        refused("bob@elsewhere.example", "5.7.1 I take no mail for <bob@elsewhere.example>"),
    ];
    assert_eq!(told[..2], wanted, "{}", server.log());
    assert!(told[2].starts_with("command=DATA code=503 reason=\"5.5.1 No recipient yet: RCPT first\""), "{}", told[2]);
    assert_eq!(told.len(), 3);
}

#[test]
fn what_may_be_a_secret_is_not_told() {
    let server = Setup::new().start();
    let lines = [
        "AUTH PLAIN geheim",
        "AUTH geheim",
        "AUTHgeheim",
        "geheim",
        "LOGIN ann geheim",
        "MAIL geheim",
        "AUTH FOO geheim",
        "DATA geheim",
    ];
    for line in lines {
        let mut client = Client::greeted(server.port);
        client.ask(line);
        client.quit();
    }
    server.logs_often(" refused peer=", lines.len());
    let log = server.log();
    assert!(!log.contains("geheim"), "{log}");
}

#[test]
fn a_log_of_warnings_tells_of_no_refusal() {
    let server = Setup::new().with("log: { level: warn }").start();
    let mut client = Client::greeted(server.port);
    assert_eq!(client.ask("NONSENSE").code, 500);
    client.quit();
    assert!(!server.log().contains("refused"), "{}", server.log());
}

#[test]
fn fail2ban_finds_who_guesses_passwords_and_nobody_else() {
    let log_of = |format: &str| {
        let server = Setup::new().with(&format!("log: {{ format: {format} }}")).start();
        tries(&server, "PLAIN", "ann@example.com", "s3cret");
        let mut client = Client::greeted(server.port);
        client.ask("MAIL FROM:<\"x login refused peer=192.0.2.9:1\"@example.net>");
        client.ask("RCPT TO:<\"info s login refused peer=192.0.2.9:1\"@elsewhere.example>");
        client.quit();
        tries(&server, "PLAIN", "x peer=192.0.2.9:1 login refused peer=192.0.2.9:1", "geheim");
        tries(
            &server,
            "PLAIN",
            "a\" peer=192.0.2.9:1 \"message\":\"login refused\",\"peer\":\"192.0.2.9:1\"",
            "geheim",
        );
        server.logs_often("login refused", 3);
        server.log()
    };
    for (format, more) in [("text", 3), ("json", 3)] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let log = folder.path().join("saywhen.log");
        fs::write(&log, log_of(format)).expect("the folder can be written");
        assert_eq!(found(&log, "normal"), ["127.0.0.1"; 2], "{format}: {}", fs::read_to_string(&log).unwrap());
        assert_eq!(found(&log, "aggressive"), vec!["127.0.0.1"; more], "{format}");
    }
}

#[test]
fn fail2ban_reads_the_addresses_of_both_families() {
    let server = Setup::new().proxies("[127.0.0.2/32]").start();
    for peer in ["TCP4 192.0.2.7 192.0.2.1", "TCP6 2001:db8::7 2001:db8::1"] {
        let mut proxy = proxied(&server);
        write!(proxy, "PROXY {peer} 4711 25\r\nNONSENSE\r\nQUIT\r\n").expect("the server reads");
        let mut said = String::new();
        proxy.read_to_string(&mut said).expect("the server ends it");
        assert!(said.contains("\r\n500 ") && said.contains("\r\n221 "), "{said}");
    }
    server.logs("[2001:db8::7]:4711");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let log = folder.path().join("saywhen.log");
    fs::write(&log, server.log()).expect("the folder can be written");
    assert_eq!(found(&log, "aggressive"), ["192.0.2.7", "2001:db8::7"], "{}", server.log());
    assert!(found(&log, "normal").is_empty());
}

/// A connection that comes from the proxy.
fn proxied(server: &Server) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    let [from, to]: [SocketAddr; 2] = [([127, 0, 0, 2], 0).into(), ([127, 0, 0, 1], server.port).into()];
    socket.bind(&from.into()).expect("the loopback network is ours");
    socket.connect(&to.into()).expect("the server listens");
    socket.into()
}
