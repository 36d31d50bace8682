//! A scene in words, for a terminal.
//!
//! Never: wider than its words.

use std::fmt::Write;

use crate::{
    scene::{Answer, Kind, Row, Scene},
    table::{named, written},
};

/// Writes it down.
pub(crate) fn text(scene: &Scene) -> String {
    let mut text = format!("{} \"{}\" version {}\n", scene.name, scene.title, scene.version);
    if let Some((reached, all)) = scene.coverage {
        // Writing into a string never fails.
        let _ = writeln!(text, "{reached} of {all} answers are reached; a * marks those that are not");
    }
    for (place, room) in scene.rooms.iter().enumerate() {
        let begins = if place == scene.start { ", where a session begins" } else { "" };
        let missed = if room.reached { "" } else { " *" };
        let _ = write!(text, "\n{}{begins}{missed}", room.name);
        let _ = writeln!(text, "{}", if room.title.is_empty() { String::new() } else { format!("  {}", room.title) });
        if !room.facts.is_empty() {
            let _ = writeln!(text, "    has {}", room.facts);
        }
        for road in scene.roads.iter().filter(|road| road.from == place) {
            let how = match road.kind {
                Kind::Secure => ", under TLS",
                Kind::Refused => ", refused",
                Kind::Midway | Kind::Done | Kind::Closed => "",
            };
            rows(&mut text, &road.rows, &format!("  → {}{how}", scene.rooms[road.to].name));
        }
        rows(&mut text, &room.rows, "");
    }
    for (heading, list) in &scene.common {
        let _ = writeln!(text, "\n{heading}");
        rows(&mut text, list, "");
    }
    for (heading, list) in [("To anything else", &scene.unexpected), ("Limits", &scene.limits)] {
        let _ = writeln!(text, "\n{heading}");
        rows(&mut text, list, "");
    }
    text
}

fn rows(text: &mut String, rows: &[Row], behind: &str) {
    for row in rows {
        let commands: Vec<&str> = row.commands.iter().map(|name| named(name)).collect();
        let answers: Vec<String> = row.answers.iter().map(marked).collect();
        let line = format!("    {:<28}  {}{behind}", commands.join(", "), answers.join(" "));
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn marked(answer: &Answer) -> String {
    format!("{}{}", written(answer), if answer.reached { "" } else { "*" })
}
