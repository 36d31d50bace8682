//! Passwords against hashes that other programs made, and hashes of ours.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::Arc,
};

use actions::{
    Actions,
    world::{Configuration, Database, Embedded},
};
use conversations::{binary, tool};
use program::{Gives, Secret, Statement, Type, Value};
use tempfile::TempDir;

use crate::{
    Services, Test,
    stage::{ask, configuration, log_in, open, perform, run, shape, starts, statement, text},
};

pub(crate) const TESTS: &[Test] = &[
    ("hashes_of_mkpasswd_fit", hashes_of_mkpasswd_fit),
    ("hashes_of_openssl_fit", hashes_of_openssl_fit),
    ("hashes_of_htpasswd_fit", hashes_of_htpasswd_fit),
    ("hashes_of_doveadm_fit", hashes_of_doveadm_fit),
    ("hashes_of_saywhen_fit_here_and_in_libxcrypt", hashes_of_saywhen_fit_here_and_in_libxcrypt),
    ("a_password_that_is_typed_is_not_shown", a_password_that_is_typed_is_not_shown),
    ("an_address_that_tries_too_often_is_told_so", an_address_that_tries_too_often_is_told_so),
];

const PASSWORD: &str = "my passé wörd";

/// A table of users, one for each hash.
struct Users {
    actions: Actions,
    using: Arc<Statement>,
    _folder: TempDir,
}

impl Users {
    fn new(edit: impl FnOnce(&mut Configuration)) -> Users {
        let folder = TempDir::new().expect("a folder can be made");
        let embedded = Embedded { path: folder.path().join("users.db"), schema: None };
        let mut configuration = configuration(&[("default", Database::Embedded(embedded))], &[]);
        edit(&mut configuration);
        let actions = open(configuration);
        let columns = [("hash", Type::Secret(Box::new(Type::Text)))];
        let asks = "SELECT hash FROM users WHERE login = :login";
        let using = statement(&[("login", Type::Text)], Gives::Row(shape(&columns)), asks);
        run(perform(&actions, "CREATE TABLE users (login TEXT PRIMARY KEY, hash TEXT)"));
        Users { actions, using, _folder: folder }
    }

    async fn add(&self, login: &str, hash: &str) {
        let parameters = [("login", Type::Text), ("hash", Type::Secret(Box::new(Type::Text)))];
        let put = statement(&parameters, Gives::Nothing, "INSERT INTO users VALUES (:login, :hash)");
        let arguments = vec![text(login), Value::Secret(Secret::new(hash.as_bytes()))];
        assert_eq!(ask(&self.actions, &put, arguments).await, "done(1)");
    }
}

/// The line that a program prints when it is given these words, and lines to read.
fn says(mut command: Command, input: &str) -> String {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("it can be started");
    child.stdin.take().expect("its input is a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

/// Every hash is of that password, or of a scheme that is not known.
fn check(hashes: &[(&str, String, bool)]) {
    let users = Users::new(|_| {});
    run(async {
        for (scheme, hash, known) in hashes {
            users.add(scheme, hash).await;
            let right = log_in(&users.actions, &users.using, scheme, PASSWORD).await;
            let wrong = log_in(&users.actions, &users.using, scheme, "my passe wort").await;
            if *known {
                assert_eq!(right, format!("accepted({scheme:?})"), "{hash}");
                assert_eq!(wrong, "rejected", "{hash}");
            } else {
                starts(&right, "failed(\"statement `asked` gave a hash that cannot be used for `");
                starts(&wrong, "failed(\"statement `asked` gave a hash that cannot be used for `");
            }
        }
    });
}

fn hashes_of_mkpasswd_fit(_: &Services) {
    let methods = [
        ("yescrypt", true),
        ("bcrypt", true),
        ("bcrypt-a", true),
        ("sha512crypt", true),
        ("sha256crypt", true),
        ("md5crypt", true),
        ("bsdicrypt", true),
        ("descrypt", true),
        ("gost-yescrypt", false),
        ("scrypt", false),
        ("sunmd5", false),
        ("nt", false),
    ];
    let hashes = methods.map(|(method, known)| {
        let mut command = tool("mkpasswd", "whois");
        command.args(["-m", method, "-s"]);
        (method, says(command, &format!("{PASSWORD}\n")), known)
    });
    check(&hashes);
}

fn hashes_of_openssl_fit(_: &Services) {
    let hashes = ["-1", "-5", "-6", "-apr1"].map(|scheme| {
        let mut command = tool("openssl", "openssl");
        command.args(["passwd", scheme, "-stdin"]);
        (scheme, says(command, &format!("{PASSWORD}\n")), scheme != "-apr1")
    });
    check(&hashes);
}

fn hashes_of_htpasswd_fit(_: &Services) {
    // -B bcrypt as $2y$, -2 and -5 SHA-crypt, -d DES, -m Apache's own MD5, -s SHA-1 without salt.
    let hashes = ["-B", "-2", "-5", "-d", "-m", "-s"].map(|scheme| {
        let mut command = tool("htpasswd", "apache2-utils");
        command.args(["-n", "-i", scheme, "ann"]);
        let line = says(command, &format!("{PASSWORD}\n"));
        let hash = line.strip_prefix("ann:").expect("htpasswd prints USER:HASH").to_string();
        (scheme, hash, !["-m", "-s"].contains(&scheme))
    });
    check(&hashes);
}

fn hashes_of_doveadm_fit(_: &Services) {
    let schemes = [
        ("PLAIN", true),
        ("CRYPT", true),
        ("DES-CRYPT", true),
        ("MD5-CRYPT", true),
        ("SHA256-CRYPT", true),
        ("SHA512-CRYPT", true),
        ("BLF-CRYPT", true),
        ("SSHA", true),
        ("SSHA256", true),
        ("SSHA512", true),
        ("ARGON2I", true),
        ("ARGON2ID", true),
        ("SHA", false),
        ("CRAM-MD5", false),
        ("SCRAM-SHA-256", false),
    ];
    let hashes = schemes.map(|(scheme, known)| {
        let mut command = tool("doveadm", "dovecot-core");
        command.args(["-O", "pw", "-s", scheme]);
        let input = format!("{PASSWORD}\n{PASSWORD}\n");
        (scheme, says(command, &input).lines().last().unwrap_or_default().to_string(), known)
    });
    check(&hashes);
}

/// The schemes of `saywhen passwd`, and whether this system's `crypt(3)` knows them.
const OURS: [(&str, bool); 4] = [("yescrypt", true), ("bcrypt", true), ("sha512-crypt", true), ("argon2id", false)];

fn hashes_of_saywhen_fit_here_and_in_libxcrypt(_: &Services) {
    let made = |words: &[&str], input: &str| {
        let mut command = Command::new(binary());
        command.arg("passwd").args(words);
        says(command, input)
    };
    let hashes = OURS.map(|(scheme, _)| (scheme, made(&["--scheme", scheme], &format!("{PASSWORD}\n")), true));
    check(&hashes);
    assert!(made(&[], "x").starts_with("$y$j9T$"), "yescrypt is what is made by itself");
    for ((scheme, shared), (_, hash, _)) in OURS.iter().zip(&hashes) {
        assert_ne!(made(&["--scheme", scheme], PASSWORD), *hash, "{scheme}: a salt is used once");
        if *shared {
            // Perl asks the system's crypt(3).
            let mut perl = tool("perl", "perl");
            perl.args(["-e", "my ($p, $h) = map { chomp; $_ } <STDIN>; print crypt($p, $h)"]);
            assert_eq!(says(perl, &format!("{PASSWORD}\n{hash}\n")), *hash, "{scheme}");
        }
    }
    let mut refused = Command::new(binary());
    let refused = refused.args(["passwd", "s3cret"]).stdin(Stdio::null()).output().expect("it can be started");
    assert_eq!(refused.status.code(), Some(2), "a password is never an argument");
}

fn a_password_that_is_typed_is_not_shown(_: &Services) {
    let typed = |keys: &str| {
        let mut script = tool("script", "bsdutils");
        script.args(["--quiet", "--return", "--flush", "--command"]);
        script.arg(format!("{} passwd --scheme sha512-crypt; stty", binary().display())).arg("/dev/null");
        let child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("script can be started");
        let mut input = child.stdin.take().expect("its input is a pipe");
        for line in keys.split_inclusive('\n') {
            std::thread::sleep(std::time::Duration::from_millis(700));
            input.write_all(line.as_bytes()).expect("it reads");
        }
        // The input stays open: a terminal has no end.
        let output = child.wait_with_output().expect("it ends");
        drop(input);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    // A slip, taken back, and a line begun anew.
    let said = typed("wrong\u{15}s3crexx\u{7f}\u{7f}t\ns3cret\n");
    let hash = said.lines().map(str::trim).find(|line| line.starts_with("$6$")).unwrap_or_else(|| panic!("{said}"));
    assert!(!said.contains("s3c") && !said.contains("wrong"), "{said}");
    assert!(said.contains("Password:") && !said.contains("-echo"), "the terminal shows again what is typed:\n{said}");
    let users = Users::new(|_| {});
    run(async {
        users.add("ann", hash).await;
        assert_eq!(log_in(&users.actions, &users.using, "ann", "s3cret").await, r#"accepted("ann")"#);
    });
    let said = typed("s3cret\nother\n");
    assert!(said.contains("the two are not the same"), "{said}");
    let said = typed("s3cret\u{3}\n");
    assert!(said.contains("broken off") && !said.contains("-echo"), "{said}");
}

fn an_address_that_tries_too_often_is_told_so(_: &Services) {
    let users = Users::new(|configuration| configuration.passwords_per_minute = 5);
    run(async {
        users.add("ann", "{PLAIN}s3cret").await;
        for _ in 0..5 {
            assert_eq!(log_in(&users.actions, &users.using, "ann", "guess").await, "rejected");
        }
        let answer = log_in(&users.actions, &users.using, "ann", "s3cret").await;
        assert_eq!(answer, r#"failed("too many attempts from 192.0.2.1")"#);
    });
}
