//! Requests: what a command of a request sees, and the attributes as the machine reads them.
//!
//! Never: looks at a request.

use std::sync::Arc;

use diagnostic::Span;
use program::{Attribute, Attributes, Type};

use crate::{
    check::types,
    compile::{
        Compiler,
        command::Hole,
        flow::Path,
        scope::{BodyKind, Scope},
    },
    rules,
    tree::Name,
};

impl Compiler<'_> {
    /// The one hole of `on request`: the whole request, as a record.
    pub(super) fn request_hole(&mut self, span: Span) -> Hole {
        let ty = self.model.request.as_ref().map(|request| Type::Record(request.shape.clone()));
        if ty.is_none() {
            self.findings.mend(
                &rules::wire::REQUESTS,
                span,
                "the wire has no requests",
                "write  request attributes \"=\" at most 100 lines and 16 KB { … }  in  wire { … }",
            );
        }
        Hole { name: Name { text: "request".into(), span }, ty, most: None }
    }

    /// The attributes with their lexemes and defaults.
    pub(super) fn attributes(&mut self) -> Option<Arc<Attributes>> {
        let request = self.model.request.as_ref()?;
        let (def, octets_most, shape) = (request.def, request.octets_most, request.shape.clone());
        let mut known = Vec::new();
        for place in 0..shape.fields.len() {
            let attribute = &self.model.request.as_ref()?.attributes[place];
            let (name, ty, most, default) =
                (attribute.name.clone(), attribute.ty.clone(), attribute.most, attribute.default);
            let default = default.map(|default| {
                let scope = Scope::new(BodyKind::Expression, None, 0);
                self.expr_of(&scope, &Path::new(), default, &ty)
            });
            let secret = types::holds_secret(&self.model, &ty);
            known.push(Attribute { name, lexeme: self.lexeme(&ty)?, most, default, secret });
        }
        Some(Arc::new(Attributes {
            separator: def.separator.text.clone(),
            lines_most: def.lines.0 as usize,
            octets_most,
            shape,
            known,
        }))
    }
}
