//! A scene as a state diagram of Mermaid.
//!
//! Never: lays out.

use std::fmt::Write;

use crate::{
    dot::lines,
    scene::{Kind, Scene},
};

/// Writes the diagram.
pub(crate) fn mermaid(scene: &Scene) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    let id = |room: usize| format!("s_{}", scene.rooms[room].name);
    for (place, room) in scene.rooms.iter().enumerate() {
        // Writing into a string never fails.
        let _ = writeln!(text, "    state \"{}\" as {}", plain(&room.name), id(place));
    }
    let _ = writeln!(text, "    [*] --> {}", id(scene.start));
    for road in &scene.roads {
        let how = match road.kind {
            Kind::Secure => "under TLS, ",
            Kind::Refused => "refused, ",
            Kind::Midway | Kind::Done | Kind::Closed => "",
        };
        let label = plain(&lines(&road.rows).join(" · "));
        let _ = writeln!(text, "    {} --> {}: {how}{label}", id(road.from), id(road.to));
    }
    for (place, room) in scene.rooms.iter().enumerate().filter(|(_, room)| !room.rows.is_empty()) {
        let _ = writeln!(text, "    note right of {}", id(place));
        for line in lines(&room.rows) {
            let _ = writeln!(text, "        {}", plain(&line));
        }
        text.push_str("    end note\n");
    }
    text
}

/// Without what has a meaning there.
fn plain(text: &str) -> String {
    text.replace(['"', ';', '#'], "'").replace(':', " ")
}
