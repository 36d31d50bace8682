//! The log of a running server: turned over, opened anew, on a disk that is slow or full, one name per session.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Message, Server, Setup, give_away, is_root};
use serde_json::Value;

/// Waits until something is so.
fn eventually(what: &str, so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !so() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Files of the log, old ones first, the present one last.
fn files(folder: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = names.filter(|path| path.to_string_lossy().contains("s.log")).collect();
    files.sort_by_key(|path| (path.ends_with("s.log"), path.clone()));
    files
}

fn a_session(server: &Server) {
    Client::greeted(server.port).quit();
}

#[test]
fn every_line_of_a_session_has_its_name_and_a_listener_says_whether_it_is_overheard() {
    let setup = Setup::new().with("log: { file: logs/s.log, format: json }");
    let mut server = setup.on_listener("conversation: true").start();
    let mut client = Client::greeted(server.port);
    client.deliver(&Message::new("a@example.net", "Subject: x\r\n\r\nText\r\n")).expect("it is taken");
    client.quit();
    server.signal("TERM");
    server.wait(Duration::from_secs(30)).expect("it ends");
    let text = read(&server.folder().join("logs/s.log"));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let said = |line: &Value, words: &str| line["message"].as_str().is_some_and(|message| message.contains(words));
    let heard = lines.iter().find(|line| said(line, "C: MAIL FROM")).expect("the listener is overheard");
    let name = heard["session"].as_str().expect("a session has a name");
    for words in ["connected", "S: 220", "C: QUIT", "disconnected"] {
        assert!(lines.iter().any(|line| line["session"] == name && said(line, words)), "{words}: {text}");
    }
    assert!(lines.iter().any(|line| said(line, "terminated by admin")), "the last lines are written: {text}");
}

#[test]
fn by_size_across_restarts_and_opened_anew_on_a_signal() {
    let setup = || Setup::new().with("log: { file: logs/s.log, rotate: 16KiB, keep: 3, conversation: true }");
    let server = setup().start();
    let logs = server.folder().join("logs");
    eventually("it turns over", || {
        a_session(&server);
        files(&logs).len() == 4
    });
    let oldest = files(&logs)[0].clone();
    eventually("the oldest one goes", || {
        a_session(&server);
        !oldest.exists()
    });
    assert!(files(&logs).len() <= 4, "{:?}", files(&logs));
    for file in files(&logs) {
        let length = fs::metadata(&file).map_or(0, |metadata| metadata.len());
        assert!(length <= 16 << 10, "{} has {length} octets", file.display());
    }
    let whole = files(&logs).iter().all(|file| read(file).lines().all(|line| line.starts_with("20")));
    assert!(whole, "a line is cut");

    fs::rename(logs.join("s.log"), logs.join("moved")).expect("it can be moved");
    server.signal("USR1");
    eventually("it is opened anew", || read(&logs.join("s.log")).contains("opened anew"));
    let before = read(&logs.join("moved")).len();
    a_session(&server);
    eventually("lines go into the new one", || read(&logs.join("s.log")).contains("disconnected"));
    assert_eq!(read(&logs.join("moved")).len(), before);
}

#[test]
fn a_disk_that_hangs_stops_no_session_and_what_is_lost_is_counted() {
    let pipe = tempfile::tempdir().expect("a folder").keep().join("s.log");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    give_away(pipe.parent().expect("it lies in a folder"));
    // Somebody holds the other end and reads nothing.
    let reader = fs::File::options().read(true).write(true).open(&pipe).expect("the pipe opens");
    let log = format!("log: {{ file: \"{}\", conversation: true }}", pipe.display());
    let server = Setup::new().with(&log).start();
    let began = Instant::now();
    let mut longest = Duration::ZERO;
    let mut client = Client::greeted(server.port);
    // Almost 1 KiB of the log each: more than the pipe and the queue hold.
    let command = format!("NOOP {}\r\n", "x".repeat(900));
    for _ in 0..120 {
        let asked = Instant::now();
        client.send(command.repeat(100).as_bytes()).expect("it listens");
        for _ in 0..100 {
            assert_eq!(client.answer().expect("it answers").code, 250);
        }
        longest = longest.max(asked.elapsed());
    }
    eprintln!("12,000 commands in {:?}, the longest hundred {longest:?}, nothing written", began.elapsed());
    assert!(longest < Duration::from_secs(5), "{longest:?}");
    // The disk is back.
    let drain = thread::spawn(move || {
        let mut reader = reader;
        let (mut text, mut piece) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&text).contains("could not be written") {
            let read = reader.read(&mut piece).expect("the pipe can be read");
            text.extend_from_slice(&piece[..read]);
        }
        String::from_utf8_lossy(&text).into_owned()
    });
    let text = drain.join().expect("what was lost is told");
    let told = text.lines().find(|line| line.contains("could not be written")).expect("it is there");
    assert!(told.contains("warning"), "{told}");
    fs::remove_dir_all(pipe.parent().expect("it lies in a folder")).expect("it can be taken away");
}

#[test]
fn a_disk_that_is_full_stops_no_session_and_goes_on_when_there_is_room() {
    // Root mounts it for whom the server changes to; anybody else becomes root to mount it, and then nobody again.
    let (options, spaces, then): (&str, &[&str], &str) = if is_root() {
        ("size=128k,uid=nobody,gid=nogroup", &["unshare", "--mount"], "")
    } else {
        ("size=128k", &["unshare", "--user", "--map-root-user", "--mount"], "unshare --user --map-user=65534")
    };
    let script = format!("mkdir logs && mount -t tmpfs -o {options} none logs && exec {then} \"$0\" \"$@\"");
    let setup = Setup::new().with("log: { file: logs/s.log, rotate: 16KiB, keep: 2, conversation: true }");
    let server = setup.under(&[spaces, &["sh", "-c", &script]].concat()).start();
    let logs = PathBuf::from(format!("/proc/{}/root{}/logs", server.pid(), server.folder().display()));
    // Several old files are kept, and the disk never fills by itself.
    eventually("it turns over", || {
        a_session(&server);
        files(&logs).len() == 3
    });
    let fill = || {
        let ballast = fs::File::options().create(true).append(true).open(logs.join("ballast"));
        // It takes what there is, and the rest fails.
        let _ = ballast.and_then(|mut ballast| ballast.write_all(&[0; 256 << 10]));
    };
    fill();
    let stuck = fs::metadata(logs.join("s.log")).expect("it is there").len();
    // Each of them says more than 1 KiB: far more than the disk has room for. It stays full for longer than lines gather, and
    // when a file that is turned over has made room.
    for _ in 0..30 {
        a_session(&server);
        thread::sleep(Duration::from_millis(20));
        fill();
    }
    let grown = fs::metadata(logs.join("s.log")).map_or(0, |metadata| metadata.len());
    assert!(grown < stuck + (16 << 10), "the disk is not full");
    fs::remove_file(logs.join("ballast")).expect("it can be taken away");
    eventually("it goes on and says what is lost", || {
        a_session(&server);
        files(&logs).iter().any(|file| read(file).contains("could not be written"))
    });
    let mut client = Client::greeted(server.port);
    client.deliver(&Message::new("a@example.net", "Subject: x\r\n\r\nText\r\n")).expect("mail goes on");
}
