//! The keys of `databases`.
//!
//! Never: asks a database, or shows a password.

use std::{net::IpAddr, path::Path, sync::Arc};

use actions::world::{Engine, Server};
use program::Secret;

use super::{
    Database, DatabaseServer, Place,
    node::Node,
    read::{Reader, Section, path},
    rules::CONTRADICTION,
};

/// Where the authorities of the system are, in one file.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// How many connections a server is asked over, where nobody says.
const CONNECTIONS: usize = 8;

/// What `url` takes.
const URLS: &str = "`sqlite:FILE`, `mysql://USER@HOST/NAME` or `postgres://USER@HOST/NAME`";

/// What the URL of a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Url {
    engine: Engine,
    user: String,
    password: Option<String>,
    host: String,
    port: Option<u16>,
    name: String,
}

/// Reads all of them.
pub(super) fn databases(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> Vec<Database> {
    let Some(node) = root.node("databases") else { return Vec::new() };
    let names = reader.names(node, "databases");
    let mut databases = Vec::new();
    for (name, node) in names.entries() {
        if let Some(place) = database(reader, node, &names.path(name), folder) {
            databases.push(Database { name: Arc::from(*name), place, span: node.span });
        }
    }
    databases
}

fn database(reader: &mut Reader<'_>, node: &Node, path: &str, folder: &Path) -> Option<Place> {
    const KEYS: &[&str] = &["url", "schema", "password", "tls", "authorities", "socket", "connections"];
    let section = reader.section(node, path, KEYS);
    if section.node("url").is_none() {
        reader.missing(&section, "url", "write `url: \"sqlite:data/NAME.db\"`");
        return None;
    }
    let url = reader.given(&section, "url", URLS, |text| file(text).map(Err).or_else(|| url(text).map(Ok)))?;
    match url {
        Err(file) => {
            excluded(reader, &section, &KEYS[2..], "in a file");
            embedded(reader, &section, &file, folder)
        }
        Ok(url) => {
            excluded(reader, &section, &["schema"], "on a server");
            Some(Place::Server(DatabaseServer(server(reader, &section, url, folder))))
        }
    }
}

/// The path behind `sqlite:`.
fn file(text: &str) -> Option<String> {
    text.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest)).and_then(path)
}

/// Keys that do nothing here are refused: whoever wrote them relies on them.
fn excluded(reader: &mut Reader<'_>, section: &Section<'_>, keys: &[&str], what: &str) {
    for key in keys {
        if let Some(node) = section.node(key) {
            let message = format!("`{key}` does nothing for a database {what}");
            reader.fault(&CONTRADICTION, node.span, message, format!("take `{key}` out"));
        }
    }
}

fn embedded(reader: &mut Reader<'_>, section: &Section<'_>, file: &str, folder: &Path) -> Option<Place> {
    let schema = reader.given(section, "schema", "a file", path).map(|schema| folder.join(schema));
    // A name of SQLite's for a database that ends with the process, and no path.
    let file = if file == ":memory:" { file.into() } else { folder.join(file) };
    Some(Place::Embedded { file, schema })
}

fn server(reader: &mut Reader<'_>, section: &Section<'_>, url: Url, folder: &Path) -> Server {
    let password = password(reader, section).or(url.password);
    let socket = reader.given(section, "socket", "the path of a socket", path).map(|socket| folder.join(socket));
    let near = socket.is_some() || is_near(&url.host);
    let tls = reader.value(section, "tls", if near { "off" } else { "required" }, "off or required", |text| {
        ["off", "required"].into_iter().find(|word| *word == text)
    });
    let authorities = match (tls, section.node("authorities")) {
        ("off", Some(node)) => {
            let help = "say `tls: required`, or take `authorities` out";
            reader.fault(&CONTRADICTION, node.span, "`authorities` does nothing without TLS", help);
            None
        }
        ("off", None) => None,
        _ => {
            let given = reader.value(section, "authorities", AUTHORITIES.to_string(), "a file", path);
            Some(folder.join(given))
        }
    };
    if let (true, Some(node), "required") = (socket.is_some(), section.node("tls"), tls) {
        let help = "take `tls` out, or `socket`";
        reader.fault(&CONTRADICTION, node.span, "a socket of this machine has no TLS", help);
    }
    let wants = "a number of connections from 1 to 1000";
    let connections = reader.value(section, "connections", CONNECTIONS, wants, |text| {
        text.parse().ok().filter(|number| (1..=1000).contains(number))
    });
    Server {
        engine: url.engine,
        port: url.port.unwrap_or(match url.engine {
            Engine::Mysql => 3306,
            Engine::Postgres => 5432,
        }),
        host: url.host,
        socket,
        user: url.user,
        password: password.map(|password| Secret::new(password.as_bytes())),
        database: url.name,
        authorities,
        connections,
    }
}

/// The password as it stands, wherever it came from, and never shown.
fn password(reader: &mut Reader<'_>, section: &Section<'_>) -> Option<String> {
    let path = section.path("password");
    let scalar = reader.scalar(section.node("password")?, &path)?;
    reader.show(path, "***".to_string(), scalar.origin);
    Some(scalar.text)
}

/// Whether nobody else can listen on the way there.
fn is_near(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// `SCHEME://USER[:PASSWORD]@HOST[:PORT]/NAME`; user, password and name may hold `%41`.
fn url(text: &str) -> Option<Url> {
    let (scheme, rest) = text.split_once("://")?;
    let engine = match scheme {
        "mysql" | "mariadb" => Engine::Mysql,
        "postgres" | "postgresql" => Engine::Postgres,
        _ => return None,
    };
    let (user, rest) = rest.rsplit_once('@')?;
    let (user, password) = match user.split_once(':') {
        Some((user, password)) => (user, Some(decoded(password)?)),
        None => (user, None),
    };
    let (host, name) = rest.split_once('/')?;
    let (host, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        None => host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map(|port| port.parse().ok().filter(|port| *port > 0)).map_or(Some(None), |port| port.map(Some))?;
    let (user, name) = (decoded(user)?, decoded(name)?);
    let is_plain = |text: &str| !text.is_empty() && !text.contains(['/', '?', '#', '\0']);
    (is_plain(&user) && is_plain(host) && is_plain(&name)).then(|| Url {
        engine,
        user,
        password,
        host: host.to_string(),
        port,
        name,
    })
}

/// A part of a URL with its escapes undone (RFC 3986 section 2.1).
fn decoded(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
            octets.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &behind[2..];
        } else {
            octets.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = url(text).map_or("-".to_string(), |url| {
            let password = url.password.map(|password| format!(":{password}")).unwrap_or_default();
            let port = url.port.map(|port| format!(":{port}")).unwrap_or_default();
            format!("{:?} {}{password}@{}{port} {}", url.engine, url.user, url.host, url.name)
        });
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn the_parts_of_a_url_are_told_apart() {
        check("mysql://u@h/db", "Mysql u@h db");
        check("mariadb://u:p@h:3307/db", "Mysql u:p@h:3307 db");
        check("postgres://u:p%40s%2f@[::1]:5433/db", "Postgres u:p@s/@::1:5433 db");
        check("postgresql://u:a/b@c@h/db", "Postgres u:a/b@c@h db");
    }

    #[test]
    fn what_is_no_url_of_a_server_is_refused() {
        for text in [
            "oracle://u@h/db",
            "mysql:u@h/db",
            "mysql://h/db",
            "mysql://@h/db",
            "mysql://u@/db",
            "mysql://u@h",
            "mysql://u@h/",
            "mysql://u@h:0/db",
            "mysql://u@h:x/db",
            "mysql://u@[h]/db",
            "mysql://u@h/db?ssl=1",
            "mysql://u%zz@h/db",
        ] {
            check(text, "-");
        }
    }

    #[test]
    fn only_this_machine_is_near() {
        assert!(["localhost", "127.0.0.1", "127.1.2.3", "::1"].into_iter().all(is_near));
        assert!(!["db.example.com", "10.0.0.1", "localhost.example.com"].into_iter().any(is_near));
    }
}
