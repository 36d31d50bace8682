//! A service as a process: started, paused, killed, started again.
//!
//! Never: leaves it behind: it dies with this process, and its folder goes with its owner.

use std::{
    fs, io,
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use conversations::tool;
use tempfile::TempDir;

/// How long a service may take to answer.
const START_MOST: Duration = Duration::from_secs(90);

/// Debian's `nobody`: services refuse to run as root.
const NOBODY: u32 = 65_534;

/// A service and its folder.
pub(crate) struct Daemon {
    folder: TempDir,
    port: u16,
    words: Vec<String>,
    child: Option<Child>,
}

impl Daemon {
    /// A folder that the service may write, and a free port; nothing runs yet.
    pub(crate) fn new(name: &str) -> Daemon {
        let prefix = format!("saywhen-{name}-");
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir().expect("a folder can be made");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("its rights can be set");
        let daemon = Daemon { folder, port: free_port(), words: Vec::new(), child: None };
        daemon.give(daemon.folder());
        daemon
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A path in its folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder().join(name).to_string_lossy().into_owned()
    }

    /// Makes a file or folder the service's own.
    pub(crate) fn give(&self, path: &Path) {
        if is_root() {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give files away");
        }
    }

    /// Writes a file that the service may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, text).expect("the folder can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its rights can be set");
        self.give(&path);
        path
    }

    /// Runs a program to its end as the service would.
    pub(crate) fn prepare(&self, words: &[&str]) {
        let output = self.command(words).output().unwrap_or_else(|error| panic!("{}: {error}", words[0]));
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{words:?}:\n{}", String::from_utf8_lossy(&said));
    }

    /// Starts it, and waits until it takes connections.
    pub(crate) fn start(&mut self, words: &[&str]) {
        self.words = words.iter().map(ToString::to_string).collect();
        self.again();
    }

    /// Whether it was started and not killed since.
    pub(crate) fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// Starts it again.
    pub(crate) fn again(&mut self) {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let log = fs::File::create(self.folder().join("output.log")).expect("a log can be made");
        let mut command = self.command(&words);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log has two writers")).stderr(log);
        command.process_group(0);
        self.child = Some(spawn(command).unwrap_or_else(|error| panic!("{}: {error}", words[0])));
        let end = Instant::now() + START_MOST;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            assert!(ended.is_none() && Instant::now() < end, "{} does not serve:\n{}", words[0], self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops it and everything that it started, and waits until every thread stands still: a signal takes its time.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
        let end = Instant::now() + START_MOST;
        while !self.processes().into_iter().all(stands_still) {
            assert!(Instant::now() < end, "{} does not stand still", self.words[0]);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// It and everything that it started.
    fn processes(&self) -> Vec<u32> {
        let mut processes: Vec<u32> = self.child.iter().map(Child::id).collect();
        let mut next = 0;
        while next < processes.len() {
            processes.extend(children(processes[next]));
            next += 1;
        }
        processes
    }

    /// Sends a signal to it and to everything that it started.
    pub(crate) fn signal(&self, name: &str) {
        let Some(child) = &self.child else { return };
        let processes = self.processes();
        // Its group has those whose parent is gone, its descendants those that left the group. One may be gone meanwhile.
        let numbers = std::iter::once(format!("-{}", child.id())).chain(processes.iter().map(ToString::to_string));
        let _ = Command::new("/bin/kill").args(["-s", name, "--"]).args(numbers).stderr(Stdio::null()).status();
    }

    /// Ends it without a warning.
    pub(crate) fn kill(&mut self) {
        self.signal("KILL");
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder().join("output.log")).unwrap_or_default()
    }

    /// As nobody where we are root, and ended with us.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = tool("setpriv", "util-linux");
        command.args(["--pdeathsig", "KILL"]);
        if is_root() {
            command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        }
        command.args(words).current_dir(self.folder()).env("HOME", self.folder());
        command
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Asked to end, it ends its own processes; a killed one leaves them to nobody.
        if let Some(child) = &mut self.child {
            for name in ["TERM", "INT"] {
                let _ = Command::new("/bin/kill").args(["-s", name, &child.id().to_string()]).status();
            }
            let end = Instant::now() + Duration::from_secs(5);
            while child.try_wait().is_ok_and(|status| status.is_none()) && Instant::now() < end {
                thread::sleep(Duration::from_millis(20));
            }
        }
        self.kill();
    }
}

/// Starts a process from a thread that lives as long as this process: the kernel ends it when that thread ends.
fn spawn(command: Command) -> io::Result<Child> {
    type Job = (Command, mpsc::Sender<io::Result<Child>>);
    static STARTER: LazyLock<Mutex<mpsc::Sender<Job>>> = LazyLock::new(|| {
        let (jobs, receiver) = mpsc::channel::<Job>();
        thread::spawn(move || receiver.iter().for_each(|(mut command, answer)| drop(answer.send(command.spawn()))));
        Mutex::new(jobs)
    });
    let (answer, answered) = mpsc::channel();
    let jobs = STARTER.lock().unwrap_or_else(PoisonError::into_inner);
    jobs.send((command, answer)).expect("it lives as long as this process");
    answered.recv().expect("it answers every job")
}

/// The programs of a package that lie beside the path of users.
pub(crate) fn program(name: &str, places: &[&str], package: &str) -> String {
    let folders = places.iter().flat_map(|place| match place.split_once('*') {
        Some((before, behind)) => fs::read_dir(before)
            .map(|entries| entries.flatten().map(|entry| entry.path().join(behind.trim_start_matches('/'))).collect())
            .unwrap_or_else(|_| Vec::new()),
        None => vec![PathBuf::from(place)],
    });
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found
        .unwrap_or_else(|| {
            panic!("`{name}` is missing: apt-get install {package}, or run scripts/services, which does")
        })
        .to_string_lossy()
        .into_owned()
}

pub(crate) fn free_port() -> u16 {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    socket.local_addr().expect("a bound socket has an address").port()
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// Whether all threads of a process are stopped, or there is no such process.
fn stands_still(process: u32) -> bool {
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { return true };
    tasks.flatten().all(|task| {
        let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_none_or(|(_, behind)| behind.starts_with(['T', 'Z', 'X']))
    })
}

/// The processes that a process started.
fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |number: &u32| {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        // Behind the name, which may hold anything, stand the state and the parent.
        let behind = stat.rsplit_once(") ").map(|(_, behind)| behind).unwrap_or_default();
        behind.split(' ').nth(1).and_then(|number| number.parse().ok()) == Some(parent)
    };
    numbers.filter(is_child).collect()
}
