//! Bounds that are written where nothing holds them.
//!
//! Never: an error; what is meant is plain, and nothing is broken.

use crate::{
    check::findings::Findings,
    rules,
    tree::{FieldDef, File, Item, SqlGives, TypeBody, TypeKind, TypeRef},
};

/// Warns of each `at most N` behind a type whose values are as large as what they are given.
pub(crate) fn check(file: &File, findings: &mut Findings) {
    for item in &file.items {
        match item {
            Item::Settings(fields, ..) => tell(fields, findings),
            Item::Sql(def) => {
                tell(&def.parameters, findings);
                match &def.gives {
                    SqlGives::Row(fields) | SqlGives::Rows(fields, _) => tell(fields, findings),
                    SqlGives::Nothing => {}
                }
            }
            Item::Client(def) => {
                tell(&def.parameters, findings);
                def.variants.iter().for_each(|(_, fields)| tell(fields, findings));
            }
            Item::Type(def) => {
                if let TypeBody::Params(keywords) = &def.body {
                    keywords.iter().filter_map(|(_, ty)| ty.as_ref()).for_each(|ty| tell_one(ty, findings));
                }
            }
            Item::Record(def) => {
                for field in &def.fields {
                    match &field.ty.kind {
                        TypeKind::List(element) => tell_one(element, findings),
                        TypeKind::Named(name) if SIZELESS.contains(&&*name.text) => tell_one(&field.ty, findings),
                        TypeKind::Named(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// Types whose values have no size that a bound could speak of.
const SIZELESS: [&str; 7] = ["number", "size", "duration", "time", "yes_no", "ip", "network"];

fn tell(fields: &[FieldDef], findings: &mut Findings) {
    fields.iter().for_each(|field| tell_one(&field.ty, findings));
}

fn tell_one(ty: &TypeRef, findings: &mut Findings) {
    if let Some(most) = &ty.most {
        findings.mend(
            &rules::types::UNHELD,
            most.span,
            "nothing holds this bound",
            "take it away; bound what comes in:  on \"X {x: text at most 40}\",  or ask:  require size(x) <= 40 else …",
        );
    }
    if let TypeKind::List(element) = &ty.kind {
        tell_one(element, findings);
    }
}
