//! Where sessions go on with another version of their protocol, and why they do not.
#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use diagnostic::Sources;
use machine::Move;
use program::Program;

/// A version of a protocol with a record of words and octets.
fn version(words: &str, octets: &str) -> Program {
    let text = format!(
        r#"protocol p "t" version 1
        wire {{ lines crlf at most 200 octets  reply "{{code}} {{text}}" }}
        settings {{ most : number = 3 }}
        record box {{ owner : word  items : list of word at most {words}  body : octets at most {octets} }}
        start state open {{ on "BOX {{w: word}}" -> 250 "here" goto held with crate = box {{ owner: w, items: [] }} }}
        state held has crate {{
            on "ADD {{w: word}}" {{ add w to crate.items else 552 "full"  reply 250 "{{size(crate.items)}} of {{settings.most}}"  stay }}
        }}
        anytime {{ on "QUIT" -> 221 "bye" close }}
        unexpected {{ out of order -> 503 "o"  bad arguments -> 501 "a"  unknown command -> 500 "u" }}
        limits {{ line -> 500 "l"  idle 1 minute -> 421 "i" close  session 1 hour -> 421 "s" close
            shutdown -> 421 "d" close  full -> 421 "f" close  broken -> 421 "b" close }}
        reload {{ finish old sessions 1 minute  move at held }}"#
    );
    let mut sources = Sources::default();
    let file = sources.add("p.proto.dsl", text);
    let (program, findings) = grammar::compile(&sources, file, &[]);
    let messages: Vec<_> = findings.iter().map(|finding| &finding.message).collect();
    program.unwrap_or_else(|| panic!("{messages:?}"))
}

#[test]
fn a_session_moves_only_where_what_it_keeps_fits() {
    let old = version("3", "1 KB");
    let check = |words: &str, octets: &str, moves: bool| {
        let (proved, refused) = Move::between(&old, &version(words, octets));
        assert_eq!((!proved.is_empty(), refused.is_empty()), (moves, moves), "{words} {octets}: {refused:?}");
        assert!(moves || refused[0].contains("the fact `crate`"), "{refused:?}");
    };
    check("3", "1 KB", true);
    check("9", "2 KB", true);
    check("2", "1 KB", false);
    check("3", "1000 octets", false);
    check("settings.most", "1 KB", false);
}
