//! Configurations and what is said of them: `tests/config/NAME.yaml` ends in comments that hold the findings.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{fs, io, path::Path};

use diagnostic::Sources;
use server::config::{Origin, Surroundings, load_config};

struct Given;

impl Surroundings for Given {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "HOST").then(|| "mail.example.net".to_string())
    }

    fn file(&self, path: &str) -> io::Result<String> {
        if path == "/secret" { Ok("s3cret\n".into()) } else { Err(io::Error::other("no such file")) }
    }
}

/// Where a file's own findings or effective values begin.
const MARK: &str = "\n# => ";

#[test]
fn every_configuration_gets_the_findings_that_stand_at_its_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config");
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let body = text.split_once(MARK).map_or(text.as_str(), |(body, _)| body).trim_end();
        let expected = format!("{body}\n{MARK}{}\n", said(body).trim_end().replace('\n', MARK));
        if bless {
            fs::write(&path, &expected).unwrap();
        } else if text != expected {
            wrong.push(format!("{}:\n{expected}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 renews what is right:\n{}", wrong.join("\n"));
}

fn said(body: &str) -> String {
    let mut sources = Sources::default();
    let text = format!("{body}\n");
    let loaded = load_config(&mut sources, "config.yaml", &text, Path::new("/etc/saywhen"), &Given);
    if loaded.diagnostics.is_empty() {
        let shown = loaded.shown.iter().map(|shown| format!("{} = {}  ({})\n", shown.path, shown.value, shown.origin));
        return shown.collect();
    }
    assert!(loaded.config.is_none());
    let findings = loaded.diagnostics.iter().map(|finding| {
        let (line, column) = sources.position(finding.span);
        format!("{line}:{column} {} {}; {}\n", finding.rule.code, finding.message, finding.help.join("; "))
    });
    findings.collect()
}

#[test]
fn the_configuration_at_the_root_runs_as_it_stands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("config.yaml")).unwrap();
    let mut sources = Sources::default();
    let loaded = load_config(&mut sources, "config.yaml", &text, &root, &Given);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let config = loaded.config.unwrap();
    assert!(root.join("protocols").join(format!("{}.proto.dsl", config.listeners[0].protocol.0)).exists());
    // Whoever reads it finds every key, at its default or beside it.
    let unsaid: Vec<&str> = loaded.shown.iter().filter(|s| s.origin == Origin::Default).map(|s| &*s.path).collect();
    let beside =
        ["reload.replay", "tls.authorities", "pid_file", "log.file", "limits.connections_per_minute", "metrics"];
    assert_eq!(unsaid, beside);
    for path in beside {
        let key = path.rsplit('.').next().unwrap();
        assert!(text.contains(&format!("{key}:")) || text.contains(&format!("`{key}`")), "{path}");
    }
}
