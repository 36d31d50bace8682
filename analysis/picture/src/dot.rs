//! A scene for Graphviz.
//!
//! Never: lays out.

use std::fmt::Write;

use crate::{
    scene::{Kind, Room, Row, Scene},
    table::{named, written},
};

/// Writes the graph.
pub(crate) fn dot(scene: &Scene) -> String {
    let mut text = format!("digraph {} {{\n", quoted(&scene.name));
    text.push_str("    node [shape=box, style=rounded, fontname=\"Helvetica\"]\n    edge [fontname=\"Helvetica\"]\n");
    text.push_str("    \"(start)\" [shape=point]\n");
    for room in &scene.rooms {
        let missed = if room.reached { "" } else { ", color=\"#c2410c\"" };
        // Writing into a string never fails.
        let _ = writeln!(text, "    {} [label={}{missed}]", quoted(&room.name), quoted(&inside(room)));
    }
    let _ = writeln!(text, "    \"(start)\" -> {}", quoted(&scene.rooms[scene.start].name));
    for road in &scene.roads {
        let style = match road.kind {
            Kind::Secure => ", style=bold, color=\"#0f8a7a\"",
            Kind::Refused => ", style=dashed, color=\"#c2612f\"",
            Kind::Midway | Kind::Done | Kind::Closed => "",
        };
        let missed = if road.reached { "" } else { ", fontcolor=\"#c2410c\"" };
        let (from, to) = (&scene.rooms[road.from].name, &scene.rooms[road.to].name);
        let label = quoted(&lines(&road.rows).join("\n"));
        let _ = writeln!(text, "    {} -> {} [label={label}{style}{missed}]", quoted(from), quoted(to));
    }
    text + "}\n"
}

fn inside(room: &Room) -> String {
    let mut all = vec![room.name.clone()];
    all.extend(Some(room.title.clone()).filter(|title| !title.is_empty()));
    all.extend(lines(&room.rows));
    all.join("\n")
}

/// Rows in words.
pub(crate) fn lines(rows: &[Row]) -> Vec<String> {
    let line = |row: &Row| {
        let commands: Vec<&str> = row.commands.iter().map(|name| named(name)).collect();
        let answers: Vec<String> = row.answers.iter().map(written).collect();
        format!("{} {}", commands.join(", "), answers.join(" ")).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
