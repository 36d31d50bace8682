//! A throw-away PostgreSQL.

use std::path::PathBuf;

use actions::world::{self, Server};
use program::Secret;

use crate::{
    daemon::{Daemon, program},
    engine::{Engine, Outage, database},
    mariadb::PASSWORD,
    stage::await_ready,
    tls::Authority,
};

/// A PostgreSQL whose one user `saywhen` owns an empty database `postgres`.
pub(crate) struct Postgres {
    daemon: Daemon,
    pub(crate) authority: Authority,
}

/// Where Debian keeps its programs.
const PLACES: &[&str] = &["/usr/lib/postgresql/*/bin", "/usr/bin", "/usr/local/bin"];

impl Postgres {
    pub(crate) fn start() -> Postgres {
        let mut daemon = Daemon::new("postgres");
        let password = daemon.write("password", PASSWORD);
        let data = daemon.path("data");
        daemon.prepare(&[
            &program("initdb", PLACES, "postgresql"),
            "--username=saywhen",
            "--auth=scram-sha-256",
            &format!("--pwfile={}", password.display()),
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--pgdata",
            &data,
        ]);
        let authority = Authority::new(&daemon);
        let setting = |name: &str, value: &str| format!("{name}={value}");
        let postgres = program("postgres", PLACES, "postgresql");
        let settings = [
            setting("listen_addresses", "127.0.0.1"),
            setting("port", &daemon.port().to_string()),
            setting("unix_socket_directories", &daemon.folder().to_string_lossy()),
            setting("ssl", "on"),
            setting("ssl_cert_file", &daemon.path("cert.pem")),
            setting("ssl_key_file", &daemon.path("key.pem")),
            setting("shared_buffers", "16MB"),
            setting("fsync", "off"),
        ];
        let mut words = vec![postgres.as_str(), "-D", &data];
        settings.iter().for_each(|setting| words.extend(["-c", setting]));
        daemon.start(&words);
        let server = Postgres { daemon, authority };
        await_ready(&database(&server, |_| {}));
        server
    }

    /// The folder of its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.daemon.folder().to_path_buf()
    }
}

impl Engine for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn scheme(&self) -> &'static str {
        "postgres"
    }

    fn server(&self) -> Server {
        Server {
            engine: world::Engine::Postgres,
            host: "127.0.0.1".to_owned(),
            port: self.daemon.port(),
            socket: None,
            user: "saywhen".to_owned(),
            password: Some(Secret::new(PASSWORD.as_bytes())),
            database: "postgres".to_owned(),
            authorities: None,
            connections: 1,
        }
    }

    fn slow(&self, seconds: f64) -> String {
        format!("SELECT 0 AS n FROM (SELECT pg_sleep({seconds})) AS slept")
    }

    fn connections(&self) -> &'static str {
        "SELECT count(*) AS n FROM pg_stat_activity WHERE backend_type = 'client backend'"
    }

    fn prepared(&self) -> &'static str {
        "SELECT count(*) AS n FROM pg_prepared_statements"
    }
}

impl Outage for Postgres {
    fn daemon(&mut self) -> &mut Daemon {
        &mut self.daemon
    }

    fn await_ready(&self) {
        await_ready(&database(self, |_| {}));
    }
}
