//! Reloads under load: no session is lost or refused, no answer is out of place, and nothing grows.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Server, Setup};

const RELOADS: usize = 200;
const CLIENTS: usize = 50;
/// How long one reload may take on a busy machine.
const MOST: Duration = Duration::from_secs(60);
/// How many sessions must have ended before what the server holds is taken for what it needs. Its memory is at its height
/// after about two thousand of them, a tenth above what it is after the first 20 reloads, and stays there: 600 reloads and
/// ten thousand sessions later it is the same.
const SETTLED: usize = 1500;

/// Three transcripts that every version passes, whatever it says to NOOP.
const TALKS: [(&str, &str); 3] = [
    ("bye", "transcript \"bye\" for smtp\n\nS: 220 <*>\nC: QUIT\nS: 221 <*>\n--- closed\n"),
    ("order", "transcript \"order\" for smtp\n\nS: 220 <*>\nC: DATA\nS: 503 <*>\nC: QUIT\nS: 221 <*>\n--- closed\n"),
    (
        "unknown",
        "transcript \"unknown\" for smtp\n\nS: 220 <*>\nC: XYZZY\nS: 500 <*>\nC: QUIT\nS: 221 <*>\n--- closed\n",
    ),
];

fn server(lines: &str) -> Server {
    let server = Setup::new().with(lines).start();
    fs::create_dir_all(server.folder().join("talks")).expect("a folder can be made");
    for (name, text) in TALKS {
        fs::write(server.folder().join("talks").join(format!("{name}.talk")), text).expect("a transcript");
    }
    server
}

/// How often the log says something.
fn said(server: &Server, what: &str) -> usize {
    server.log().matches(what).count()
}

/// Waits until the log says something that often.
fn until_said(server: &Server, what: &str, times: usize) {
    let end = Instant::now() + MOST;
    while said(server, what) < times {
        assert!(Instant::now() < end, "the log never says `{what}` {times} times");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until so many sessions have ended.
fn until_ended(done: &AtomicUsize, sessions: usize) {
    let end = Instant::now() + MOST;
    while done.load(Ordering::Relaxed) < sessions {
        assert!(Instant::now() < end, "{} sessions have ended, not {sessions}", done.load(Ordering::Relaxed));
        thread::sleep(Duration::from_millis(10));
    }
}

/// Saves a file as editors do: under another name, which then takes its place.
fn save(path: &Path, text: &str) {
    let aside = path.with_extension("new");
    fs::write(&aside, text).expect("the folder can be written");
    fs::rename(aside, path).expect("a file can be renamed");
}

fn protocol(server: &Server) -> std::path::PathBuf {
    server.folder().join("protocols/smtp.proto.dsl")
}

/// The protocol with another answer to NOOP, by which a client can tell versions apart.
fn version(text: &str, number: usize) -> String {
    const SHIPPED: &str = r#"on "NOOP[ {rest: text}]" -> 250 2.0.0 "OK""#;
    assert!(text.contains(SHIPPED), "the shipped protocol answers NOOP so");
    text.replacen(SHIPPED, &SHIPPED.replace("OK", &format!("version {number}")), 1)
}

fn descriptors(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.pid())).expect("the server runs").count()
}

#[test]
fn two_hundred_reloads_lose_nothing_under_load() {
    let server = server("reload: { watch: false, replay: talks }");
    let text = fs::read_to_string(protocol(&server)).expect("a protocol");
    let before = descriptors(&server);
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (stop, done, port) = (stop.clone(), done.clone(), server.port);
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let mut client = Client::greeted(port);
                    let first = client.ask("NOOP");
                    assert_eq!(first.code, 250);
                    for _ in 0..5 {
                        assert_eq!(client.ask("NOOP"), first, "a session stays on its version");
                        assert_eq!(client.ask("RSET").code, 250);
                        assert_eq!(client.ask("DATA").code, 503);
                        thread::sleep(Duration::from_millis(40));
                    }
                    client.quit();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let mut settled = 0;
    for number in 0..RELOADS {
        let broken = number % 3 == 2;
        save(&protocol(&server), &if broken { "protocol smtp version {".into() } else { version(&text, number) });
        server.signal("HUP");
        until_said(&server, "reload begins", number + 1);
        until_said(&server, if broken { "reload refused" } else { "reload accepted" }, {
            let refused = (number + 1) / 3;
            if broken { refused } else { number + 1 - refused }
        });
        if number + 1 == RELOADS / 2 {
            until_ended(&done, SETTLED);
            settled = server.resident();
        }
    }
    let grown = server.resident();
    let mut last = Client::greeted(server.port);
    assert!(last.ask("NOOP").lines[0].ends_with(&format!("version {}", RELOADS - 1)), "the last one is in service");
    last.quit();
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().expect("no client met a fault");
    }
    println!("{} sessions; resident {settled} KiB, then {grown} KiB", done.load(Ordering::Relaxed));
    assert_eq!(said(&server, "reload accepted"), RELOADS - RELOADS / 3);
    // A program of this protocol is 2.3 MB: were each one kept, the second half would add 67 of them, 150 MB to 60. A
    // quarter is what six of them take.
    assert!(grown <= settled + settled / 4, "resident memory grew from {settled} to {grown} KiB");
    let end = Instant::now() + MOST;
    while descriptors(&server) > before + 2 {
        assert!(Instant::now() < end, "{} descriptors, {before} before", descriptors(&server));
        thread::sleep(Duration::from_millis(50));
    }
    println!("{before} descriptors before, {} behind", descriptors(&server));
}

#[test]
fn a_session_finishes_on_the_rules_that_it_began_with() {
    let server = server("reload: { watch: true, debounce: 50ms }");
    let text = fs::read_to_string(protocol(&server)).expect("a protocol");
    let mut old = Client::greeted(server.port);
    let bye = text.replace("on \"QUIT\"", "on \"LEAVE\"").replace("\"QUIT\"", "\"LEAVE\"");
    save(&protocol(&server), &bye);
    until_said(&server, "reload accepted", 1);
    let mut new = Client::greeted(server.port);
    assert_eq!(new.ask("QUIT").code, 500);
    assert_eq!(new.ask("LEAVE").code, 221);
    assert_eq!(old.ask("LEAVE").code, 500);
    assert_eq!(old.ask("QUIT").code, 221);
    // The log says what is different, first in summary, then as the conversations that show it.
    server.logs("reload: - S: 221 ");
    let log = server.log();
    let at = |what: &str| log.find(what).unwrap_or_else(|| panic!("no `{what}` in the log"));
    let told = [
        "reload accepted",
        "smtp: in \"ready\", `QUIT`: 221 → ",
        "smtp: conversation 1",
        "reload:   C: HELP",
        "reload: - S: 214 ",
        "reload: + S: 214 ",
    ];
    assert!(told.map(at).is_sorted(), "in another order:\n{log}");
}

#[test]
fn a_reload_that_changes_much_shows_the_first_conversations() {
    let server = server("reload: { watch: true, debounce: 50ms }");
    let text = fs::read_to_string(protocol(&server)).expect("a protocol");
    let unlike = text.replace("-> 221 2.0.0", "-> 221 2.0.1").replace("-> 250 2.0.0", "-> 250 2.0.1");
    save(&protocol(&server), &unlike.replace("-> 214 2.0.0", "-> 214 2.0.1").replace("-> 252 2.5.0", "-> 252 2.5.1"));
    until_said(&server, "more; `saywhen diff` shows them all", 1);
    assert_eq!([1, 2, 3, 4].map(|number| said(&server, &format!("smtp: conversation {number}"))), [1, 1, 1, 0]);
}

#[test]
fn a_reload_waits_for_no_comparison() {
    let server = server("reload: { watch: false }");
    let text = fs::read_to_string(protocol(&server)).expect("a protocol");
    for number in 0..3 {
        save(&protocol(&server), &version(&text, number));
        server.signal("HUP");
        until_said(&server, "reload accepted", number + 1);
    }
    until_said(&server, "+ S: 250 2.0.0 version 2", 1);
    // The others had no time to be compared, and say so; or they had it.
    let compared = (0..3).map(|number| said(&server, &format!("+ S: 250 2.0.0 version {number}"))).sum::<usize>();
    assert_eq!(compared + said(&server, "not all of it was compared"), 3, "{}", server.log());
}
