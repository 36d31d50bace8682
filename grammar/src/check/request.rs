//! `request attributes`: the attributes that a request may hold, with their types and bounds.
//!
//! Never: reads a request.

use std::sync::Arc;

use program::{Shape, Type};

use crate::{
    check::{findings::Findings, model::Model, types},
    rules,
    tree::{Expr, ExprKind, File, Item, RequestDef, WireItem},
};

/// The most lines and octets that a request may be bounded at.
const LINES_MOST: u32 = 10_000;
const OCTETS_MOST: i64 = 1 << 20;

/// What the wire says of requests.
pub(crate) struct RequestModel<'t> {
    pub(crate) def: &'t RequestDef,
    pub(crate) octets_most: usize,
    pub(crate) shape: Arc<Shape>,
    /// As many as the shape has fields.
    pub(crate) attributes: Vec<AttributeModel<'t>>,
}

/// One declared attribute.
pub(crate) struct AttributeModel<'t> {
    /// Its name on the wire.
    pub(crate) name: Arc<str>,
    /// Its type where it is there.
    pub(crate) ty: Type,
    pub(crate) most: Option<usize>,
    pub(crate) default: Option<&'t Expr>,
}

impl<'t> Model<'t> {
    /// Reads `request attributes …`, the first where there are several.
    pub(crate) fn collect_request(&mut self, file: &'t File, findings: &mut Findings) {
        let mut items =
            file.items.iter().filter_map(|item| if let Item::Wire(lines, _) = item { Some(lines) } else { None });
        let def = items.find_map(|lines| {
            lines.iter().find_map(|line| if let WireItem::Request(def) = line { Some(def) } else { None })
        });
        let Some(def) = def else { return };
        let octets_most = bounds(def, findings);
        if def.separator.text.trim_end_matches(' ').is_empty() || def.separator.text.contains(char::is_control) {
            findings.mend(
                &rules::wire::SEPARATOR,
                def.separator.span,
                "this parts no name from its value",
                "write  \"=\"  or  \": \",  say",
            );
        }
        let mut fields: Vec<(Arc<str>, Type)> = Vec::new();
        let mut attributes = Vec::new();
        for attribute in &def.attributes {
            let field: Arc<str> = attribute.name.text.to_ascii_lowercase().replace('-', "_").into();
            if fields.iter().any(|(other, _)| *other == field) {
                findings.mend(
                    &rules::names::DUPLICATE,
                    attribute.name.span,
                    format!("the attribute `{}` stands here twice", attribute.name.text),
                    "take one away",
                );
                continue;
            }
            let Some(ty) = types::resolve(self, &attribute.ty, findings) else { continue };
            let ty = types::certain(&ty).0.clone();
            if self.language(&ty).is_none() || matches!(ty, Type::Params(_)) {
                let words = types::words(self, &ty);
                findings.mend(
                    &rules::types::NOT_LEXICAL,
                    attribute.ty.span,
                    format!("a {words} cannot stand in a line"),
                    "take a lexical type, say `text`, `word` or one of your own",
                );
                continue;
            }
            let default = attribute.default.as_ref();
            let value = if default.is_some() { ty.clone() } else { Type::Optional(Box::new(ty.clone())) };
            fields.push((field, value));
            let most = attribute.ty.most.as_ref().and_then(|most| bound(most, findings));
            attributes.push(AttributeModel { name: attribute.name.text.clone(), ty, most, default });
        }
        let shape = Arc::new(Shape { name: "request".into(), fields });
        self.shapes.push(shape.clone());
        self.request = Some(RequestModel { def, octets_most, shape, attributes });
    }
}

fn bounds(def: &RequestDef, findings: &mut Findings) -> usize {
    if !(1..=LINES_MOST).contains(&def.lines.0) {
        findings.mend(
            &rules::wire::LINE_BOUND,
            def.lines.1,
            "this is no bound for the lines of a request",
            format!("write a number from 1 to {LINES_MOST}"),
        );
    }
    bound(&def.octets, findings).unwrap_or(1)
}

fn bound(most: &Expr, findings: &mut Findings) -> Option<usize> {
    match most.kind {
        ExprKind::Number(n) | ExprKind::Size(n) if (1..=OCTETS_MOST).contains(&n) => Some(n as usize),
        _ => {
            let help = "write a number of octets, 1 MB at the most";
            findings.mend(&rules::wire::LINE_BOUND, most.span, "this is no bound for a request", help);
            None
        }
    }
}
