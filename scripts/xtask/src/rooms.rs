//! No two files of a crate import each other, by whatever way, and a room of the server imports only rooms above it in the
//! table of ARCHITECTURE.md whose head is `| Room | … |`.
//!
//! Never: looks at tests, or at what another crate imports; `layers` does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use syn::{
    Attribute, Item, Path, UseTree, Visibility,
    visit::{self, Visit},
};

use crate::{finding::Finding, tree::Tree};

const MAP: &str = "ARCHITECTURE.md";

/// The crate whose folders are rooms with an order.
const SERVER: &str = "engine/server/src/";

/// Crates whose files still import each other. Take a name away when that is over; add none.
const LEFT: [&str; 6] = [
    "engine/actions/src/",
    "engine/machine/src/",
    "engine/program/src/",
    "grammar/src/",
    "analysis/proof/src/",
    "tests/hunt/src/",
];

/// The path of a module below its crate.
type Module = Vec<String>;

/// Which modules each module imports something of.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// Finds circles, and imports against the order.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources(tree) {
        let imports = imports(tree, &source);
        if !LEFT.contains(&&*source) {
            findings.extend(circles(&imports).iter().map(|circle| told(&source, circle)));
        }
        if source == SERVER {
            findings.extend(against_order(tree, &imports));
        }
    }
    findings
}

/// The folders of sources, one of each crate.
fn sources(tree: &Tree) -> BTreeSet<String> {
    let roots = tree.rust().filter(|file| matches!(file.name(), "lib.rs" | "main.rs"));
    roots.filter_map(|file| Some(file.path.split_once("/src/")?.0.to_owned() + "/src/")).collect()
}

/// The module that a file holds; none for programs beside the crate.
fn module_of(path: &str) -> Option<Module> {
    let path = path.strip_suffix(".rs")?;
    let mut parts: Module = path.split('/').map(str::to_owned).collect();
    if matches!(&*parts.last()?.clone(), "mod" | "lib" | "main") {
        parts.pop();
    }
    (parts.first().is_none_or(|first| first != "bin")).then_some(parts)
}

fn imports(tree: &Tree, source: &str) -> Imports {
    let files = tree.rust().filter_map(|file| Some((module_of(file.path.strip_prefix(source)?)?, file)));
    let mut read = Vec::new();
    for (module, file) in files {
        if let Ok(syntax) = syn::parse_file(&file.text) {
            let mut seen = Seen::default();
            seen.visit_file(&syntax);
            read.push((module, seen));
        }
    }
    let modules: BTreeSet<Module> = read.iter().map(|(module, _)| module.clone()).collect();
    let mut exported: BTreeMap<Module, Module> = BTreeMap::new();
    for (module, seen) in &read {
        for path in &seen.exported {
            if let (Some(name), Some(from)) = (path.last(), absolute(module, path, &modules)) {
                exported.insert([module.clone(), vec![name.clone()]].concat(), from);
            }
        }
    }
    let mut imports = Imports::new();
    for (module, seen) in &read {
        let found = seen.paths.iter().filter_map(|path| {
            let path = absolute(module, path, &modules)?;
            holder(&path, &modules, &exported)
        });
        let others = found.filter(|other| other != module && !other.is_empty());
        imports.entry(module.clone()).or_default().extend(others);
    }
    imports
}

/// A path from the root of its crate; none if it leads out of it.
fn absolute(module: &Module, path: &[String], modules: &BTreeSet<Module>) -> Option<Module> {
    let mut at = module.clone();
    let mut rest = path.iter().peekable();
    match rest.peek()?.as_str() {
        "crate" => {
            rest.next();
            at.clear();
        }
        "self" | "super" => {
            while let Some(word) = rest.next_if(|word| matches!(&***word, "self" | "super")) {
                if word == "super" {
                    at.pop();
                }
            }
        }
        first => {
            let child = [module.clone(), vec![first.to_owned()]].concat();
            if !modules.contains(&child) {
                return None;
            }
        }
    }
    at.extend(rest.cloned());
    Some(at)
}

/// The module that holds what a path names, be it shown by another one.
fn holder(path: &Module, modules: &BTreeSet<Module>, exported: &BTreeMap<Module, Module>) -> Option<Module> {
    let mut path = path.clone();
    for _ in 0..8 {
        let longest = (0..=path.len()).rev().find(|length| modules.contains(&path[..*length]))?;
        let shown = path.get(..=longest).and_then(|name| exported.get(name));
        match shown {
            Some(from) if *from != path => path = from.clone(),
            _ => return Some(path[..longest].to_vec()),
        }
    }
    None
}

/// Each circle once, by its shortest way.
fn circles(imports: &Imports) -> Vec<Vec<Module>> {
    let mut found: Vec<Vec<Module>> = Vec::new();
    for module in imports.keys() {
        if found.iter().flatten().any(|known| known == module) {
            continue;
        }
        found.extend(way_back(imports, module));
    }
    found
}

/// The shortest way from a module back to it.
fn way_back(imports: &Imports, start: &Module) -> Option<Vec<Module>> {
    let mut before: BTreeMap<&Module, &Module> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for next in imports.get(at).into_iter().flatten() {
            if next == start {
                let mut way = vec![at.clone()];
                while let Some(former) = before.get(way.last()?).filter(|_| way.last() != Some(start)) {
                    way.push((*former).clone());
                }
                way.reverse();
                return Some(way);
            }
            if !before.contains_key(next) {
                before.insert(next, at);
                open.push_back(next);
            }
        }
    }
    None
}

fn told(source: &str, circle: &[Module]) -> Finding {
    let names: Vec<String> = circle.iter().chain(circle.first()).map(|module| module.join("/")).collect();
    let message = format!("these files import each other: {}", names.join(" → "));
    Finding::new(source, message, "move what both need into a file of its own")
}

/// Imports of the server against the order of its rooms.
fn against_order(tree: &Tree, imports: &Imports) -> Vec<Finding> {
    let map = tree.files.iter().find(|file| file.path == MAP);
    let order = map.map(|map| rooms(&map.text)).unwrap_or_default();
    let place = |module: &Module| order.iter().position(|room| Some(room) == module.first());
    let mut findings = Vec::new();
    for (module, others) in imports.iter().filter(|(module, _)| !module.is_empty()) {
        let Some(own) = place(module) else {
            let message = format!("{SERVER}{} has no row in the table of rooms", module.join("/"));
            findings.push(Finding::new(MAP, message, "add a row for the room, behind those that it imports"));
            continue;
        };
        for other in others.iter().filter(|other| place(other).is_some_and(|other| other > own)) {
            let message = format!("`{}` imports `{}`, a room below its own", module.join("/"), other.join("/"));
            findings.push(Finding::new(SERVER, message, "turn the import round, or move the code"));
        }
    }
    findings
}

/// The rooms of the table, in order: names stand in backticks in the first column.
fn rooms(map: &str) -> Vec<String> {
    let rows = map.lines().skip_while(|line| !line.starts_with("| Room |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let first = rows.filter_map(|row| row.split('|').nth(1));
    first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// What a file names, and what it shows of others.
#[derive(Default)]
struct Seen {
    paths: Vec<Vec<String>>,
    exported: Vec<Vec<String>>,
}

impl<'s> Visit<'s> for Seen {
    fn visit_item(&mut self, item: &'s Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if attributes.iter().any(is_test) {
            return;
        }
        if let Item::Use(item) = item {
            let mut paths = Vec::new();
            flatten(&item.tree, &mut Vec::new(), &mut paths);
            match item.vis {
                Visibility::Inherited => self.paths.append(&mut paths),
                // What a door shows is not what it needs.
                _ => self.exported.append(&mut paths),
            }
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_path(&mut self, path: &'s Path) {
        let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if words.len() > 1 && matches!(&*words[0], "crate" | "super") {
            self.paths.push(words);
        }
        visit::visit_path(self, path);
    }
}

fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().starts_with("test"))
}

/// All paths of a `use`.
fn flatten(tree: &UseTree, before: &mut Vec<String>, into: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, into);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => into.push(before.clone()),
        UseTree::Name(name) => into.push([before.clone(), vec![name.ident.to_string()]].concat()),
        UseTree::Rename(name) => into.push([before.clone(), vec![name.ident.to_string()]].concat()),
        UseTree::Glob(_) => into.push(before.clone()),
        UseTree::Group(group) => group.items.iter().for_each(|item| flatten(item, before, into)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOMS: &str = "| Room | Holds |\n|---|---|\n| `low` | a |\n| `high`, `top` | b |\n";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_circle_between_two_files_is_found_through_a_door_too() {
        let files = [
            ("bench/src/lib.rs", "mod a; mod b;"),
            ("bench/src/a.rs", "use crate::b::Two; pub struct One;"),
            ("bench/src/b/mod.rs", "mod c; pub use c::Two;"),
            ("bench/src/b/c.rs", "pub struct Two; fn f() -> crate::a::One { crate::a::One }"),
        ];
        let told = found(&files);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("a → b/c → a"), "{told:?}");
        let apart = [files[0], files[1], files[2], ("bench/src/b/c.rs", "pub struct Two;")];
        assert_eq!(found(&apart), Vec::<String>::new());
        let in_tests = ("bench/src/b/c.rs", "pub struct Two; #[cfg(test)] mod tests { use crate::a::One; }");
        assert_eq!(found(&[files[0], files[1], files[2], in_tests]), Vec::<String>::new());
    }

    #[test]
    fn a_room_imports_those_above_it_alone() {
        let server = |low: &'static str, high: &'static str| {
            found(&[
                (MAP, ROOMS),
                ("engine/server/src/lib.rs", "mod low; mod high; mod top;"),
                ("engine/server/src/low.rs", low),
                ("engine/server/src/high/mod.rs", "pub mod part;"),
                ("engine/server/src/high/part.rs", high),
                ("engine/server/src/top.rs", "pub struct T;"),
            ])
        };
        assert_eq!(server("pub struct A;", "use crate::low::A; pub struct B;"), Vec::<String>::new());
        let told = server("use crate::high::part::B;", "pub struct B;");
        assert!(told.len() == 1 && told[0].contains("`low` imports `high/part`"), "{told:?}");
        assert_eq!(server("pub struct A;", "use crate::top::T; pub struct B;").len(), 1);
    }
}
