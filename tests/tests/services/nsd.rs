//! A throw-away name server with zones of the tests.

use std::net::SocketAddr;

use crate::daemon::{Daemon, program};

/// An nsd that answers for a few zones and refuses all others.
pub(crate) struct Nsd {
    daemon: Daemon,
}

/// The zone of hosts; a key of 2048 bits does not fit one string of a TXT record.
const HOSTS: &str = r#"
@       IN SOA ns.example. root.example. 1 3600 600 86400 60
@       IN NS  ns
ns      IN A   127.0.0.1
host    IN A   192.0.2.7
host    IN AAAA 2001:db8::7
alias   IN CNAME host
dangling IN CNAME gone
mail    IN MX  30 c
mail    IN MX  10 a
mail    IN MX  20 b.elsewhere.test.
null    IN MX  0 .
spf     IN TXT "v=spf1 " "-all"
empty   IN TXT "there is a TXT record, and no other"
s1._domainkey IN TXT ( "v=DKIM1; k=rsa; p=@@KEY1@@" "@@KEY2@@" )
"#;

/// Addresses back to names: one that is confirmed, one that is not, one of IPv6.
const REVERSE_4: &str = "
@ IN SOA ns.example. root.example. 1 3600 600 86400 60
@ IN NS ns.example.
7 IN PTR host.example.
8 IN PTR host.example.
";
const REVERSE_6: &str = "
@ IN SOA ns.example. root.example. 1 3600 600 86400 60
@ IN NS ns.example.
7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 IN PTR host.example.
";

/// A list of addresses (RFC 5782).
const LIST: &str = r#"
@ IN SOA ns.example. root.example. 1 3600 600 86400 60
@ IN NS ns.example.
2.0.0.127 IN A 127.0.0.2
7.2.0.192 IN A 127.0.0.4
7.2.0.192 IN TXT "open relay, see https://list.test/192.0.2.7"
8.2.0.192 IN A 127.0.0.10
9.2.0.192 IN A 127.255.255.254
7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2 IN A 127.0.0.2
"#;

impl Nsd {
    pub(crate) fn start() -> Nsd {
        let mut daemon = Daemon::new("nsd");
        let hosts = HOSTS.replace("@@KEY1@@", &"A".repeat(230)).replace("@@KEY2@@", &"B".repeat(180));
        // Ten kilobytes do not fit a datagram: they come over TCP.
        let big: String = (0..40).map(|n| format!("big IN TXT \"{n:02}{}\"\n", "x".repeat(250))).collect();
        daemon.write("example.zone", &(hosts + &big));
        daemon.write("4.zone", REVERSE_4);
        daemon.write("6.zone", REVERSE_6);
        daemon.write("list.zone", LIST);
        // A zone whose file is missing is answered with SERVFAIL.
        let zones = [
            ("example", "example.zone"),
            ("2.0.192.in-addr.arpa", "4.zone"),
            ("8.b.d.0.1.0.0.2.ip6.arpa", "6.zone"),
            ("list.test", "list.zone"),
            ("broken.test", "missing.zone"),
        ];
        let zones: String =
            zones.iter().map(|(name, file)| format!("zone:\n  name: \"{name}\"\n  zonefile: \"{file}\"\n")).collect();
        let folder = daemon.folder().display();
        let configuration = format!(
            "server:\n  ip-address: 127.0.0.1@{}\n  server-count: 1\n  username: \"\"\n  zonesdir: \"{folder}\"\n  \
             database: \"\"\n  pidfile: \"{folder}/pid\"\n  xfrdfile: \"{folder}/xfrd\"\n  xfrdir: \"{folder}\"\n  \
             zonelistfile: \"{folder}/list\"\nremote-control:\n  control-enable: no\n{zones}",
            daemon.port()
        );
        daemon.write("nsd.conf", &configuration);
        let nsd = program("nsd", &["/usr/sbin", "/usr/bin"], "nsd");
        let configuration = daemon.path("nsd.conf");
        daemon.start(&[&nsd, "-d", "-c", &configuration]);
        Nsd { daemon }
    }

    /// Where it answers, over UDP and TCP.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.daemon.port()))
    }

    pub(crate) fn pause(&self) {
        self.daemon.pause();
    }

    pub(crate) fn resume(&self) {
        self.daemon.signal("CONT");
    }

    pub(crate) fn kill(&mut self) {
        self.daemon.kill();
    }

    pub(crate) fn start_again(&mut self) {
        self.daemon.again();
    }
}
