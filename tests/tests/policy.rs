//! A real Postfix asks our policy server: strangers are asked to come back, who waited is taken, and who has written to
//! enough recipients is refused.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, thread, time::Duration};

use conversations::{Client, Postfix, PostfixSetup, Site, SiteSetup, give_away};

/// A policy server, and a Postfix that asks it about every recipient.
struct Pair {
    postfix: Postfix,
    policy: Site,
}

impl Pair {
    fn start(settings: &str, tables: &str) -> Pair {
        Pair::started(settings, tables, None)
    }

    /// With the folder of a UNIX socket that Postfix asks through.
    fn started(settings: &str, tables: &str, folder: Option<&Path>) -> Pair {
        let socket = folder.map(|folder| folder.join("policy.sock").display().to_string());
        let also = socket.as_ref().map_or(String::new(), |socket| format!(", \"unix:{socket}\"], mode: 0666"));
        let listen = if also.is_empty() { "\"127.0.0.1:{0}\"".into() } else { format!("[\"127.0.0.1:{{0}}\"{also}") };
        let policy = SiteSetup::new(&format!(
            "listeners: [{{ listen: {listen}, protocol: policy, tls: off, settings: {{ {settings} }} }}]\n"
        ))
        .sql(tables)
        .start();
        let place = socket.map_or(format!("inet:127.0.0.1:{}", policy.ports[0]), |socket| format!("unix:{socket}"));
        let asks = format!("check_policy_service {place}, permit");
        let postfix = PostfixSetup::new()
            .set("relay_domains", "example.com example.net")
            .set("smtpd_relay_restrictions", "reject_unauth_destination")
            .set("smtpd_recipient_restrictions", &asks)
            .set("smtpd_authorized_xclient_hosts", "127.0.0.1")
            .start();
        Pair { postfix, policy }
    }

    /// What Postfix says to a client that Postfix is to take for that one, about a recipient.
    fn asked(&self, who: &str, sender: &str, recipient: &str) -> (u16, String) {
        let mut client = Client::greeted(self.postfix.port);
        client.ask(&format!("XCLIENT {who}"));
        client.ask("EHLO client.example.net");
        assert_eq!(client.ask(&format!("MAIL FROM:<{sender}>")).code, 250);
        let answer = client.ask(&format!("RCPT TO:<{recipient}>"));
        (answer.code, answer.lines.join(" "))
    }
}

#[test]
fn a_stranger_is_taken_when_it_has_waited() {
    let pair = Pair::start("delay: 2 seconds", "");
    let ask = |who: &str| pair.asked(who, "ann@example.net", "bob@example.com");
    let (code, text) = ask("ADDR=192.0.2.7");
    assert_eq!(code, 450, "{text}");
    assert!(text.contains("4.7.1") && text.contains("Greylisted: come back in 2 seconds"), "{text}");
    let (code, text) = ask("ADDR=192.0.2.7");
    assert_eq!(code, 450, "at once it is too early: {text}");
    thread::sleep(Duration::from_secs(3));
    let (code, text) = ask("ADDR=192.0.2.200");
    assert_eq!(code, 250, "a neighbour has waited for it: {text}");
    let (code, text) = ask("ADDR=198.51.100.7");
    assert_eq!(code, 450, "another network has not: {text}");
    let (code, text) = pair.asked("ADDR=192.0.2.7", "", "bob@example.com");
    assert_eq!(code, 450, "nor has another sender: {text}");
    assert!(!pair.policy.log().contains("cannot be read"), "{}", pair.policy.log());
}

#[test]
fn postfix_asks_through_a_socket() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    give_away(folder.path());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("its rights can be set");
    let pair = Pair::started("delay: 1 hour", "", Some(folder.path()));
    let (code, text) = pair.asked("ADDR=192.0.2.7", "ann@example.net", "bob@example.com");
    assert!(code == 450 && text.contains("Greylisted: come back in 1 hour"), "{code} {text}");
    pair.policy.logs(&format!("peer=unix:{}", folder.path().join("policy.sock").display()));
}

#[test]
fn an_address_of_ipv6_and_a_trusted_one_are_told_apart() {
    let pair = Pair::start("delay: 1 hour, trusted: [192.0.2.0/24]", "");
    let ask = |who: &str| pair.asked(who, "ann@example.net", "bob@example.com").0;
    assert_eq!(ask("ADDR=192.0.2.7"), 250);
    assert_eq!(ask("ADDR=IPV6:2001:db8::7"), 450);
}

#[test]
fn who_has_written_to_enough_recipients_is_refused() {
    let pair = Pair::start("hourly: 2", "");
    let ask = |who: &str, to: &str| pair.asked(&format!("ADDR=192.0.2.7 LOGIN={who}"), "ann@example.com", to);
    assert_eq!(ask("ann", "one@example.net").0, 250);
    assert_eq!(ask("ann", "two@example.net").0, 250);
    let (code, text) = ask("ann", "three@example.net");
    assert_eq!(code, 554, "{text}");
    assert!(text.contains("You have written to 2 recipients within an hour"), "{text}");
    assert_eq!(ask("eve", "three@example.net").0, 250, "somebody else has not");
    pair.policy.logs("ann has written to 2 recipients");
    pair.policy.logs("code=REJECT reason=\"4.7.1 You have written to 2 recipients within an hour\"");
}

#[test]
fn where_the_tables_are_broken_mail_goes_its_way() {
    let pair = Pair::start("delay: 1 hour", "DROP TABLE greylist;");
    assert_eq!(pair.asked("ADDR=192.0.2.7", "ann@example.net", "bob@example.com").0, 250);
    pair.policy.logs("greylist");
}
