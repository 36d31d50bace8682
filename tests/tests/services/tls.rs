//! TLS to both servers: the authority that the operator names is believed, and no other.

use std::path::PathBuf;

use conversations::tool;

use crate::{
    Services, Test,
    daemon::Daemon,
    engine::{Engine, database},
    stage::{ask, number, on, run, starts},
};

pub(crate) const TESTS: &[Test] = &[
    ("a_private_authority_is_believed", a_private_authority_is_believed),
    ("a_server_that_nobody_vouches_for_is_not_asked", a_server_that_nobody_vouches_for_is_not_asked),
    ("a_certificate_for_another_host_is_refused", a_certificate_for_another_host_is_refused),
];

/// An authority of its own with a certificate for 127.0.0.1, in a daemon's folder.
pub(crate) struct Authority {
    /// Its certificate.
    pub(crate) certificate: PathBuf,
}

impl Authority {
    pub(crate) fn new(daemon: &Daemon) -> Authority {
        let folder = daemon.folder();
        let openssl = |words: &[&str]| {
            let output =
                tool("openssl", "openssl").args(words).current_dir(folder).output().expect("openssl can be run");
            assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let own = ["req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem"];
        openssl(&[&own[..], &key].concat());
        openssl(&[&["req", "-subj", "/CN=database", "-keyout", "key.pem", "-out", "cert.csr"][..], &key].concat());
        daemon.write("names", "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
        openssl(&[
            "x509",
            "-req",
            "-in",
            "cert.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "names",
            "-out",
            "cert.pem",
        ]);
        for name in ["cert.pem", "key.pem", "ca.pem"] {
            daemon.give(&folder.join(name));
        }
        Authority { certificate: folder.join("ca.pem") }
    }
}

fn authorities(services: &Services) -> [(&dyn Engine, PathBuf, PathBuf); 2] {
    let (mariadb, postgres) = (services.mariadb(), services.postgres());
    let (ours, theirs) = (mariadb.authority.certificate.clone(), postgres.authority.certificate.clone());
    [(mariadb, ours.clone(), theirs.clone()), (postgres, theirs, ours)]
}

fn a_private_authority_is_believed(services: &Services) {
    for (engine, own, _) in authorities(services) {
        let actions = on(database(engine, |server| server.authorities = Some(own)));
        let protected = match engine.name() {
            "MariaDB" => {
                "SELECT VARIABLE_VALUE <> '' AS n FROM information_schema.SESSION_STATUS \
                 WHERE VARIABLE_NAME = 'SSL_CIPHER'"
            }
            _ => "SELECT ssl::int AS n FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        };
        let answer = run(async { ask(&actions, &number(protected), Vec::new()).await });
        assert_eq!(answer, r#"row(row{"n": 1})"#, "{}", engine.name());
    }
}

fn a_server_that_nobody_vouches_for_is_not_asked(services: &Services) {
    for (engine, _, other) in authorities(services) {
        let actions = on(database(engine, |server| server.authorities = Some(other)));
        let answer = run(async { ask(&actions, &number("SELECT 1 AS n"), Vec::new()).await });
        starts(&answer, "failed(\"no connection to 127.0.0.1 port ");
        assert!(answer.contains("UnknownIssuer") || answer.contains("BadSignature"), "{answer}");
    }
}

fn a_certificate_for_another_host_is_refused(services: &Services) {
    for (engine, own, _) in authorities(services) {
        let actions = on(database(engine, |server| {
            server.authorities = Some(own);
            server.host = "localhost".to_owned();
        }));
        let answer = run(async { ask(&actions, &number("SELECT 1 AS n"), Vec::new()).await });
        starts(&answer, "failed(\"no connection to localhost port ");
        assert!(answer.contains("not valid for"), "{answer}");
    }
}
