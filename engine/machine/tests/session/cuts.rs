//! However the octets are cut, and whatever they are.
//!
//! Never: the same octets twice by chance; the numbers come from a fixed sequence.

use std::sync::Arc;

use machine::Input;
use program::*;

use crate::{
    mail::mail,
    player::{Player, START},
    protocol::LINE_MOST,
};

/// A fixed sequence of numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

const PARTS: [&str; 40] = [
    "EHLO x\r\n",
    "EHLO\r\n",
    "NOOP\r\n",
    "noop a b c\r\n",
    "NOOP a\nb\r\n",
    "NOOP\r\r\n",
    "MAIL FROM:<a@b>\r\n",
    "MAIL FROM:<a@b>\r\n",
    "RCPT TO:<c@d>\r\n",
    "RCPT TO:<c@d>\r\n",
    "RCPT TO:<c\r\n",
    "BDAT 3\r\n",
    "BDAT 8 LAST\r\n",
    "BDAT 0 LAST\r\n",
    "BDAT 45\r\n",
    "RSET\r\n",
    "AUTH LOGIN\r\n",
    "AUTH PLAIN abc\r\n",
    "*\r\n",
    "me\r\n",
    "word\r\n",
    ".\r\n",
    "..\r\n",
    "\r\n",
    "\r",
    "\n",
    ".",
    "\r\n.\r",
    ".\r\nNOOP\r\n",
    "a",
    "abc\r\ndef\r\n",
    "\0\u{ff}",
    "0123456789012345678901234567890123456789\r\n",
    "0123456789012345678901234567890123456789012345678901234567890123456789",
    "NOOP 0123456789012345678901234567890123456789012345678901234567890123456789\r\n",
    "DATA\r\n",
    "DATA\r\n",
    "DATA\r\n",
    "QUIT ",
    " ",
];

/// What a peer sees and what is kept, with every call and every payload answered at once.
fn outcome(program: &Arc<Program>, octets: &[u8], mut cut: impl FnMut() -> usize) -> (Vec<u8>, Vec<u8>, String) {
    let mut player = Player::new(program, &Default::default());
    player.feed(Input::Open);
    let mut rest = octets;
    let mut waits = 0;
    while !player.machine.closed() {
        assert!(player.machine.held() <= octets.len().min(LINE_MOST + 4096), "{} held", player.machine.held());
        if answer(&mut player) {
            waits += 1;
            assert!(waits < 100_000, "the session does not come to an end");
            continue;
        }
        assert!(player.machine.wants_input(), "nobody is waited for");
        if rest.is_empty() {
            player.feed(Input::Eof);
            continue;
        }
        let (now, later) = rest.split_at(cut().clamp(1, rest.len()));
        rest = later;
        player.feed(Input::Bytes(now));
    }
    let state = player.machine.state().name.to_string();
    (player.seen.sent, player.seen.kept, state)
}

/// Answers what the machine waits for, if it waits for the world.
fn answer(player: &mut Player) -> bool {
    let mut answered = false;
    while let Some(event) = player.seen.events.pop_front() {
        if event.starts_with("! call") {
            let call = player.seen.call.unwrap();
            let mailbox = event.contains("mailbox");
            player.feed(Input::Outcome(
                call,
                Outcome { index: 0, values: if mailbox { vec![Value::Absent].into() } else { Values::new() } },
            ));
            answered = true;
        } else if let Some(id) = event.strip_prefix("! end ") {
            player.feed(Input::Stored(PayloadId(id.parse().unwrap())));
            answered = true;
        }
    }
    if !player.machine.closed() && !player.machine.wants_input() && player.machine.deadline().is_some() {
        player.elapsed = player.machine.deadline().unwrap().max(START);
        player.feed(Input::Timeout);
        answered = true;
    }
    answered
}

/// `alone` sees what lies behind a command, which a cut may change; so these sessions are without it.
fn lenient() -> Arc<Program> {
    let mut p = mail();
    p.program.handlers.iter_mut().for_each(|handler| handler.alone = false);
    p.finish()
}

#[test]
fn any_cut_of_any_input_has_the_same_effects() {
    let program = lenient();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut states = std::collections::BTreeMap::new();
    for _ in 0..600 {
        let mut octets = Vec::new();
        if dice.roll(2) == 0 {
            octets.extend_from_slice(b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n");
        }
        for _ in 0..dice.roll(30) {
            octets.extend(PARTS[dice.roll(PARTS.len())].chars().map(|character| character as u8));
        }
        let whole = outcome(&program, &octets, || usize::MAX);
        assert_eq!(whole, outcome(&program, &octets, || usize::MAX), "it is not determined");
        let single = outcome(&program, &octets, || 1);
        assert_eq!(whole, single, "octet by octet: {:?}", String::from_utf8_lossy(&octets));
        for _ in 0..4 {
            let most = 1 + dice.roll(20);
            let cut = outcome(&program, &octets, || 1 + dice.roll(most));
            assert_eq!(whole, cut, "{:?}", String::from_utf8_lossy(&octets));
        }
        *states.entry(whole.2).or_insert(0) += 1;
    }
    assert_eq!(states.len(), 3, "the sessions end in every state: {states:?}");
}

#[test]
fn no_octets_and_no_inputs_at_the_wrong_time_break_the_machine() {
    let program = mail().finish();
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    for _ in 0..400 {
        let mut player = Player::new(&program, &Default::default());
        for _ in 0..60 {
            let input = dice.roll(24);
            let octets: Vec<u8> = match dice.roll(3) {
                0 => (0..dice.roll(200)).map(|_| dice.roll(256) as u8).collect(),
                1 => (0..dice.roll(40)).map(|_| b"\r\n. :<>A0"[dice.roll(9)]).collect(),
                _ => PARTS[dice.roll(PARTS.len())].bytes().collect(),
            };
            player.elapsed += std::time::Duration::from_secs(dice.roll(20) as u64);
            let id = dice.roll(4) as u32;
            match input {
                0 => player.feed(Input::Open),
                1 => player
                    .feed(Input::Outcome(CallId(id.into()), Outcome { index: dice.roll(4), values: Values::new() })),
                2 => player.feed(Input::Stored(PayloadId(id))),
                3 => player.feed(Input::StoreFailed(PayloadId(id), "why")),
                4 => player.feed(Input::Timeout),
                5 if dice.roll(9) == 0 => player.feed(Input::Eof),
                6 if dice.roll(9) == 0 => player.feed(Input::End(machine::Reason::Shutdown)),
                7 => player.feed(Input::Secured(machine::Tls { version: "TLSv1.3", cipher: "AES".into() })),
                8 => {
                    player.feed(Input::Open);
                    answer(&mut player);
                }
                _ => player.feed(Input::Bytes(&octets)),
            }
        }
    }
}

#[test]
fn an_endless_line_is_never_held() {
    let program = mail().finish();
    let mut player = Player::new(&program, &Default::default());
    player.feed(Input::Open);
    for _ in 0..10_000 {
        player.feed(Input::Bytes(b"NOOP xxxxxxxxxxxxxxxxxxxx\n\r"));
        assert!(player.machine.held() < LINE_MOST);
    }
    assert_eq!(player.seen.sent, b"220  ready\r\n500 line too long\r\n");
}
