//! A scene with a place for everything: boxes, words and lines.
//!
//! Never: lets a line go over a box or over the words of another line.

use program::Program;

use crate::{
    gather,
    layers::{Layers, What, layers, plan},
    measure::{code, prose, wrapped},
    place::CORNER,
    route::route,
    scene::{Answer, Kind, Room, Scene},
    table::{ENTERING, LINE, Names, SIZE, Table, table, written},
};

/// Around everything.
const MARGIN: f64 = 40.0;
/// Within boxes.
const PADDING: f64 = 16.0;
/// Between two layers: there lines may bend.
const BEND: f64 = 30.0;
/// How wide the names of commands may become.
const NAMES: f64 = 190.0;
/// How many characters of answers stand in a line.
const CODES: usize = 19;
/// As wide as a state may become so that its lines run straight.
const WIDEST: f64 = 620.0;
/// As wide as the notes below may become together, when the picture is narrower.
const NOTES: f64 = 1100.0;

/// A picture, ready to be written down.
#[derive(Debug, Default)]
pub struct Drawing {
    /// In pixels.
    pub width: f64,
    /// In pixels.
    pub height: f64,
    /// What it is called, for those who cannot see it.
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// Every area that has words in it, a box or the words on a line: none lies on another.
    pub areas: Vec<Area>,
    /// Every line between states.
    pub lines: Vec<Line>,
    pub(crate) shapes: Vec<Shape>,
}

/// A rectangle that belongs to one thing alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// What it is: a state's name, or `from → to`.
    pub name: String,
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// A line from one state to another, as a run of points.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// `from → to`, as in the name of the area with its words.
    pub name: String,
    /// The names of the two states.
    pub ends: (String, String),
    /// Points on it, close to each other.
    pub points: Vec<(f64, f64)>,
}

/// Something that is to be seen. Classes have their colours in the style of the picture.
#[derive(Debug)]
pub(crate) enum Shape {
    Box { x: f64, y: f64, width: f64, height: f64, round: f64, class: String },
    Text { x: f64, y: f64, class: String, text: String },
    Path { d: String, class: String },
    Dot { x: f64, y: f64, radius: f64, class: String },
}

/// Draws a program; see [`crate::draw`].
pub fn drawing(program: &Program, executed: Option<&[u64]>) -> Drawing {
    draw(&gather::scene(program, executed))
}

pub(crate) fn draw(scene: &Scene) -> Drawing {
    let words: Vec<Table> = scene.roads.iter().map(|road| table(&road.rows, Names::Commands, NAMES, CODES)).collect();
    let sizes: Vec<(f64, f64)> = words.iter().map(|table| (table.width + 20.0, table.height + 12.0)).collect();
    let plan = plan(scene.rooms.len(), &scene.roads, &sizes, scene.start);
    let breadths = plan.breadths(&scene.roads, &sizes);
    let cards: Vec<Card> = scene.rooms.iter().zip(breadths).map(|(room, breadth)| card(room, breadth)).collect();
    let rooms: Vec<(f64, f64)> = cards.iter().map(|card| (card.width, card.height)).collect();
    let layers = layers(&plan, &rooms, &scene.roads, &sizes);
    let (notes, notes_width, notes_height) = notes(scene, &layers);
    let graph_width = layers.nodes.iter().map(|node| node.x + node.width / 2.0).fold(0.0, f64::max);
    let width = graph_width.max(notes_width);
    let mut page = Page {
        scene,
        left: MARGIN + ((width - graph_width) / 2.0).round(),
        tops: Vec::new(),
        heights: Vec::new(),
        drawing: Drawing { width: width + 2.0 * MARGIN, ..Drawing::default() },
    };
    let head = page.head();
    let foot = page.bands(&layers, head);
    page.roads(&layers);
    page.rooms(&layers, &cards);
    page.words(&layers, &words);
    page.start(&layers);
    let below = foot + 44.0;
    page.notes(notes, (MARGIN, below), width);
    let end = page.legend(below + notes_height + 34.0, width);
    let mut drawing = page.drawing;
    drawing.height = end + MARGIN - 8.0;
    drawing.title = format!("{}: {}", scene.name, scene.title);
    drawing.description = format!(
        "The states of the protocol {} and the commands that lead from one to another: {}",
        scene.name,
        scene.rooms.iter().map(|room| room.name.as_str()).collect::<Vec<_>>().join(", ")
    );
    drawing
}

/// A state before it has a place.
struct Card {
    width: f64,
    height: f64,
    title: Vec<String>,
    facts: Vec<String>,
    table: Table,
}

fn card(room: &Room, breadth: f64) -> Card {
    let table = table(&room.rows, Names::Commands, NAMES + 50.0, CODES + 7);
    let straight = breadth.min(WIDEST) + 2.0 * (CORNER - PADDING) + 4.0;
    let inner = table.width.max(prose(&room.name, 17.0) * 1.1).max(straight).max(190.0);
    let title = wrapped(&room.title, inner, |text| prose(text, 12.5));
    let facts = if room.facts.is_empty() { String::new() } else { format!("has {}", room.facts) };
    let facts = wrapped(&facts, inner, |text| prose(text, 12.0));
    let head = 26.0 + LINE * (title.len() + facts.len()) as f64;
    let body = if table.height > 0.0 { table.height + 22.0 } else { 0.0 };
    Card { width: (inner + 2.0 * PADDING).ceil(), height: head + body + 18.0, title, facts, table }
}

/// Everything that has a place already.
struct Page<'s> {
    scene: &'s Scene,
    left: f64,
    /// The upper edge of each layer.
    tops: Vec<f64>,
    heights: Vec<f64>,
    drawing: Drawing,
}

impl Page<'_> {
    fn text(&mut self, x: f64, y: f64, class: impl Into<String>, text: impl Into<String>) {
        self.drawing.shapes.push(Shape::Text { x, y, class: class.into(), text: text.into() });
    }

    fn head(&mut self) -> f64 {
        let scene = self.scene;
        self.text(MARGIN, MARGIN + 22.0, "name", &scene.name);
        let x = MARGIN + prose(&scene.name, 30.0) * 1.1 + 18.0;
        let title = if scene.title.is_empty() {
            format!("version {}", scene.version)
        } else {
            format!("{} · version {}", scene.title, scene.version)
        };
        self.text(x.round(), MARGIN + 22.0, "title", title);
        if let Some((reached, all)) = scene.coverage {
            self.text(MARGIN, MARGIN + 48.0, "title", format!("transcripts reach {reached} of {all} answers"));
        }
        MARGIN + if scene.coverage.is_some() { 100.0 } else { 74.0 }
    }

    fn bands(&mut self, layers: &Layers, top: f64) -> f64 {
        let mut y = top;
        for layer in &layers.layers {
            let height = layer.iter().map(|node| layers.nodes[*node].height).fold(0.0, f64::max);
            self.tops.push(y);
            self.heights.push(height);
            y += height + BEND;
        }
        y - BEND
    }

    /// The upper left corner of a node.
    fn corner(&self, layers: &Layers, node: usize) -> (f64, f64) {
        let node = &layers.nodes[node];
        let y = self.tops[node.layer] + ((self.heights[node.layer] - node.height) / 2.0).round();
        (self.left + (node.x - node.width / 2.0).round(), y)
    }

    fn roads(&mut self, layers: &Layers) {
        let corners: Vec<(f64, f64)> = (0..layers.nodes.len()).map(|node| self.corner(layers, node)).collect();
        for (number, way) in route(layers, &corners, &self.tops, &self.heights).into_iter().enumerate() {
            let road = &self.scene.roads[number];
            let class = format!("{}{}", class(road.kind), if road.reached { "" } else { " missed" });
            self.line(way.path, &class);
            self.drawing.shapes.push(Shape::Path { d: way.head, class: format!("head {class}") });
            let ends = (self.scene.rooms[road.from].name.clone(), self.scene.rooms[road.to].name.clone());
            self.drawing.lines.push(Line { name: self.road_name(number), ends, points: way.points });
        }
    }

    fn road_name(&self, number: usize) -> String {
        let road = &self.scene.roads[number];
        format!("{} → {} {:?}", self.scene.rooms[road.from].name, self.scene.rooms[road.to].name, road.kind)
    }

    fn rooms(&mut self, layers: &Layers, cards: &[Card]) {
        for (node, placed) in layers.nodes.iter().enumerate() {
            let What::Room(number) = placed.what else { continue };
            let (room, card) = (&self.scene.rooms[number], &cards[number]);
            let (x, y) = self.corner(layers, node);
            self.drawing.areas.push(Area { name: room.name.clone(), x, y, width: card.width, height: card.height });
            let class = if room.reached { "room" } else { "room missed" };
            let (width, height) = (card.width, card.height);
            self.drawing.shapes.push(Shape::Box { x, y, width, height, round: 10.0, class: class.into() });
            let mut base = y + 28.0;
            self.text(x + PADDING, base, "state", &room.name);
            for (lines, class) in [(&card.title, "said"), (&card.facts, "facts")] {
                for line in lines {
                    base += LINE;
                    self.text(x + PADDING, base, class, line);
                }
            }
            if card.table.height > 0.0 {
                let d = format!("M{} {}H{}", x + PADDING, base + 14.0, x + card.width - PADDING);
                self.drawing.shapes.push(Shape::Path { d, class: "rule".into() });
                self.table(&card.table, x + PADDING, base + 21.0);
            }
        }
    }

    fn table(&mut self, table: &Table, x: f64, y: f64) {
        for (dx, dy, text) in &table.names {
            let class = match text.as_str() {
                ENTERING => "entering",
                _ if table.prose => "words",
                _ => "command",
            };
            self.text(x + dx, y + dy, class, text);
        }
        for (dx, dy, answer) in &table.answers {
            let class = answer_class(answer, self.scene.coverage.is_some());
            self.text((x + dx).round(), y + dy, class, written(answer));
        }
    }

    fn words(&mut self, layers: &Layers, words: &[Table]) {
        for (node, placed) in layers.nodes.iter().enumerate() {
            let What::Words(number) = placed.what else { continue };
            let (x, y) = self.corner(layers, node);
            let (width, height) = (placed.width.round(), placed.height);
            let name = self.road_name(number);
            self.drawing.areas.push(Area { name, x, y, width, height });
            let class = format!("card {}", class(self.scene.roads[number].kind));
            self.drawing.shapes.push(Shape::Box { x, y, width, height, round: 7.0, class });
            self.table(&words[number], x + 10.0, y + 6.0);
        }
    }

    fn start(&mut self, layers: &Layers) {
        let (x, y) = self.corner(layers, self.scene.start);
        let middle = x + (layers.nodes[self.scene.start].width / 2.0).round();
        self.drawing.shapes.push(Shape::Dot { x: middle, y: y - 26.0, radius: 6.0, class: "begin".into() });
        self.drawing
            .shapes
            .push(Shape::Path { d: format!("M{middle} {}V{}", y - 20.0, y - 8.0), class: "line plain".into() });
        let d = format!("M{middle} {y}L{} {}H{}Z", middle - 4.5, y - 9.0, middle + 4.5);
        self.drawing.shapes.push(Shape::Path { d, class: "head plain".into() });
    }

    fn notes(&mut self, notes: Vec<Note>, (left, top): (f64, f64), width: f64) {
        let d = format!("M{left} {}H{}", top - 22.0, left + width);
        self.drawing.shapes.push(Shape::Path { d, class: "rule".into() });
        for note in notes {
            self.text(left + note.x, top + note.y + 14.0, "note", note.heading);
            self.table(&note.table, left + note.x, top + note.y + 24.0);
        }
    }

    /// What the signs mean, in as many rows as it takes; gives where it ends.
    fn legend(&mut self, top: f64, width: f64) -> f64 {
        let (mut x, mut y) = (MARGIN, top);
        let coverage = self.scene.coverage.is_some();
        let has = |kind: Kind| self.scene.roads.iter().any(|road| road.kind == kind);
        let taken = |class: &str| match class {
            "plain" => has(Kind::Done),
            "secure" => has(Kind::Secure),
            "refused" => has(Kind::Refused),
            _ => true,
        };
        for (class, sign, words) in SIGNS.iter().filter(|(class, ..)| shown(class, coverage) && taken(class)) {
            let is_line = sign.is_empty();
            let gap = if is_line { 52.0 } else { (code(sign, SIZE) + 8.0).round() };
            let whole = (gap + prose(words, SIZE)).round();
            if x > MARGIN && x + whole > MARGIN + width {
                (x, y) = (MARGIN, y + LINE + 6.0);
            }
            if is_line {
                self.sample(class, (x, y - 4.0));
            } else {
                self.text(x, y, *class, *sign);
            }
            self.text(x + gap, y, "words", *words);
            x += whole + 24.0;
        }
        y
    }

    /// A short line as an example of its kind.
    fn sample(&mut self, class: &str, (x, y): (f64, f64)) {
        let d = format!("M{x} {y}H{}", x + 34.0);
        self.line(d, class);
        self.drawing
            .shapes
            .push(Shape::Path { d: format!("M{} {y}l-9 -4.5v9Z", x + 42.0), class: format!("head {class}") });
    }

    fn line(&mut self, d: String, class: &str) {
        let is_rail = class.starts_with("secure");
        if is_rail {
            self.drawing.shapes.push(Shape::Path { d: d.clone(), class: "rail".into() });
        }
        let line = if is_rail { "line inner" } else { "line" };
        self.drawing.shapes.push(Shape::Path { d, class: format!("{line} {class}") });
    }
}

/// The signs of the legend: class, sign (none: a line), meaning.
const SIGNS: [(&str, &str, &str); 10] = [
    ("plain", "", "leads on"),
    ("secure", "", "TLS begins"),
    ("refused", "", "refused, and elsewhere"),
    ("plain missed", "", "never taken"),
    ("code done", "123", "done"),
    ("code refused", "123", "refused"),
    ("code midway", "123 …", "go on"),
    ("code reached", "123", "reached"),
    ("code missed", "123", "not reached"),
    ("code closed", "■", "the session ends"),
];

/// Whether a sign stands in the legend of a picture with coverage, or without.
fn shown(class: &str, coverage: bool) -> bool {
    match class {
        "code done" | "code refused" | "code midway" => !coverage,
        "plain missed" | "code reached" | "code missed" => coverage,
        _ => true,
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Secure => "secure",
        Kind::Refused => "refused",
        Kind::Midway | Kind::Done | Kind::Closed => "plain",
    }
}

fn answer_class(answer: &Answer, coverage: bool) -> String {
    let kind = match answer.kind {
        _ if coverage && answer.reached => "reached",
        _ if coverage => "missed",
        Kind::Midway => "midway",
        Kind::Done => "done",
        Kind::Secure => "secure",
        Kind::Refused => "refused",
        Kind::Closed => "closed",
    };
    format!("code {kind}")
}

/// Something that holds for the whole, below the picture.
struct Note {
    x: f64,
    y: f64,
    heading: String,
    table: Table,
}

/// The notes side by side, as many in a row as there is room; then how wide and how high they are together.
fn notes(scene: &Scene, layers: &Layers) -> (Vec<Note>, f64, f64) {
    let graph = layers.nodes.iter().map(|node| node.x + node.width / 2.0).fold(0.0, f64::max);
    let room = graph.max(NOTES);
    let common = scene.common.iter().map(|(heading, rows)| (heading.clone(), rows, Names::Commands));
    let others = [("To anything else", &scene.unexpected), ("Limits", &scene.limits)];
    let others = others.into_iter().map(|(heading, rows)| (heading.to_owned(), rows, Names::Prose));
    let (mut x, mut y, mut wide, mut high) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    let mut notes = Vec::new();
    for (heading, rows, names) in common.chain(others) {
        let table = table(rows, names, 210.0, CODES);
        let width = table.width.max(prose(&heading, 13.0) * 1.1).ceil();
        if x > 0.0 && x + width > room {
            (x, y, high) = (0.0, y + high + 30.0, 0.0);
        }
        high = high.max(table.height + 26.0);
        wide = wide.max(x + width);
        notes.push(Note { x, y, heading, table });
        x += width + 56.0;
    }
    (notes, wide, y + high)
}
