//! Pictures of all that is shipped, looked at as a person would: nothing lies on anything, and all of it is there.
//!
//! `BLESS=1` writes the golden picture instead of comparing it.
//!
//! Never: compares more than one picture octet by octet; the others may change with their protocols.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads its samples")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use diagnostic::Sources;
use grammar::Folder;
use picture::{Area, Drawing, Form, Line, draw, drawing};
use program::Program;

struct Beside(PathBuf);

impl Folder for Beside {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        Ok(fs::read_to_string(self.0.join(name)).ok().map(|text| (name.to_owned(), text)))
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn program(path: &str) -> Program {
    let path = root().join(path);
    let mut sources = Sources::default();
    let file = sources.add(path.to_string_lossy(), fs::read_to_string(&path).unwrap());
    let folder = Beside(path.parent().unwrap().to_path_buf());
    grammar::compile_in(&mut sources, file, &folder, actions::signatures()).program.unwrap()
}

fn shipped() -> Vec<(String, Program)> {
    let entries = fs::read_dir(root().join("protocols")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".proto.dsl")).collect();
    names.sort();
    assert!(names.len() > 4);
    names.into_iter().map(|name| (name.clone(), program(&format!("protocols/{name}")))).collect()
}

/// The pictures of all, each with and without what was reached.
fn all() -> &'static [(String, Drawing)] {
    static ALL: OnceLock<Vec<(String, Drawing)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for (name, program) in shipped() {
            all.push((format!("{name} with nothing reached"), drawing(&program, Some(&vec![0; program.code.len()]))));
            all.push((name, drawing(&program, None)));
        }
        all
    })
}

/// Points on a line, none far from the next.
fn dense(line: &Line) -> impl Iterator<Item = (f64, f64)> {
    line.points.windows(2).flat_map(|pair| {
        let ((x, y), (to, below)) = (pair[0], pair[1]);
        (0..=40).map(move |step| {
            let t = f64::from(step) / 40.0;
            (x + (to - x) * t, y + (below - y) * t)
        })
    })
}

fn apart(a: &Area, b: &Area) -> bool {
    a.x + a.width < b.x || b.x + b.width < a.x || a.y + a.height < b.y || b.y + b.height < a.y
}

/// Whether a point lies well within an area: its border belongs to the lines that meet it.
fn within(area: &Area, (x, y): (f64, f64)) -> bool {
    area.x + 1.0 < x && x < area.x + area.width - 1.0 && area.y + 1.0 < y && y < area.y + area.height - 1.0
}

#[test]
fn no_box_and_no_words_lie_on_others() {
    for (name, drawing) in all() {
        for (n, a) in drawing.areas.iter().enumerate() {
            for b in &drawing.areas[n + 1..] {
                assert!(apart(a, b), "{name}: {a:?} and {b:?}");
            }
        }
    }
}

#[test]
fn no_line_crosses_a_state_or_the_words_of_another_line() {
    for (name, drawing) in all() {
        for line in &drawing.lines {
            for point in dense(line) {
                let met = drawing.areas.iter().find(|area| area.name != line.name && within(area, point));
                assert!(met.is_none(), "{name}: {} at {point:?} crosses {met:?}", line.name);
            }
        }
    }
}

#[test]
fn every_line_passes_its_words_and_ends_at_its_states() {
    for (name, drawing) in all() {
        let area = |name: &str| drawing.areas.iter().find(|area| area.name == name).unwrap();
        let near = |area: &Area, (x, y): (f64, f64)| {
            let within = |at: f64, from: f64, wide: f64| from - 10.0 <= at && at <= from + wide + 10.0;
            within(x, area.x, area.width) && within(y, area.y, area.height)
        };
        for line in &drawing.lines {
            let (first, last) = (line.points[0], *line.points.last().unwrap());
            let (from, to) = (area(&line.ends.0), area(&line.ends.1));
            let joined = (near(from, first) && near(to, last)) || (near(to, first) && near(from, last));
            assert!(joined, "{name}: {line:?}");
            let words = area(&line.name);
            assert!(dense(line).any(|point| near(words, point)), "{name}: {}", line.name);
        }
    }
}

#[test]
fn every_picture_is_readable_on_a_page() {
    for (name, drawing) in all() {
        assert!(drawing.width <= 2000.0, "{name}: {} wide", drawing.width);
        let inside = |area: &Area| area.x >= 20.0 && area.x + area.width <= drawing.width - 20.0;
        assert!(drawing.areas.iter().all(inside), "{name}: something stands outside");
        assert!(drawing.areas.iter().all(|area| area.y + area.height < drawing.height), "{name}");
    }
}

#[test]
fn every_state_and_every_verb_is_in_every_form() {
    for (name, program) in shipped() {
        for form in [Form::Svg, Form::Dot, Form::Mermaid, Form::Text] {
            let drawn = draw(&program, form, None);
            for state in &program.states {
                assert!(drawn.contains(&*state.name), "{name} {form:?}: {}", state.name);
            }
            // What holds in most states is told below the picture, for which the graphs have no place.
            let verbs = program.verbs.iter().filter(|_| matches!(form, Form::Svg | Form::Text));
            for verb in verbs.filter(|verb| !verb.text.is_empty()) {
                assert!(drawn.contains(&*verb.text), "{name} {form:?}: {}", verb.text);
            }
        }
    }
}

#[test]
fn the_same_program_is_drawn_in_the_same_way() {
    for (name, program) in shipped() {
        assert_eq!(draw(&program, Form::Svg, None), draw(&program, Form::Svg, None), "{name}");
    }
}

#[test]
fn a_small_protocol_is_drawn_as_it_always_was() {
    let door = program("docs/examples/door.proto.dsl");
    for (form, ending) in [(Form::Svg, "svg"), (Form::Dot, "dot"), (Form::Mermaid, "mmd"), (Form::Text, "txt")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/door.{ending}"));
        let drawn = draw(&door, form, None);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &drawn).unwrap();
        }
        assert_eq!(drawn, fs::read_to_string(&path).unwrap_or_default(), "{}: BLESS=1 renews it", path.display());
    }
}

#[test]
fn what_was_not_reached_is_marked() {
    let door = program("docs/examples/door.proto.dsl");
    let none = draw(&door, Form::Svg, Some(&vec![0; door.code.len()]));
    let all = draw(&door, Form::Svg, Some(&vec![1; door.code.len()]));
    assert!(
        none.contains("transcripts reach 0 of 14 answers") && none.contains("class=\"line plain missed\""),
        "{none}"
    );
    assert!(all.contains("transcripts reach 14 of 14 answers"), "{all}");
    assert_eq!(all.matches("class=\"room missed\"").count(), 0);
    assert_eq!(none.matches("class=\"room missed\"").count(), 1, "where sessions begin is reached by every one");
}
