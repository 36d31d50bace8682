//! A drawing as SVG: whole in itself, with the colours of light pages and of dark ones.
//!
//! Never: asks for a font or a style from elsewhere.

use std::fmt::Write;

use crate::drawing::{Drawing, Shape};

const STYLE: &str = include_str!("style.css");

/// Writes a drawing down.
pub(crate) fn svg(drawing: &Drawing) -> String {
    let (width, height) = (drawing.width, drawing.height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"t d\">\n<title id=\"t\">{}</title>\n<desc id=\"d\">{}</desc>\n<style>\n{STYLE}</style>\n",
        escaped(&drawing.title),
        escaped(&drawing.description)
    );
    let (inner_width, inner_height) = (width - 1.0, height - 1.0);
    // Writing into a string never fails.
    let _ = writeln!(
        text,
        "<rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{inner_width}\" height=\"{inner_height}\" rx=\"14\"/>"
    );
    for shape in &drawing.shapes {
        let _ = match shape {
            Shape::Box { x, y, width, height, round, class } => writeln!(
                text,
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>"
            ),
            Shape::Text { x, y, class, text: words } => {
                writeln!(text, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(words))
            }
            Shape::Path { d, class } => writeln!(text, "<path class=\"{class}\" d=\"{d}\"/>"),
            Shape::Dot { x, y, radius, class } => {
                writeln!(text, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>")
            }
        };
    }
    text.push_str("</svg>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
