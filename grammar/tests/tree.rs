//! What is written and what the tree holds of it.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use diagnostic::{FileId, Format, Sources, Span};
use grammar::tree::{
    Abnf, AnswerLine, Block, Condition, Event, ExprKind, File, HandlerDef, Item, LetValue, LineCondition, PatternPart,
    SqlGives, StatementKind, StringPart, TypeBody, TypeKind, WireItem,
};

/// The tree of some items.
fn tree(items: &str) -> File {
    let text = format!("protocol sample version 1\n{items}");
    let mut sources = Sources::default();
    let file = sources.add("sample", text.as_str());
    let (tree, findings) = grammar::parse(file, &text);
    assert!(findings.is_empty(), "{}", diagnostic::render(&sources, &findings, Format::Human, false));
    tree
}

fn item(text: &str) -> Item {
    tree(text).items.pop().unwrap()
}

fn handler(text: &str) -> HandlerDef {
    match item(&format!("anytime {{ {text} }}")) {
        Item::Anytime(mut handlers, _) => handlers.pop().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn body(statements: &str) -> Block {
    handler(&format!("on \"X\" {{ {statements} }}")).body
}

fn statement(text: &str) -> StatementKind {
    body(text).statements.pop().unwrap().kind
}

/// The kinds of the statements of a block, as words.
fn kinds(block: &Block) -> String {
    let shown = block.statements.iter().map(|statement| format!("{:?}", statement.kind));
    shown
        .map(|kind| kind.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

fn setting(text: &str) -> ExprKind {
    match item(&format!("settings {{ a : number = {text} }}")) {
        Item::Settings(mut fields, ..) => fields.remove(0).default.unwrap().kind,
        other => panic!("{other:?}"),
    }
}

fn abnf(text: &str) -> Abnf {
    match item(&format!("type a = {text}")) {
        Item::Type(definition) => match definition.body {
            TypeBody::Abnf(abnf) => abnf,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn text(span: Span, of: &str) -> &str {
    &of[span.start as usize..span.end as usize]
}

#[test]
fn the_header_has_a_title_a_version_and_an_edition() {
    let (tree, findings) = grammar::parse(FileId(3), "protocol smtp \"Internet mail\" version 7 edition 1");
    let header = tree.header.unwrap();
    assert!(findings.is_empty());
    assert_eq!((&*header.name.text, &*header.title.unwrap().text), ("smtp", "Internet mail"));
    assert_eq!((header.version, header.edition.0, header.span.file), (7, 1, FileId(3)));
    let (tree, _) = grammar::parse(FileId(0), "protocol smtp version 1");
    assert_eq!(tree.header.unwrap().edition.0, 1);
}

#[test]
fn one_liners_become_blocks_with_an_answer_and_an_ending() {
    assert_eq!(kinds(&handler("on \"A\" -> 250 \"x\"").body), "Reply Stay");
    assert_eq!(kinds(&handler("on \"A\" -> 250 \"x\" close").body), "Reply Close");
    assert_eq!(kinds(&handler("on \"A\" -> 250 \"x\" goto b with c = d without e").body), "Reply Goto");
    assert_eq!(kinds(&handler("on \"A\" -> silent close").body), "Silent Close");
    assert_eq!(kinds(&handler("on \"A\" -> silent").body), "Silent Stay");
    let StatementKind::Require(_, block) = statement("require a else 503 5.5.1 \"x\"") else { panic!() };
    assert_eq!(kinds(&block), "Reply Stay");
    let StatementKind::Require(_, block) = statement("require a else silent close") else { panic!() };
    assert_eq!(kinds(&block), "Silent Close");
}

#[test]
fn a_type_does_not_swallow_the_item_behind_it() {
    for next in [
        "settings { b : text }",
        "wire { exact case }",
        "type b = ALPHA",
        "record b { c : text }",
        "limits { }",
        "sql b() gives nothing as \"x\"",
        "offers b { \"x\" }",
        "state b",
        "start state b",
        "during b { }",
        "anytime { }",
        "routine b { }",
        "unexpected { }",
        "promise \"x\" { never ask b unless c }",
    ] {
        assert_eq!(tree(&format!("type a = 1*ALPHA {next}")).items.len(), 2, "{next}");
        assert_eq!(tree(&format!("state a {next}")).items.len(), 2, "{next}");
    }
}

#[test]
fn octets_are_a_unit_and_a_word_of_the_payload() {
    assert_eq!(setting("10 octets"), ExprKind::Size(10));
    assert_eq!(setting("12288 octets"), ExprKind::Size(12288));
    let payload =
        handler("on \"A\" followed by 10 octets as x at most 2 KB else 552 { silent close }").payload.unwrap();
    assert_eq!((payload.count.clone().unwrap().kind, payload.most.kind), (ExprKind::Number(10), ExprKind::Size(2048)));
    let payload =
        handler("on \"A {n: number}\" followed by n + 2 octets as x at most 9 octets else 552 close { }").payload;
    let payload = payload.unwrap();
    assert!(matches!(payload.count.as_ref().unwrap().kind, ExprKind::Plus(..)));
    assert_eq!((kinds(&payload.refused), payload.failed), ("Reply Close".to_owned(), None));
}

#[test]
fn a_payload_says_what_happens_when_it_cannot_be_kept() {
    let head = "on \"A {n: number}\" followed by n octets as x at most 1 MB else 552 \"Too big\" goto b";
    let payload = handler(&format!("{head} failed(why) 451 \"{{why}}\" close {{ }}")).payload.unwrap();
    assert_eq!((&*payload.refused.statements.len().to_string(), &*kinds(&payload.refused)), ("2", "Reply Goto"));
    let failed = payload.failed.unwrap();
    assert_eq!((&*failed.name.text, &*failed.values[0].text, &*kinds(&failed.body)), ("failed", "why", "Reply Close"));
    let payload = handler(&format!("{head} failed(why) {{ log error \"{{why}}\"  close }} {{ }}")).payload.unwrap();
    assert_eq!(kinds(&payload.failed.unwrap().body), "Log Close");
}

#[test]
fn quantities_are_octets_and_milliseconds() {
    assert_eq!(setting("35 MB"), ExprKind::Size(35 * 1024 * 1024));
    assert_eq!(setting("1 KB"), ExprKind::Size(1024));
    assert_eq!(setting("5 minutes"), ExprKind::Duration(300_000));
    assert_eq!(setting("200 milliseconds"), ExprKind::Duration(200));
    assert_eq!(setting("1 hour"), ExprKind::Duration(3_600_000));
    assert_eq!(setting("1000"), ExprKind::Number(1000));
}

#[test]
fn types_may_have_hyphens_and_underscores_anywhere() {
    let Item::Settings(fields, ..) = item("settings { a : yes_no  b : ok-name  c : list of x-y at most 3 }") else {
        panic!()
    };
    let names: Vec<_> = fields.iter().map(|field| format!("{:?}", field.ty.kind)).collect();
    assert!(names[0].contains("yes_no") && names[1].contains("ok-name") && names[2].contains("x-y"), "{names:?}");
    let PatternPart::Hole { ty: Some(ty), .. } = &handler("on \"{a: let-dig}\" -> 250").pattern.parts[0] else {
        panic!()
    };
    assert!(matches!(&ty.kind, TypeKind::Named(name) if &*name.text == "let-dig"));
}

#[test]
fn what_stands_around_a_type_belongs_to_the_list() {
    let Item::Record(record) = item("record a { b : secret list of text? at most 10 }") else { panic!() };
    let ty = &record.fields[0].ty;
    assert!(ty.secret && ty.optional && ty.most.is_some());
    let TypeKind::List(of) = &ty.kind else { panic!() };
    assert!(!of.secret && !of.optional && of.most.is_none());
}

#[test]
fn a_condition_before_a_block_is_never_a_record() {
    let StatementKind::If(condition, then, None) = statement("if x { }") else { panic!() };
    assert!(matches!(condition.kind, ExprKind::Path(_)) && then.statements.is_empty());
    let StatementKind::If(condition, then, Some(_)) = statement("if x in y { stay } else { close }") else { panic!() };
    assert!(matches!(condition.kind, ExprKind::In(..)) && kinds(&then) == "Stay");
    let StatementKind::Let(_, LetValue::Value(value, None)) = statement("let a = message { sender: x, size: 5 }")
    else {
        panic!()
    };
    assert!(matches!(value.kind, ExprKind::Record(name, fields) if &*name.text == "message" && fields.len() == 2));
}

#[test]
fn else_if_stands_inside_else() {
    let StatementKind::If(_, _, Some(otherwise)) = statement("if a { } else if b { stay } else { close }") else {
        panic!()
    };
    let StatementKind::If(_, then, Some(last)) = &otherwise.statements[0].kind else { panic!() };
    assert_eq!((kinds(then), kinds(last)), ("Stay".to_owned(), "Close".to_owned()));
}

#[test]
fn words_are_kept_back_only_where_they_would_be_misread() {
    let pattern = handler("on \"A {count} {log} {type} {add} {start}\" -> 250 \"{count} {log} {type}\"").pattern;
    assert_eq!(pattern.parts.iter().filter(|part| matches!(part, PatternPart::Hole { ty: None, .. })).count(), 5);
    assert!(matches!(setting("a.if.else.reply.is"), ExprKind::Path(path) if path.len() == 5));
    tree("settings { if : text  else : text  reply : number  state : text }");
    tree("record message { list : text  of : text  in : text }");
}

#[test]
fn a_template_has_literals_holes_and_optional_parts() {
    let sample = "on \"MAIL FROM:{sender: reverse_path}[ {params: mail_params}[ {{x}} \\]]]\" -> 250";
    let pattern = handler(sample).pattern;
    let PatternPart::Literal(literal, span) = &pattern.parts[0] else { panic!() };
    let whole = format!("protocol sample version 1\nanytime {{ {sample} }}");
    assert_eq!((&**literal, text(*span, &whole)), ("MAIL FROM:", "MAIL FROM:"));
    let PatternPart::Optional(inner, span) = &pattern.parts[2] else { panic!() };
    assert_eq!(text(*span, &whole), "[ {params: mail_params}[ {{x}} \\]]]");
    let PatternPart::Optional(innermost, _) = &inner[2] else { panic!() };
    assert!(matches!(&innermost[..], [PatternPart::Literal(literal, _)] if &**literal == " {x} ]"));
    let pattern = handler("on \"A [[{b}]]\" -> 250").pattern;
    assert!(matches!(&pattern.parts[0], PatternPart::Literal(literal, _) if &**literal == "A ["));
    assert!(matches!(&pattern.parts[2], PatternPart::Literal(literal, _) if &**literal == "]"));
}

#[test]
fn a_text_has_its_escapes_resolved_and_its_values_as_expressions() {
    let StatementKind::Log(level, string) = statement(r#"log error "a\t\"{{{b.c + 1}}}\\""#) else { panic!() };
    assert_eq!(&*level.text, "error");
    assert!(matches!(&string.parts[0], StringPart::Literal(text, _) if &**text == "a\t\"{"), "{:?}", string.parts[0]);
    assert!(matches!(&string.parts[1], StringPart::Value(value) if matches!(value.kind, ExprKind::Plus(..))));
    assert!(matches!(&string.parts[2], StringPart::Literal(text, _) if &**text == "}\\"));
}

#[test]
fn marks_of_a_handler_come_in_any_order() {
    for marks in ["alone quiet", "quiet alone"] {
        let handler = handler(&format!("override on \"A\" {marks} when a is not empty -> 250"));
        assert!(handler.alone.is_some() && handler.quiet.is_some() && handler.guard.is_some());
        assert!(handler.overrides.is_some());
    }
}

#[test]
fn a_statement_of_sql_gives_a_row_rows_or_nothing() {
    let sql = |text: &str| match item(text) {
        Item::Sql(sql) => sql,
        other => panic!("{other:?}"),
    };
    let row = sql(
        "sql a(b: text, c: number) on accounts gives { d: secret text, e: size } as \"SELECT '{'\" \"  FROM \\\"x\\\"\"",
    );
    assert_eq!((row.parameters.len(), &*row.database.unwrap().text), (2, "accounts"));
    assert!(matches!(&row.gives, SqlGives::Row(fields) if fields.len() == 2 && fields[0].ty.secret));
    assert_eq!(row.text.iter().map(|part| &*part.text).collect::<Vec<_>>(), ["SELECT '{'", "  FROM \"x\""]);
    assert!(matches!(sql("sql a() gives list of { b: text } at most 9 as \"x\"").gives, SqlGives::Rows(_, _)));
    assert!(matches!(sql("sql a() gives nothing as \"x\"").gives, SqlGives::Nothing));
}

#[test]
fn answers_have_codes_or_words_and_lines() {
    let StatementKind::Reply(answer) = statement("reply 250 { \"a\" \"b\" if accepted each c \"d\" if e is present }")
    else {
        panic!()
    };
    let whens: Vec<_> = answer
        .lines
        .iter()
        .map(|line| match line {
            AnswerLine::Each(_) => "each",
            AnswerLine::Text { when: LineCondition::Always, .. } => "always",
            AnswerLine::Text { when: LineCondition::Accepted(_), .. } => "accepted",
            AnswerLine::Text { when: LineCondition::If(_), .. } => "if",
        })
        .collect();
    assert_eq!(whens, ["always", "accepted", "each", "if"]);
    for (written, status, enhanced, lines) in [
        ("250", Some("250"), None, 0),
        ("250 2.1.0 \"x\"", Some("250"), Some("2.1.0"), 1),
        ("+OK \"x\"", Some("+OK"), None, 1),
        ("-ERR", Some("-ERR"), None, 0),
        ("OK", Some("OK"), None, 0),
        ("NOT_FOUND \"x\"", Some("NOT_FOUND"), None, 1),
        ("\"x\"", None, None, 1),
    ] {
        let StatementKind::Reply(answer) = statement(&format!("reply {written}")) else { panic!() };
        assert_eq!(answer.status.as_ref().map(|name| &*name.text), status, "{written}");
        assert_eq!(answer.enhanced.as_ref().map(|name| &*name.text), enhanced, "{written}");
        assert_eq!(answer.lines.len(), lines, "{written}");
    }
}

#[test]
fn wire_says_how_lines_and_answers_look() {
    let Item::Wire(items, _) = item(
        "wire { lines crlf at most 1000 octets  reply \"{code} {text}\" continued \"{code}-{text}\"  say \"* {text}\"
         prompt \"+ {text}\"  refusal 4xx 5xx  refusal -ERR, NO  answers A, B_C  verbs \"A\" \"B\"
         patience \"A\" 5 minutes \"B\" settings.b  pipeline yes  exact case  cancel \"*\" }",
    ) else {
        panic!()
    };
    assert_eq!(items.len(), 12);
    assert!(matches!(&items[0], WireItem::Lines { crlf: true, .. }));
    assert!(matches!(&items[1], WireItem::Reply { continued: Some(_), .. }));
    assert!(matches!(&items[4], WireItem::Refusal(names, _) if names.len() == 2));
    assert!(matches!(&items[5], WireItem::Refusal(names, _) if &*names[0].text == "-ERR"));
    assert!(matches!(&items[8], WireItem::Patience(verbs, _) if verbs.len() == 2));
    assert!(matches!(&items[9], WireItem::Pipeline(true, _)));
}

#[test]
fn limits_have_words_and_any_number() {
    let Item::Limits(rules, _) = item(
        "limits { line -> 500  idle 5 minutes -> 421 close  logins settings.max_logins { close }
         talking early within 2 seconds -> 554 close  mistakes 1 + 2 -> 421 }",
    ) else {
        panic!()
    };
    let shown: Vec<_> = rules
        .iter()
        .map(|rule| {
            let words: Vec<_> = rule.words.iter().map(|word| &*word.text).collect();
            (words.join(" "), rule.amount.is_some(), rule.within)
        })
        .collect();
    let expected = [
        ("line", false, false),
        ("idle", true, false),
        ("logins", true, false),
        ("talking early", true, true),
        ("mistakes", true, false),
    ];
    assert_eq!(shown, expected.map(|(words, amount, within)| (words.to_owned(), amount, within)));
    let Item::Unexpected(rules, _) = item("unexpected { out of order -> 503 \"{verb}\"  bad arguments { close } }")
    else {
        panic!()
    };
    assert_eq!((rules.len(), rules[0].words.len(), rules[0].amount.is_none()), (2, 3, true));
}

#[test]
fn lexical_types_are_parameters_ranges_or_abnf() {
    let Item::Type(definition) = item("type a = params { \"SIZE\": size \"SMTPUTF8\" \"X\": my-type }") else {
        panic!()
    };
    assert!(matches!(definition.body, TypeBody::Params(params) if params.len() == 3 && params[1].1.is_none()));
    let Item::Type(definition) = item("type port = number 1 to 65535") else { panic!() };
    assert!(matches!(definition.body, TypeBody::Range(name, 1, 65535) if &*name.text == "number"));
    assert!(
        matches!(abnf("1*20(ALPHA / \"-\")"), Abnf::Repetition(1, Some(20), inner) if matches!(*inner, Abnf::Alternation(_)))
    );
    assert!(matches!(abnf("*DIGIT"), Abnf::Repetition(0, None, _)));
    assert!(matches!(abnf("3DIGIT"), Abnf::Repetition(3, Some(3), _)));
    assert!(matches!(abnf("[\"x\"]"), Abnf::Repetition(0, Some(1), _)));
    assert!(matches!(abnf("%x41-5A"), Abnf::Range(0x41, 0x5A, _)));
    assert!(matches!(abnf("%d13.10"), Abnf::Values(values, _) if values == [13, 10]));
    assert!(matches!(abnf("%s\"\\{\""), Abnf::Text { text, exact: true, .. } if &*text == "\\{"));
    assert!(matches!(abnf("let-dig params"), Abnf::Concatenation(parts) if parts.len() == 2));
}

#[test]
fn statements_hold_what_is_written() {
    assert!(matches!(statement("start tls then goto a"), StatementKind::StartTls(name) if &*name.text == "a"));
    for (text, answers) in
        [("for each x in a.b within 5 minutes { }", false), ("answer each x in a.b within 5 minutes { }", true)]
    {
        let StatementKind::ForEach(each) = statement(text) else { panic!() };
        assert!(matches!(each.list.kind, ExprKind::Path(_)));
        assert_eq!((each.answers, each.within.is_some()), (answers, true));
    }
    let StatementKind::Prepend { lines, to, .. } = statement("prepend header \"Received\" { \"a\" \"b\" } to mail")
    else {
        panic!()
    };
    assert_eq!((lines.len(), to.len()), (2, 1));
    assert!(
        matches!(statement("prepend header \"X\" \"a\" to a.b"), StatementKind::Prepend { lines, .. } if lines.len() == 1)
    );
    let StatementKind::Goto { with, without, .. } = statement("goto a with b = c, d = e without f, g") else {
        panic!()
    };
    assert_eq!((with.len(), without.len()), (2, 2));
    let StatementKind::Ask(ask) = statement("ask a(b, c.d) using e within 5 seconds { f { } g(h, i) -> 250 }") else {
        panic!()
    };
    assert_eq!(
        (ask.arguments.len(), ask.using.is_some(), ask.within.is_some(), ask.outcomes.len()),
        (2, true, true, 2)
    );
    assert_eq!(kinds(&ask.outcomes[1].body), "Reply Stay");
    let StatementKind::Let(_, value) =
        statement("let a = b else prompt 334 \"\" for secret base64 at most 12288 octets")
    else {
        panic!()
    };
    let LetValue::Value(_, Some(instead)) = value else { panic!() };
    assert!(matches!(*instead, LetValue::Prompt { ty, .. } if ty.secret && ty.most.is_some()));
    assert!(matches!(
        statement("receive dotted lines into a.b at most 1 MB { complete { } }"),
        StatementKind::Receive { .. }
    ));
}

#[test]
fn expressions_bind_as_they_are_read() {
    assert!(matches!(setting("a or b and not c"), ExprKind::Or(parts) if matches!(parts[1].kind, ExprKind::And(_))));
    assert!(matches!(setting("a is not present"), ExprKind::Present(_, false)));
    assert!(matches!(setting("a is absent"), ExprKind::Present(_, false)));
    assert!(matches!(setting("a is not empty"), ExprKind::Empty(_, false)));
    assert!(matches!(setting("a + 1 <= b - 2"), ExprKind::Compare(_, program::Comparison::AtMost, _)));
    assert!(matches!(setting("a - b - c"), ExprKind::Minus(left, _) if matches!(left.kind, ExprKind::Minus(..))));
    assert!(matches!(setting("not \".\" in hosts"), ExprKind::Not(_)));
    assert!(matches!(setting("[\"a\", \"b\"]"), ExprKind::List(items) if items.len() == 2));
    assert!(matches!(setting("size(a.b)"), ExprKind::Call(_, arguments) if arguments.len() == 1));
}

#[test]
fn a_promise_has_an_event_and_conditions() {
    let Item::Promise(promise) = item("promise \"x\" { never add to a.b unless c is present or d answered row }")
    else {
        panic!()
    };
    assert!(matches!(promise.event, Event::Add(path) if path.len() == 2));
    assert!(matches!(&promise.unless, Condition::Any(any) if matches!(any[1], Condition::Answered(..))));
    let Item::Promise(promise) = item("promise \"x\" { never reply 5xx unless tls is present }") else { panic!() };
    assert!(matches!(promise.event, Event::Reply(name) if &*name.text == "5xx"));
    assert!(matches!(promise.unless, Condition::Holds(_)));
}

#[test]
fn places_end_where_the_last_word_ends() {
    let sample = "protocol sample version 1\nstate a \"t\"  # a comment\n\nstate b { on \"X\" -> 250 \"x\"   # {\n }\n";
    let (tree, findings) = grammar::parse(FileId(0), sample);
    assert!(findings.is_empty());
    let Item::State(state) = &tree.items[0] else { panic!() };
    assert_eq!(text(state.span, sample), "state a \"t\"");
    let Item::State(state) = &tree.items[1] else { panic!() };
    assert_eq!(text(state.handlers[0].span, sample), "on \"X\"");
    assert_eq!(text(state.handlers[0].body.span, sample), "-> 250 \"x\"");
}
