//! What a service manager sees and gives: readiness, reload and end over a `NOTIFY_SOCKET`, sockets over `LISTEN_FDS`,
//! and the units themselves. The manager is the test.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::{
        fd::OwnedFd,
        unix::{
            net::{UnixDatagram, UnixListener, UnixStream},
            process::CommandExt,
        },
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, binary, give_away, root, run_as, tool};
use tempfile::TempDir;

/// How long a server may take to say something, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that this test is the manager of.
struct Managed {
    child: Child,
    folder: TempDir,
    notifications: UnixDatagram,
}

impl Managed {
    /// Starts a server of the shown listeners with sockets as descriptors 3 and 4.
    fn start<S: Into<OwnedFd>>(listen: &[&str], sockets: [Option<S>; 2]) -> Managed {
        let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
        let place = folder.path();
        fs::create_dir(place.join("protocols")).expect("the folder can be written");
        let door = fs::read_to_string(root().join("docs/examples/door.proto.dsl")).expect("the protocol of the README");
        fs::write(place.join("protocols/door.proto.dsl"), door).expect("the folder can be written");
        fs::write(place.join("config.yaml"), config(listen)).expect("the folder can be written");
        give_away(place);
        let notify = place.join("notify");
        let notifications = UnixDatagram::bind(&notify).expect("a socket can be bound");
        notifications.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let count = sockets.iter().flatten().count();
        let [third, fourth] =
            sockets.map(|socket| socket.map_or_else(Stdio::null, |socket| Stdio::from(socket.into())));
        let log = fs::File::create(place.join("output.log")).expect("a log can be made");
        // The shell knows its own number before it becomes the server.
        let script = "LISTEN_PID=$$ exec \"$0\" run --config config.yaml 3<&0 4>&1 0</dev/null 1>&2";
        let child = Command::new("sh")
            .args(["-c", script])
            .arg(binary())
            .current_dir(place)
            .env("NOTIFY_SOCKET", &notify)
            .env("LISTEN_FDS", count.to_string())
            .env("LISTEN_FDNAMES", vec!["door"; count].join(":"))
            .stdin(third)
            .stdout(fourth)
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("a shell can be run");
        Managed { child, folder, notifications }
    }

    /// The next thing that the manager is told.
    fn told(&self) -> String {
        let mut text = [0; 4096];
        let length = self.notifications.recv(&mut text).unwrap_or_else(|error| panic!("{error}:\n{}", self.log()));
        String::from_utf8_lossy(&text[..length]).into_owned()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(status.expect("kill can be run").success());
    }

    fn write(&self, listen: &[&str]) {
        fs::write(self.folder.path().join("config.yaml"), config(listen)).expect("the folder can be written");
    }

    fn end(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                return status;
            }
            assert!(Instant::now() < end, "the server does not end:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("output.log")).unwrap_or_default()
    }
}

impl Drop for Managed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn config(listen: &[&str]) -> String {
    let listen: Vec<String> = listen.iter().map(|address| format!("\"{address}\"")).collect();
    format!("listeners: [{{ listen: [{}], protocol: door }}]\n{}", listen.join(", "), run_as())
}

fn a_socket() -> (TcpListener, String) {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = socket.local_addr().expect("a bound socket has an address").to_string();
    (socket, address)
}

fn port(address: &str) -> u16 {
    address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("an address with a port")
}

/// Says the protocol's word.
fn opens(address: &str) {
    let mut client = Client::connect(port(address)).expect("the server listens");
    assert_eq!(client.answer().expect("a greeting").code, 220);
    assert_eq!(client.ask("SAY mellon").code, 250);
    assert_eq!(client.ask("QUIT").code, 221);
}

#[test]
fn a_manager_hears_of_readiness_reload_and_end() {
    let (socket, address) = a_socket();
    let mut server = Managed::start(&[&address], [Some(socket), None]);
    let told = server.told();
    assert!(told.starts_with("READY=1\nSTATUS="), "{told}");
    opens(&address);

    server.signal("HUP");
    let told = server.told();
    assert!(told.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{told}");
    let told = server.told();
    assert!(told.starts_with("READY=1\nSTATUS="), "{told}");
    opens(&address);

    server.write(&["nowhere"]);
    server.signal("HUP");
    assert!(server.told().starts_with("RELOADING=1\n"));
    let told = server.told();
    assert!(told.starts_with("READY=1\nSTATUS=") && told.contains("refused"), "{told}");
    opens(&address);

    server.signal("TERM");
    let told = server.told();
    assert!(told.starts_with("STOPPING=1\nSTATUS="), "{told}");
    assert_eq!(server.end().code(), Some(0), "{}", server.log());
}

#[test]
fn a_manager_is_not_told_of_readiness_when_the_start_fails() {
    let (socket, _) = a_socket();
    let mut server = Managed::start(&["nowhere"], [Some(socket), None]);
    assert_eq!(server.end().code(), Some(78), "{}", server.log());
    server.notifications.set_read_timeout(Some(Duration::from_millis(10))).expect("a timeout");
    assert!(server.notifications.recv(&mut [0; 64]).is_err(), "something was said");
}

#[test]
fn listeners_take_inherited_sockets_by_their_address_and_bind_the_others() {
    let (inherited, address) = a_socket();
    let (free, other) = a_socket();
    drop(free);
    let server = Managed::start(&[&address, &other], [Some(inherited), None]);
    server.told();
    opens(&address);
    opens(&other);
}

#[test]
fn a_unix_socket_is_taken_by_its_path_and_left_to_who_made_it() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("door.sock");
    // The folder is root's: what is handed over needs no right to it.
    let socket = UnixListener::bind(&path).expect("a socket can be bound");
    let address = format!("unix:{}", path.display());
    let mut server = Managed::start(&[&address], [Some(socket), None]);
    server.told();
    let mut heard = BufReader::new(UnixStream::connect(&path).expect("the manager listens"));
    let mut line = String::new();
    heard.read_line(&mut line).expect("a greeting");
    assert!(line.starts_with("220 "), "{line}");
    server.signal("HUP");
    assert!(server.told().starts_with("RELOADING=1\n"));
    let told = server.told();
    assert!(told.contains("accepted"), "{told}\n{}", server.log());
    server.signal("TERM");
    server.told();
    assert_eq!(server.end().code(), Some(0), "{}", server.log());
    assert!(path.exists(), "its maker removes it");
}

#[test]
fn a_client_that_came_before_the_server_is_answered() {
    let (socket, address) = a_socket();
    let mut early = Client::connect(port(&address)).expect("the manager listens");
    let server = Managed::start(&[&address], [Some(socket), None]);
    assert_eq!(early.answer().expect("a greeting").code, 220);
    drop(server);
}

#[test]
fn a_socket_that_no_listener_names_is_told_and_closed() {
    let ((socket, address), (stray, unnamed)) = (a_socket(), a_socket());
    let server = Managed::start(&[&address], [Some(socket), Some(stray)]);
    server.told();
    opens(&address);
    let words = format!("{unnamed} was handed over, and no listener has that address");
    let end = Instant::now() + Duration::from_secs(10);
    while !server.log().contains(&words) {
        assert!(Instant::now() < end, "the log does not say `{words}`:\n{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }
    assert!(Client::connect(port(&unnamed)).is_err(), "the socket is kept");
}

#[test]
fn the_units_are_valid_and_hardened() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut units = Vec::new();
    for name in ["saywhen.service", "saywhen.socket"] {
        let unit = fs::read_to_string(root().join("deploy").join(name)).expect("a unit");
        let unit = unit.replace("/usr/bin/saywhen", &binary().to_string_lossy());
        let path = folder.path().join(name);
        fs::write(&path, unit).expect("the folder can be written");
        units.push(path);
    }
    let output = analyze().args(["verify", "--man=no"]).args(&units).output().expect("systemd-analyze can be run");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{}", String::from_utf8_lossy(&said));
    // The scale goes from 0 to 10; a service without hardening has 9.6.
    let output = analyze().args(["security", "--offline=yes", "--threshold=20"]).arg(&units[0]).output();
    let output = output.expect("systemd-analyze can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn users_and_folders_are_understood() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let system = folder.path();
    // A system has users and groups of its own; it adds to them.
    fs::create_dir_all(system.join("etc")).expect("the folder can be written");
    for list in ["etc/passwd", "etc/group"] {
        fs::copy(Path::new("/").join(list), system.join(list)).expect("the folder can be written");
    }
    for (tool_name, file, kind) in
        [("systemd-sysusers", "sysusers.conf", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.conf", "tmpfiles.d")]
    {
        let place = system.join("usr/lib").join(kind);
        fs::create_dir_all(&place).expect("the folder can be written");
        fs::copy(root().join("deploy").join(file), place.join("saywhen.conf")).expect("the folder can be written");
        let mut command = tool(tool_name, "systemd");
        command.arg(format!("--root={}", system.display()));
        if tool_name == "systemd-tmpfiles" {
            command.arg("--create");
        }
        let output = command.output().expect("the tool can be run");
        assert!(output.status.success(), "{tool_name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let users = fs::read_to_string(system.join("etc/passwd")).expect("users were made");
    assert!(users.contains("saywhen:"), "{users}");
    for made in ["run/saywhen", "var/lib/saywhen", "var/log/saywhen"] {
        assert!(system.join(made).is_dir(), "{made}");
    }
}

fn analyze() -> Command {
    assert!(Path::new("/usr/bin/systemd-analyze").exists(), "systemd-analyze is missing: apt-get install systemd");
    tool("systemd-analyze", "systemd")
}
