//! A throw-away MariaDB.

use std::path::PathBuf;

use actions::world::{self, Server};
use program::Secret;

use crate::{
    daemon::{Daemon, program},
    engine::{Engine, Outage, database},
    stage::await_ready,
    tls::Authority,
};

/// The password of its one user, `saywhen`.
pub(crate) const PASSWORD: &str = "p@ss:w/ö 'rd";

/// A MariaDB with an empty database `test`. A second user, `other`, logs in by the plugin `ed25519`.
pub(crate) struct Mariadb {
    daemon: Daemon,
    pub(crate) authority: Authority,
}

impl Mariadb {
    pub(crate) fn start() -> Mariadb {
        let mut daemon = Daemon::new("mariadb");
        let data = format!("--datadir={}", daemon.path("data"));
        // As it starts it takes away what others left in the folder of temporary tables, even what they still use.
        let temporary = format!("--tmpdir={}", daemon.folder().display());
        daemon.prepare(&[
            &program("mariadb-install-db", &["/usr/bin"], "mariadb-server"),
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            "--innodb-log-file-size=4M",
            &temporary,
            &data,
        ]);
        let authority = Authority::new(&daemon);
        let quoted = PASSWORD.replace('\'', "''");
        let begin = daemon.write(
            "begin.sql",
            &format!(
                "CREATE DATABASE IF NOT EXISTS test;\n\
                 CREATE USER IF NOT EXISTS 'saywhen'@'127.0.0.1' IDENTIFIED BY '{quoted}';\n\
                 CREATE USER IF NOT EXISTS 'saywhen'@'localhost' IDENTIFIED BY '{quoted}';\n\
                 GRANT ALL ON test.* TO 'saywhen'@'127.0.0.1';\nGRANT ALL ON test.* TO 'saywhen'@'localhost';\n\
                 INSTALL SONAME 'auth_ed25519';\n\
                 CREATE USER IF NOT EXISTS 'other'@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('{quoted}');\n\
                 GRANT ALL ON test.* TO 'other'@'127.0.0.1';\n\
                 GRANT PROCESS ON *.* TO 'saywhen'@'127.0.0.1';\n"
            ),
        );
        let mariadbd = program("mariadbd", &["/usr/sbin", "/usr/libexec"], "mariadb-server");
        let words = [
            mariadbd.as_str(),
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=16M",
            "--innodb-log-file-size=4M",
            "--character-set-server=utf8mb4",
            &temporary,
            &data,
            &format!("--port={}", daemon.port()),
            &format!("--socket={}", daemon.path("mysql.sock")),
            &format!("--pid-file={}", daemon.path("pid")),
            &format!("--init-file={}", begin.display()),
            &format!("--ssl-ca={}", daemon.path("ca.pem")),
            &format!("--ssl-cert={}", daemon.path("cert.pem")),
            &format!("--ssl-key={}", daemon.path("key.pem")),
        ];
        daemon.start(&words);
        let server = Mariadb { daemon, authority };
        await_ready(&database(&server, |_| {}));
        server
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.daemon.folder().join("mysql.sock")
    }
}

impl Engine for Mariadb {
    fn name(&self) -> &'static str {
        "MariaDB"
    }

    fn scheme(&self) -> &'static str {
        "mysql"
    }

    fn server(&self) -> Server {
        Server {
            engine: world::Engine::Mysql,
            host: "127.0.0.1".to_owned(),
            port: self.daemon.port(),
            socket: None,
            user: "saywhen".to_owned(),
            password: Some(Secret::new(PASSWORD.as_bytes())),
            database: "test".to_owned(),
            authorities: None,
            connections: 1,
        }
    }

    fn slow(&self, seconds: f64) -> String {
        format!("SELECT SLEEP({seconds}) AS n")
    }

    fn connections(&self) -> &'static str {
        "SELECT count(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'saywhen'"
    }

    fn prepared(&self) -> &'static str {
        "SELECT CAST(VARIABLE_VALUE AS INTEGER) AS n FROM information_schema.SESSION_STATUS \
         WHERE VARIABLE_NAME = 'COM_STMT_PREPARE'"
    }
}

impl Outage for Mariadb {
    fn daemon(&mut self) -> &mut Daemon {
        &mut self.daemon
    }

    fn await_ready(&self) {
        await_ready(&database(self, |_| {}));
    }
}
