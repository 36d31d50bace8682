//! UNIX sockets as listeners: real clients come through them, and a peer without an address is nobody that is trusted by
//! its address.

use std::{
    fs,
    io::{BufRead, BufReader, ErrorKind, Write},
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt},
        net::UnixStream,
    },
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use conversations::{Client, Installed, Message, PostfixSetup, Setup, free_ports, give_away, stored, tool};

/// A peer that says lines and hears answers.
struct Peer(BufReader<UnixStream>);

impl Peer {
    fn connect(path: &Path) -> Peer {
        let stream = UnixStream::connect(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        Peer(BufReader::new(stream))
    }

    fn greeted(path: &Path) -> Peer {
        let mut peer = Peer::connect(path);
        assert!(peer.hears().starts_with("220 "));
        assert!(peer.asks("EHLO client.example.net").starts_with("250 "));
        peer
    }

    /// The last line of an answer; nothing at the end.
    fn hears(&mut self) -> String {
        loop {
            let mut line = String::new();
            match self.0.read_line(&mut line) {
                // A session that is broken off with octets unread.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return String::new(),
                read => read.expect("the server answers"),
            };
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    fn asks(&mut self, line: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).expect("the server reads");
        self.hears()
    }

    /// What is said to a recipient elsewhere.
    fn relays(&mut self) -> String {
        assert!(self.asks("MAIL FROM:<ann@example.net>").starts_with("250 "));
        self.asks("RCPT TO:<eve@elsewhere.test>")
    }
}

/// A listener of the shipped protocol on a socket in the server's folder.
fn listener(path: &str, more: &str) -> String {
    format!("{{ listen: \"unix:{path}\", protocol: smtp, settings: {{ our_domains: [example.com] }}{more} }}")
}

/// One that trusts this machine.
fn trusting(path: &str, more: &str) -> String {
    let trusts = "our_domains: [example.com], trusted: [127.0.0.0/8, \"::1/128\"], outbound: inbox";
    format!("{{ listen: \"unix:{path}\", protocol: smtp, settings: {{ {trusts} }}{more} }}")
}

fn runs(command: &mut Command) {
    let output = command.output().expect("the client can be run");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&said));
}

#[test]
fn clients_deliver_through_a_socket_in_the_clear_and_under_tls() {
    let server =
        Setup::new().also(&listener("run/s", ", tls: starttls")).also(&listener("run/t", ", tls: implicit")).start();
    let path = |name: &str| server.folder().join("run").join(name);
    let file = server.folder().join("message");
    fs::write(&file, "Subject: through a socket\r\n\r\nx\r\n").expect("the folder can be written");
    for (name, url, secure) in [("s", "smtp", &[][..]), ("s", "smtp", &["--ssl-reqd"]), ("t", "smtps", &[])] {
        runs(
            tool("curl", "curl")
                .args(["--silent", "--show-error", "--insecure", "--max-time", "60", "--unix-socket"])
                .arg(path(name))
                .args(secure)
                .args(["--mail-from", "ann@example.net", "--mail-rcpt", "bob@example.com", "--upload-file"])
                .arg(&file)
                .arg(format!("{url}://mail.example.com/client.example.net")),
        );
    }
    for secure in [&[][..], &["--tls"]] {
        let to = ["--from", "ann@example.net", "--to", "bob@example.com", "--helo", "client.example.net"];
        runs(tool("swaks", "swaks libnet-ssleay-perl").arg("--socket").arg(path("s")).args(to).args(secure));
    }
    let sends = ["-m", "20", "-s", "5", "-l", "50000", "-f", "ann@example.net", "-t", "bob@example.com"];
    runs(tool("smtp-source", "postfix").args(sends).arg(format!("unix:{}", path("s").display())));
    assert_eq!(stored(&server.mail()).len(), 25);
    server.logs("connected peer=unix:run/s local=unix:run/s protocol=smtp");
}

#[test]
fn postfix_hands_mail_over_through_a_socket() {
    let place = tempfile::tempdir().expect("a folder can be made");
    give_away(place.path());
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).expect("its rights can be set");
    let path = place.path().join("lmtp.sock");
    let settings = "our_domains: [example.com], check_mailbox: yes";
    let path_of = path.display();
    let lmtp = format!("{{ listen: \"unix:{path_of}\", mode: 0666, protocol: lmtp, settings: {{ {settings} }} }}");
    let server = Setup::new().also(&lmtp).rows("INSERT INTO mailboxes (address) VALUES ('bob@example.com')").start();
    let postfix = PostfixSetup::new().set("default_transport", &format!("lmtp:unix:{path_of}")).start();
    let recipients = ["bob@example.com", "nobody@example.com"].map(String::from).to_vec();
    let message = Message { recipients, ..Message::new("ann@example.net", b"Subject: x\r\n\r\nx\r\n") };
    assert_eq!(Client::greeted(postfix.port).deliver(&message).expect("an answer").code, 250);
    let line = postfix.logs(&["to=<bob@example.com>", "status="]);
    assert!(line.contains("status=sent (250 2.1.5 <bob@example.com> has it as "), "{line}");
    let line = postfix.logs(&["to=<nobody@example.com>", "status="]);
    assert!(line.contains("status=bounced ") && line.contains("There is no mailbox"), "{line}");
    assert_eq!(stored(&server.mail()).len(), 1);
}

#[test]
fn a_peer_without_an_address_is_trusted_where_the_listener_says_who_it_is() {
    let server = Setup::new()
        .also(&trusting("run/nobody", ""))
        .also(&trusting("run/us", ", as: 127.0.0.1"))
        .also(&trusting("run/them", ", as: \"2001:db8::7\""))
        .start();
    let peer = |name: &str| Peer::greeted(&server.folder().join("run").join(name));
    assert!(peer("nobody").relays().starts_with("550 5.7.1 "));
    assert!(peer("them").relays().starts_with("550 5.7.1 "));
    assert!(peer("us").relays().starts_with("250 "));
    // The log says where it came in, whoever it is to the protocol.
    server.logs("peer=unix:run/us ");
    server.logs("peer=unix:run/them ");
    assert!(!server.log().contains("peer=[2001:db8::7]") && !server.log().contains("peer=0.0.0.0"), "{}", server.log());
}

#[test]
fn a_proxy_behind_a_socket_says_whom_it_brings() {
    let server = Setup::new()
        .also(&trusting("run/proxied", ", proxy_protocol: [unix]"))
        .also(&trusting("run/as", ", as: 192.0.2.9, proxy_protocol: [192.0.2.9/32]"))
        .start();
    let peer = |name: &str, header: &str| {
        let mut peer = Peer::connect(&server.folder().join("run").join(name));
        // In pieces, the end of the header with the first line behind it.
        for piece in [&header[..9], &header[9..]] {
            peer.0.get_mut().write_all(piece.as_bytes()).expect("the server reads");
            thread::sleep(Duration::from_millis(20));
        }
        peer
    };
    for name in ["proxied", "as"] {
        let mut brought = peer(name, "PROXY TCP4 192.0.2.78 192.0.2.1 4661 25\r\nEHLO client.example.net\r\n");
        assert!(brought.hears().starts_with("220 ") && brought.hears().starts_with("250 "));
        server.logs("connected peer=192.0.2.78:4661 local=192.0.2.1:25");
        let mut us = peer(name, "PROXY TCP4 127.0.0.1 127.0.0.1 4662 25\r\nEHLO client.example.net\r\n");
        assert!(us.hears().starts_with("220 ") && us.hears().starts_with("250 "));
        assert!(us.relays().starts_with("250 "));
        // A proxy that speaks for itself is a peer like others.
        let mut itself = peer(name, "PROXY UNKNOWN\r\nEHLO client.example.net\r\n");
        assert!(itself.hears().starts_with("220 ") && itself.hears().starts_with("250 "));
        assert!(itself.relays().starts_with("550 5.7.1 "));
        let mut bare = peer(name, "EHLO client.example.net\r\n");
        assert_eq!(bare.hears(), "");
    }
    server.logs("proxy=unix:run/as");
}

#[test]
fn peers_of_one_socket_have_their_places_together_and_numbers_of_their_own() {
    let [page, _] = free_ports();
    let server = Setup::new()
        .also(&listener("run/one", ""))
        .also(&listener("run/two", ""))
        .with(&format!("limits: {{ per_address: 2 }}\nmetrics: \"127.0.0.1:{page}\""))
        .start();
    let path = |name: &str| server.folder().join("run").join(name);
    let _first = [Peer::greeted(&path("one")), Peer::greeted(&path("one"))];
    assert!(Peer::connect(&path("one")).hears().starts_with("421 "));
    Peer::greeted(&path("two"));
    server.logs("refused: limits.per_address is reached peer=unix:run/one");
    let shown = tool("curl", "curl").args(["--silent", &format!("http://127.0.0.1:{page}/metrics")]).output();
    let shown = String::from_utf8(shown.expect("curl runs").stdout).expect("the page is text");
    let one = "saywhen_connections_accepted_total{listener=\"unix:run/one\"} 3";
    assert!(shown.lines().any(|line| line == one), "{one}:\n{shown}");
}

/// The right bits of a file.
fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file is there").mode() & 0o7777
}

#[test]
fn a_socket_comes_and_goes_with_its_listener() {
    let [port, _] = free_ports();
    let inet =
        format!("  - {{ listen: \"127.0.0.1:{port}\", protocol: smtp, settings: {{ our_domains: [a.example] }} }}\n");
    let one = format!("  - {}\n", listener("here/one", ""));
    let installed = Installed::new(&[inet.clone(), one.clone()].concat(), "reload: { watch: false }\n");
    let path = |name: &str| installed.file("here").join(name);
    let begun = installed.saywhen(&["start"]);
    assert_eq!(begun.code, 0, "{}", begun.text);
    assert!(fs::metadata(path("one")).is_ok_and(|found| found.file_type().is_socket()));
    assert_eq!((mode(&path("one")), mode(&installed.file("here"))), (0o660, 0o755));
    let status = |name: &str| {
        let line = format!("listens on unix:{}: smtp version ", path(name).display());
        installed.saywhen(&["status"]).text.contains(&line)
    };
    assert!(status("one"));
    // One that stays, with other rights, and one that is new.
    let mut kept = Peer::greeted(&path("one"));
    let more = format!("  - {}\n  - {}\n", listener("here/one", ", mode: 0600"), listener("here/two", ""));
    installed.replace("config.yaml", &one, &more);
    let said = installed.saywhen(&["reload"]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(status("one") && status("two"));
    assert_eq!(mode(&path("one")), 0o600);
    Peer::greeted(&path("two"));
    // A path that is another's is told, and the rest serves.
    fs::write(path("mine"), "precious").expect("the folder can be written");
    let taken = format!("{more}  - {}\n", listener("here/mine", ""));
    installed.replace("config.yaml", &more, &taken);
    let said = installed.saywhen(&["reload"]);
    assert!(said.code == 1 && said.text.contains("a file is there that is no socket"), "{} {}", said.code, said.text);
    assert_eq!(fs::read(path("mine")).expect("it is there"), b"precious");
    // One that is gone is removed, and its session goes on.
    installed.replace("config.yaml", &taken, &format!("  - {}\n", listener("here/two", "")));
    let said = installed.saywhen(&["reload"]);
    assert!(said.text.contains(&format!("listens on unix:{} no more", path("one").display())), "{}", said.text);
    assert!(kept.asks("NOOP").starts_with("250 ") && kept.asks("QUIT").starts_with("221 "));
    drop(kept);
    while path("one").exists() {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(installed.saywhen(&["stop"]).code, 0);
    assert!(!path("two").exists() && path("mine").exists());
}

#[test]
fn a_socket_that_a_crash_left_is_replaced_and_one_in_service_is_not() {
    let mut server = Setup::new().also(&listener("run/s", "")).start();
    let path = server.folder().join("run/s");
    server.signal("KILL");
    server.wait(Duration::from_secs(10)).expect("it is killed");
    assert!(path.exists());
    server.start_again();
    Peer::greeted(&path);
    let second = second(&path);
    assert_eq!(second.0, Some(75), "{}", second.1);
    assert!(second.1.contains("another process listens there, which `ss -lxp src "), "{}", second.1);
    Peer::greeted(&path);
    server.signal("TERM");
    server.wait(Duration::from_secs(30)).expect("it ends");
    assert!(!path.exists());
}

/// What another server says that is to listen there.
fn second(path: &Path) -> (Option<i32>, String) {
    let server = Setup::new().also(&listener("run/own", "")).start();
    let config = fs::read_to_string(server.folder().join("config.yaml")).expect("it is there");
    let (before, _) = config.split_once("listeners:\n").expect("listeners");
    let (_, behind) = config.split_once("protocols: protocols/\n").expect("protocols");
    let listener = listener(&path.display().to_string(), "");
    let config = format!("{before}listeners: [{listener}]\nprotocols: protocols/\n{behind}");
    fs::write(server.folder().join("second.yaml"), config).expect("the folder can be written");
    let words = ["run", "--config", "second.yaml"];
    let output = Command::new(conversations::binary()).args(words).current_dir(server.folder()).output();
    let output = output.expect("the program can be run");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}
