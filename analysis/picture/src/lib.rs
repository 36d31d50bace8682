//! A protocol, drawn: its states, what may be said in each, what is answered, and where that leads.
//!
//! One [`Form`] is a picture with a layout of its own: states in layers, the words on a line a part of the layout like
//! the states themselves, so that nothing lies on anything. The others are for other programs, and for a terminal.
//!
//! Never: runs a protocol, reads a file, or draws the same program in two ways.

mod answers;
mod dot;
mod drawing;
mod gather;
mod layers;
mod measure;
mod mermaid;
mod place;
mod route;
mod scene;
mod svg;
mod table;
mod text;
mod ways;

use program::Program;

pub use drawing::{Area, Drawing, Line, drawing};

/// How a protocol is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A picture, whole in itself, for light pages and dark ones.
    Svg,
    /// A graph for Graphviz.
    Dot,
    /// A state diagram for Mermaid.
    Mermaid,
    /// Words, for a terminal.
    Text,
}

/// Draws a program. `executed`, as long as its code, says how often each instruction ran: then what never ran is shown.
pub fn draw(program: &Program, form: Form, executed: Option<&[u64]>) -> String {
    let scene = gather::scene(program, executed);
    match form {
        Form::Svg => svg::svg(&drawing::draw(&scene)),
        Form::Dot => dot::dot(&scene),
        Form::Mermaid => mermaid::mermaid(&scene),
        Form::Text => text::text(&scene),
    }
}
