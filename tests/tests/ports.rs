//! Port 0 has the system choose one, which is said, and kept while listeners come and go.

use conversations::{Client, Installed};

/// A listener whose port the system chooses.
fn listener(domain: &str) -> String {
    format!("  - {{ listen: \"127.0.0.1:0\", protocol: smtp, settings: {{ our_domains: [{domain}] }} }}\n")
}

/// The ports that `status` tells.
fn ports(installed: &Installed) -> Vec<u16> {
    let said = installed.saywhen(&["status"]);
    let port = |line: &str| line.strip_prefix("listens on 127.0.0.1:")?.split(':').next()?.parse().ok();
    said.text.lines().filter_map(port).collect()
}

/// Whether mail for somebody is taken at a port.
fn takes(port: u16, domain: &str) -> bool {
    let mut client = Client::greeted(port);
    assert_eq!(client.ask("MAIL FROM:<ann@example.net>").code, 250);
    let code = client.ask(&format!("RCPT TO:<bob@{domain}>")).code;
    client.quit();
    code == 250
}

#[test]
fn a_port_that_the_system_chose_is_said_and_kept() {
    let two = [listener("one.example"), listener("two.example")].concat();
    let installed = Installed::new(&two, "reload: { watch: false }\n");
    let begun = installed.saywhen(&["start"]);
    assert_eq!(begun.code, 0, "{}", begun.text);
    let first = ports(&installed);
    assert!(first.len() == 2 && !first.contains(&0) && first[0] != first[1], "{first:?}");
    // What `start` itself says is written over the first line of the server.
    assert!(begun.text.contains(&format!("smtp on 127.0.0.1:{}, ", first[1])), "{}", begun.text);
    for port in &first {
        installed.logs(&format!("listening on 127.0.0.1:{port}: smtp"));
    }
    assert!(takes(first[0], "one.example") && takes(first[1], "two.example") && !takes(first[0], "two.example"));
    // A reload keeps them.
    assert_eq!(installed.saywhen(&["reload"]).code, 0);
    assert_eq!(ports(&installed), first);
    // Those that are new have their own, both of them.
    let more = [two.clone(), listener("three.example"), listener("four.example")].concat();
    installed.replace("config.yaml", &two, &more);
    let said = installed.saywhen(&["reload"]);
    assert_eq!(said.code, 0, "{}", said.text);
    let four = ports(&installed);
    assert!(four.len() == 4 && four[..2] == first, "{first:?} {four:?}");
    let mut of_new = vec![takes(four[2], "three.example"), takes(four[3], "three.example")];
    of_new.sort_unstable();
    assert_eq!(of_new, [false, true]);
    // Those that are gone are closed.
    installed.replace("config.yaml", &more, &two);
    assert_eq!(installed.saywhen(&["reload"]).code, 0);
    assert_eq!(ports(&installed), first);
    assert!(takes(first[0], "one.example") && Client::connect(four[2]).is_err());
}
