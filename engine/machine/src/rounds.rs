//! Loops over lists, in the bodies of sessions and of clients: a snapshot of the list, an index into it, and the end of the
//! loop's time, each in a slot.
//!
//! Never: changes a slot; whose they are sees to what that costs.

use std::time::Duration;

use program::{Each, Slot, Value};

use crate::expression::{Fault, Kind, Scope};

/// The most rounds of loops in one go: nobody else is served by this thread meanwhile.
const MOST: u64 = 4_000_000;

/// What a loop puts into its slots when it begins; the index is 0.
pub(crate) struct Begun {
    /// The snapshot of the list.
    pub(crate) list: Value,
    /// The end of its time, and its slot.
    pub(crate) end: Option<(Slot, Value)>,
}

/// Begins a loop. One within another never outlasts that.
#[inline]
pub(crate) fn begin(each: &Each, scope: &Scope<'_>, slots: &[Value], elapsed: Duration) -> Result<Begun, Fault> {
    let list = match scope.value(&each.list)? {
        list @ Value::List(_) => list,
        Value::Absent => Value::List(Vec::new()),
        _ => return Err(Fault(&"a loop runs over something that is no list")),
    };
    let end = match &each.within {
        Some((within, slot)) => {
            let own = elapsed.saturating_add(scope.duration(within)?);
            let end = each.until.map_or(Ok(own), |outer| end(slots, outer).map(|outer| own.min(outer)))?;
            Some((*slot, Value::Duration(end)))
        }
        None => None,
    };
    Ok(Begun { list, end })
}

/// When a loop with a time ends, which its slot holds.
pub(crate) fn end(slots: &[Value], slot: Slot) -> Result<Duration, Fault> {
    match slots.get(usize::from(slot.0)) {
        Some(Value::Duration(end)) => Ok(*end),
        _ => Err(Fault(&"a loop has lost its end")),
    }
}

/// The next element of the snapshot, and the index of the one behind it; none when all were taken.
#[inline]
pub(crate) fn next(slots: &[Value], snapshot: Slot, index: Slot) -> Result<Option<(Value, Value)>, Fault> {
    let at = slots.get(usize::from(index.0)).map(Kind::from);
    let list = slots.get(usize::from(snapshot.0)).map(Kind::from);
    let (Some(Kind::Number(at)), Some(Kind::List(list))) = (at, list) else {
        return Err(Fault(&"a loop has lost its list"));
    };
    let element = usize::try_from(at).ok().and_then(|at| list.get(at)).cloned();
    Ok(element.map(|element| (element, Value::Number(at + 1))))
}

/// Counts another round of those that run in one go.
///
/// # Errors
/// There were too many.
pub(crate) fn another(count: &mut u64) -> Result<(), Fault> {
    *count += 1;
    if *count > MOST { Err(Fault(&"its loops run for too long")) } else { Ok(()) }
}
