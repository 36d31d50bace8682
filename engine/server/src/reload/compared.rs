//! What a reload changes for peers, as conversations: found by playing both versions, behind the new one's being put in
//! service.
//!
//! Never: keeps a version from service or another reload from its turn, or goes on for longer than its bounds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use program::Program;
use tokio::{task::spawn_blocking, time::sleep};
use witness::Bounds;

use crate::protocols::differences::{compared, paragraphs};

/// How many conversations of each protocol are shown.
const MOST: usize = 3;
/// How often is played along one way; that finds what is near, and what is far is left to `saywhen diff`.
const PLAYS: usize = 200;
/// After how long no other way is begun, for all protocols of one reload together.
const TIME: Duration = Duration::from_secs(2);

/// For how long no other reload must be asked for before it begins, in steps: who saves twice is not kept waiting.
const REST: (u32, Duration) = (10, Duration::from_millis(10));

/// A protocol as it was, and as it is now.
pub(super) type Change = (Arc<Program>, Arc<Program>);

/// How many reloads wait for their turn.
pub(super) type Waiting = Arc<AtomicUsize>;

/// The conversations, in lines, played on a thread that may block. It breaks off when another reload waits.
pub(super) async fn conversations(changes: Vec<Change>, waiting: Waiting) -> Vec<String> {
    if changes.is_empty() {
        return Vec::new();
    }
    for _ in 0..REST.0 {
        if waiting.load(Ordering::Relaxed) == 0 {
            sleep(REST.1).await;
        }
    }
    let began = Instant::now();
    let enough = move || began.elapsed() > TIME || waiting.load(Ordering::Relaxed) > 0;
    let played = spawn_blocking(move || changes.iter().flat_map(|change| lines(change, &enough)).collect()).await;
    played.unwrap_or_else(|_| vec!["a fault of this program broke the comparison of the versions off".into()])
}

fn lines((old, new): &Change, enough: &dyn Fn() -> bool) -> Vec<String> {
    let name = &new.name;
    let found = compared(old, new, &Bounds { plays: PLAYS, enough });
    let (shown, more) = paragraphs(&found.differences, MOST);
    let mut lines: Vec<String> = Vec::new();
    for paragraph in shown {
        let mut paragraph = paragraph.into_iter();
        lines.extend(paragraph.next().map(|head| format!("{name}: {head}")));
        lines.extend(paragraph);
    }
    if more > 0 {
        lines.push(format!("{name}: and {more} more; `saywhen diff` shows them all"));
    }
    if found.unfinished {
        lines.push(format!("{name}: not all of it was compared; `saywhen diff` compares all"));
    } else if !found.missed.is_empty() {
        lines
            .push(format!("{name}: no conversation was found for all that is different; `saywhen diff` looks further"));
    }
    lines
}
