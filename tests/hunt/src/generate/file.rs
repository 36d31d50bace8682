//! What stands around commands: the header, the wire, declarations, states, limits.
//!
//! Never: decides what bodies do.

use std::fmt::Write as _;

use super::{
    scope::{Scope, Var},
    writer::{Part, Place, Writer},
};

impl Writer<'_> {
    /// The whole file, its promises left out.
    pub(super) fn file(&mut self) -> String {
        let mut text = format!("protocol p \"t\" version 1 edition 1\n{}", self.wire());
        text.push_str(&self.declarations());
        let states: String = (0..self.plan.states.len()).map(|state| self.state(state)).collect();
        text.push_str(&states);
        let routines: String = self.plan.routines.iter().map(|(name, needs)| self.write_routine(name, needs)).collect();
        text.push_str(&routines);
        let (ok, back) = (self.status(true), if self.chance.one_in(2) { "back" } else { "Back" });
        let start = &self.plan.states[0];
        let answer = if start.enter == Some(true) { String::new() } else { format!("reply {ok} \"back\" ") };
        let rest: Vec<String> = self.plan.states[1..].iter().map(|state| state.name.clone()).collect();
        let _ = write!(
            text,
            "during {} {{\n    on \"{back}\" {{ {answer}goto {} }}\n}}\nanytime {{\n    on \"QUIT\" -> {ok} \"bye\" close\n}}\n",
            rest.join(", "),
            start.name
        );
        text.push_str(&self.ends(&text.clone()));
        if text.contains("each abilities") {
            text.push_str("offers abilities { \"FIRST\"  \"QUIT\" if accepted }\n");
        }
        if text.contains("ask reach(") {
            let (ok, more) = if self.plan.wire.words { ("OK", "NO") } else { ("220", "4xx") };
            let _ = writeln!(
                text,
                "client reach(host: text, port: number = 25) gives up(banner: text) | down {{ connect to host port port within 5 seconds await within 5 seconds {{ {ok} \"{{banner: text}}\" {{ give up(banner) }} {more} {{ give down }} otherwise as answer {{ give failed(answer) }} }} }}"
            );
        }
        if let Some(at) = self.plan.moves {
            let _ =
                writeln!(text, "reload {{ finish old sessions 10 minutes  move at {} }}", self.plan.states[at].name);
        }
        text
    }

    fn wire(&mut self) -> String {
        let wire = &self.plan.wire;
        let mut text =
            format!("wire {{\n    lines {} at most {} octets\n", if wire.crlf { "crlf" } else { "lf" }, wire.most);
        let status = if wire.words { "status" } else { "code" };
        let tag = if wire.tag { "{tag} " } else { "" };
        let most =
            wire.reply_most.filter(|_| !wire.tag).map_or(String::new(), |most| format!(" at most {most} octets"));
        let _ =
            writeln!(text, "    reply \"{tag}{{{status}}} {{text}}\" continued \"{tag}{{{status}}}-{{text}}\"{most}");
        text.push_str(if wire.words {
            "    answers OK, DONE, MORE\n    refusal NO\n"
        } else {
            "    refusal 4xx 5xx\n"
        });
        text.push_str("    cancel \"*\"\n");
        let mut when = |holds: bool, line: &str| {
            if holds {
                let _ = writeln!(text, "    {line}");
            }
        };
        when(wire.tag, "command \"{tag: label} {command}\" else \"*\"");
        when(wire.exact, "exact case");
        when(wire.pipeline, "pipeline yes");
        when(wire.listing, "listing dotted");
        when(wire.literals && wire.tag, "literals at most 20 octets asked \"+ go on\"");
        when(wire.literals && !wire.tag, "literals at most 20 octets");
        when(wire.patience, "patience \"GO\" 5 seconds \"GO0\" 6 seconds \"PUT1\" 3 seconds");
        text.push_str("}\n");
        text
    }

    pub(super) fn declarations(&mut self) -> String {
        let (words, octets) = (self.plan.words_most, self.plan.body_most);
        let mut text = String::from("settings {\n    strict : yes_no = no\n    loose : yes_no = yes\n");
        let few = 1 + self.chance.below(4);
        let gate = *self.chance.pick(&["5", "9", "9", "settings.few"]);
        let words_there = *self.chance.pick(&["[\"a\"]", "[\"a\", \"b\"]", "[\"b\", \"a\", \"A\"]", "[]"]);
        let second = *self.chance.pick(&["2 seconds", "1 second", "3 seconds"]);
        let _ = write!(
            text,
            "    few : number = {few}\n    name : word = \"a\"\n    gate : gate = {gate}\n    words : list of word = {words_there}\n    nets : list of network = []\n    motto : text?\n    pause : duration = {second}\n    pass : secret text = \"zqSECRETsetting\"\n}}\n"
        );
        text.push_str("type gate = number 1 to 9\ntype label = 1*4(ALPHA / DIGIT)\ntype opts = params { \"SIZE\": size \"NAME\": word \"FAST\" }\n");
        let _ = writeln!(
            text,
            "record bag {{ owner : word  flag : yes_no  gate : gate  note : text? at most 9 octets  xs : list of word at most {words}  body : octets at most {octets} octets }}"
        );
        text.push_str(concat!(
            "sql one(k: text) gives { number: number, word: word, other: word? } as \"SELECT 1 AS number, 'x' AS word, NULL AS other WHERE :k = :k\"\n",
            "sql many(k: text) gives list of { word: word } at most 4 as \"SELECT 'x' AS word WHERE :k = :k\"\n",
            "sql done(k: text) gives nothing as \"DELETE FROM accounts WHERE login = :k\"\n",
            "sql farewell(k: text) gives nothing as \"DELETE FROM accounts WHERE login = :k\"\n",
            "sql hash_of(login: text) gives { hash: secret text } as \"SELECT pw_hash AS hash FROM accounts WHERE login = :login\"\n",
        ));
        text
    }

    fn state(&mut self, number: usize) -> String {
        let state = &self.plan.states[number];
        let has = if state.facts.is_empty() { String::new() } else { format!(" has {}", list(&state.facts)) };
        let mut text = format!("{}state {}{has} {{\n", if number == 0 { "start " } else { "" }, state.name);
        let scope = Scope::of(&state.facts);
        let place = |part| Place { part, state: Some(number) };
        if let Some(answers) = state.enter {
            let body = self.body(&scope, place(Part::Enter(answers)));
            let _ = writeln!(text, "    enter {{ {body}}}");
        }
        if state.leave {
            let body = self.body(&scope, place(Part::Leave));
            // An event of a `leave` alone.
            let farewell = if self.plan.waits && self.chance.one_in(2) {
                "ask farewell(\"l\") within 1 second { done(n) { } failed(why) { log info \"{why}\" } } "
            } else {
                ""
            };
            let _ = writeln!(text, "    leave {{ log debug \"left\" {body}{farewell}}}");
        }
        text.push_str(&self.commands(number));
        if number == 0 {
            (1..self.plan.states.len()).for_each(|to| text.push_str(&self.way_in(to)));
            if self.chance.one_in(3) {
                let guard = if self.chance.one_in(4) { "" } else { " when tls is absent" };
                let to = self.plan.states.iter().find(|state| state.facts.is_empty()).map_or("s0", |state| &state.name);
                let code = if self.plan.wire.words { "OK" } else { "220" };
                let _ = writeln!(text, "    on \"STARTTLS\"{guard} {{ reply {code} \"go\" start tls then goto {to} }}");
            }
        }
        text.push_str("}\n");
        text
    }

    fn write_routine(&mut self, name: &str, needs: &[Var]) -> String {
        let place = Place { part: Part::Routine, state: None };
        let body = self.body(&Scope::of(needs), place);
        let needs = if needs.is_empty() { String::new() } else { format!(" needs {}", list(needs)) };
        format!("routine {name}{needs} {{ {body}}}\n")
    }

    /// `unexpected` and `limits`, as far as what stands before needs them.
    fn ends(&mut self, before: &str) -> String {
        let no = if self.plan.wire.words { "NO" } else { "503" };
        let line = |writer: &mut Self, text: &'static str| {
            if writer.chance.one_in(2) {
                format!("-> {no} \"{text}\"")
            } else {
                let flight = if writer.chance.one_in(3) { " per flight" } else { "" };
                format!("{{ count light{flight} reply {no} \"{text}\" stay }}")
            }
        };
        let mut text = String::from("unexpected {\n");
        let words = *self.chance.pick(&["order {verb}", "order", "try {expected} not {line}"]);
        let _ = writeln!(text, "    out of order {}", line(self, words));
        let words = *self.chance.pick(&["usage {usage}", "bad {line}", "bad {verb}"]);
        let _ = writeln!(text, "    bad arguments {}", line(self, words));
        let words = *self.chance.pick(&["what is {line}", "what is {verb}", "what"]);
        let _ = writeln!(text, "    unknown command {}", line(self, words));
        if before.contains("= prompt ") || before.contains("else prompt ") {
            let end = self.chance.pick(&["close", "stay"]);
            let _ = writeln!(
                text,
                "    cancelled -> {no} \"as you like\"\n    bad answer -> {no} \"no answer {{verb}}\" {end}"
            );
        }
        if self.plan.foreign {
            let text_of = self.chance.pick(&["elsewhere", "no {verb}", "no {line}"]);
            let word = self.chance.pick(&["ALIEN", "Alien"]);
            let _ = writeln!(text, "    foreign \"{word}\" \"ALIEN2\" -> {no} \"{text_of}\" close");
        }
        if before.contains(" alone") {
            let _ = writeln!(text, "    jumped queue -> {no} \"wait\" close");
        }
        text.push_str("}\n");
        text.push_str(&self.limits(&format!("{before}{text}")));
        text
    }

    /// `limits`, with a line for each count.
    pub(super) fn limits(&mut self, before: &str) -> String {
        let close = ["close", "stay"];
        let mut text = String::new();
        let code = if self.plan.wire.words { "NO" } else { "421" };
        let idle = if self.chance.one_in(3) { "stay" } else { "close" };
        let session = *self.chance.pick(&["1 hour", "1 hour", "2 minutes"]);
        let _ = write!(
            text,
            "limits {{\n    line -> {code} \"too long\"{}\n    idle 1 minute -> {code} \"asleep\" {idle}\n    session {session} -> {code} \"enough\" close\n    shutdown -> {code} \"closing\" close\n    full -> {code} \"full\" close\n    broken -> {code} \"our fault\" close\n",
            if self.chance.one_in(4) { " close" } else { "" }
        );
        if self.chance.one_in(12) {
            let _ = writeln!(text, "    talking early within settings.pause -> {code} \"early\" close");
        }
        let all = format!("{before}{text}");
        for (name, most) in [("heavy", "3"), ("light", "settings.few")] {
            if !all.contains(&format!("count {name}")) {
                continue;
            }
            let end = *self.chance.pick(&close);
            match self.chance.below(8) {
                0 if self.plan.waits => {
                    let _ = writeln!(
                        text,
                        "    {name} {most} {{ ask done(\"l\") within 2 seconds {{ done(n) {{ }} failed(why) {{ log info \"{{why}}\" }} }} reply {code} \"{name}\" {end} }}"
                    );
                }
                1 if self.plan.daring && name == "heavy" => {
                    let _ = writeln!(text, "    {name} {most} {{ count {name} reply {code} \"{name}\" {end} }}");
                }
                2 => {
                    let _ =
                        writeln!(text, "    {name} {most} {{ pause 1 second reply {code} \"{name} {{line}}\" {end} }}");
                }
                _ => {
                    let _ = writeln!(text, "    {name} {most} -> {code} \"{name}\" {end}");
                }
            }
        }
        text.push_str("}\n");
        text
    }
}

/// Facts as a state lists them.
fn list(facts: &[Var]) -> String {
    let each = facts.iter().map(|fact| format!("{}{}", fact.name, if fact.optional { "?" } else { "" }));
    each.collect::<Vec<_>>().join(", ")
}
