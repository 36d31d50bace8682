//! The built server, its configuration, and sessions over sockets: statements on three databases, lists, and servers
//! that go away in mid-session.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use conversations::{binary, give_away, run_as};
use tempfile::TempDir;

use crate::{
    Services, Test,
    daemon::free_port,
    engine::{Engine, Outage},
    mariadb::PASSWORD,
    nsd::Nsd,
    stage::{on, perform, run},
};

pub(crate) const TESTS: &[Test] = &[
    ("a_session_asks_three_databases_and_a_list", a_session_asks_three_databases_and_a_list),
    (
        "services_that_go_away_in_mid_session_are_answered_in_time",
        services_that_go_away_in_mid_session_are_answered_in_time,
    ),
    (
        "a_database_that_is_not_configured_is_refused_at_the_start",
        a_database_that_is_not_configured_is_refused_at_the_start,
    ),
];

/// Asks each database for a colour, by a name that the peer says.
pub(crate) const PROTOCOL: &str = include_str!("colours.proto.dsl");

/// A server with the protocol of colours.
pub(crate) struct Saywhen {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Saywhen {
    pub(crate) fn start(folder: TempDir, port: u16) -> Saywhen {
        let log = fs::File::create(folder.path().join("output.log")).expect("a log can be made");
        let config = fs::read_to_string(folder.path().join("config.yaml")).expect("the configuration");
        fs::write(folder.path().join("config.yaml"), config + "\n" + run_as()).expect("the folder can be written");
        give_away(folder.path());
        let child = Command::new(binary())
            .args(["run", "--config", "config.yaml"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the server can be started");
        let server = Saywhen { child, folder, port };
        let end = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "the server does not serve:\n{}", server.log());
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// What it has logged; what it says gathers for a moment before it is written.
    pub(crate) fn log(&self) -> String {
        thread::sleep(Duration::from_millis(50));
        fs::read_to_string(self.folder.path().join("output.log")).unwrap_or_default()
    }

    /// Waits until it has logged that; its log is written behind the answers.
    #[track_caller]
    pub(crate) fn logs(&self, words: &str) {
        let end = Instant::now() + Duration::from_secs(10);
        while !self.log().contains(words) {
            assert!(Instant::now() < end, "the log does not say `{words}`:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Moves something in its folder aside, and puts an empty file there.
    pub(crate) fn replace(&self, name: &str, aside: &str) {
        let folder = self.folder.path();
        fs::rename(folder.join(name), folder.join(aside)).expect("it is there");
        fs::write(folder.join(name), "").expect("the folder can be written");
    }

    fn session(&self) -> Session {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket has a time limit");
        let mut session = Session(BufReader::new(stream));
        assert_eq!(session.line(), "220 colours");
        session
    }
}

impl Drop for Saywhen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- the server's log ----\n{}", self.log());
        }
    }
}

struct Session(BufReader<TcpStream>);

impl Session {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("the server answers");
        line.trim_end().to_string()
    }

    fn ask(&mut self, line: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).expect("the server reads");
        self.line()
    }

    #[track_caller]
    fn says(&mut self, line: &str, answer: &str) {
        assert_eq!(self.ask(line), answer, "{line}");
    }
}

/// A folder with the protocol and a configuration; passwords come from a file.
pub(crate) fn folder(port: u16, engines: &[(&str, &dyn Engine)], dns: &str, protocol: &str) -> TempDir {
    let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("the folder can be written");
    fs::create_dir(folder.path().join("protocols")).expect("the folder can be written");
    write("protocols/colours.proto.dsl", protocol);
    write(
        "schema.sql",
        "CREATE TABLE colours (name TEXT PRIMARY KEY, colour TEXT);\nINSERT INTO colours VALUES ('sky', 'blue');\n",
    );
    let servers: String = engines.iter().map(|(name, engine)| server_lines(name, *engine, folder.path())).collect();
    write(
        "config.yaml",
        &format!(
            "listeners: [{{ listen: \"127.0.0.1:{port}\", protocol: colours }}]\n\
             databases:\n  default: {{ url: \"sqlite:colours.db\", schema: schema.sql }}\n{servers}{dns}"
        ),
    );
    folder
}

/// The lines of a configuration for a database; its password goes into a file of that folder.
pub(crate) fn server_lines(name: &str, engine: &dyn Engine, folder: &Path) -> String {
    let password = folder.join("password");
    fs::write(&password, format!("{PASSWORD}\n")).expect("the folder can be written");
    let server = engine.server();
    format!(
        "  {name}: {{ url: \"{}://{}@{}:{}/{}\", password: \"${{file:{}}}\", connections: 3 }}\n",
        engine.scheme(),
        server.user,
        server.host,
        server.port,
        server.database,
        password.display()
    )
}

/// Tables for the protocol of colours.
pub(crate) fn tables(engine: &(impl Engine + ?Sized)) {
    let actions = on(crate::engine::database(engine, |_| {}));
    run(async {
        perform(&actions, "DROP TABLE IF EXISTS colours").await;
        perform(&actions, "CREATE TABLE colours (name varchar(100) PRIMARY KEY, colour varchar(100))").await;
        perform(&actions, "INSERT INTO colours VALUES ('sky', 'grey')").await;
    });
}

fn dns(nsd: &Nsd) -> String {
    format!("dns: {{ servers: [\"{}\"], timeout: 400ms }}\n", nsd.address())
}

fn a_session_asks_three_databases_and_a_list(services: &Services) {
    let (mariadb, postgres) = (services.mariadb(), services.postgres());
    tables(mariadb);
    tables(postgres);
    let port = free_port();
    let engines: [(&str, &dyn Engine); 2] = [("maria", mariadb), ("elephant", postgres)];
    let folder = folder(port, &engines, &dns(services.nsd()), PROTOCOL);
    let server = Saywhen::start(folder, port);
    let mut session = server.session();
    session.says("EMBEDDED sky", "250 blue");
    session.says("MARIA sky", "250 grey");
    session.says("ELEPHANT sky", "250 grey");
    for verb in ["EMBEDDED", "MARIA", "ELEPHANT"] {
        session.says(&format!("{verb} '; DROP TABLE colours; --"), "550 no such thing");
        session.says(&format!("{verb} ' OR name = 'sky"), "550 no such thing");
        session.says(&format!("{verb} \\' OR 1=1 -- "), "550 no such thing");
        session.says(&format!("{verb} sky"), if verb == "EMBEDDED" { "250 blue" } else { "250 grey" });
    }
    session.says("LISTED 192.0.2.7", "250 open relay, see https://list.test/192.0.2.7");
    session.says("LISTED 192.0.2.8", "550 no such thing");
    assert!(!server.log().contains(PASSWORD), "{}", server.log());
    let shown = Command::new(binary()).args(["config", "show"]).current_dir(server.folder.path()).output();
    let shown = shown.expect("the configuration is shown").stdout;
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains("databases.maria.password") && !shown.contains(PASSWORD), "{shown}");
}

fn services_that_go_away_in_mid_session_are_answered_in_time(services: &Services) {
    let (mariadb, postgres) = &mut *services.hurt();
    let mut nsd = Nsd::start();
    tables(mariadb);
    tables(postgres);
    let port = free_port();
    let folder = folder(port, &[("maria", mariadb), ("elephant", postgres)], &dns(&nsd), PROTOCOL);
    // Everything is down when the server starts, which says so and serves.
    mariadb.kill();
    postgres.kill();
    nsd.kill();
    let server = Saywhen::start(folder, port);
    let mut session = server.session();
    let fails = |session: &mut Session| {
        for line in ["MARIA sky", "ELEPHANT sky", "LISTED 192.0.2.7"] {
            let begin = Instant::now();
            session.says(line, "451 later");
            assert!(begin.elapsed() < Duration::from_millis(1500), "{line}: {:?}", begin.elapsed());
            session.says("EMBEDDED sky", "250 blue");
        }
    };
    let works = |session: &mut Session| {
        session.says("MARIA sky", "250 grey");
        session.says("ELEPHANT sky", "250 grey");
        session.says("LISTED 192.0.2.7", "250 open relay, see https://list.test/192.0.2.7");
    };
    fails(&mut session);
    for name in ["maria", "elephant"] {
        server.logs(&format!("the database `{name}` cannot be asked"));
    }
    mariadb.start_again();
    postgres.start_again();
    nsd.start_again();
    works(&mut session);
    mariadb.pause();
    postgres.pause();
    // What is kept of the names would answer for it.
    nsd.pause();
    for line in ["MARIA sky", "ELEPHANT sky"] {
        session.says(line, "451 later");
    }
    session.says("LISTED 192.0.2.1", "451 later");
    mariadb.resume();
    postgres.resume();
    nsd.resume();
    works(&mut session);
    mariadb.kill();
    postgres.kill();
    for line in ["MARIA sky", "ELEPHANT sky"] {
        session.says(line, "451 later");
    }
    mariadb.start_again();
    postgres.start_again();
    works(&mut session);
    works(&mut server.session());
}

/// Runs the program in a folder, and gives its exit code and what it said.
pub(crate) fn command(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(binary()).args(words).current_dir(folder).env("NO_COLOR", "1").output();
    let output = output.expect("the program can be started");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

fn a_database_that_is_not_configured_is_refused_at_the_start(_: &Services) {
    let folder = folder(free_port(), &[], conversations::run_as(), PROTOCOL);
    conversations::give_away(folder.path());
    let (code, said) = command(folder.path(), &["run"]);
    assert_eq!(code, Some(78), "{said}");
    assert!(
        said.contains("the protocol `colours` asks the database `maria`, and there is none of that name"),
        "{said}"
    );
}
