//! What a session has forgotten, to be filled anew: the memory of texts, records and lists.
//!
//! Never: keeps more than its bounds, or anything that somebody else holds; keeps the octets of a secret.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use program::{Address, Record, Shape, Value, Words};
use regex_automata::dfa::onepass;
use smallvec::SmallVec;

/// So many short texts are kept: those of a message with some hundred recipients.
const TEXTS: usize = 128;
/// So many long ones.
const LONG_TEXTS: usize = 8;
/// The least octets that a long one has memory for.
const LONG_TEXT_LEAST: usize = 256;
/// The most octets that a long one may have memory for, to be kept.
const LONG_TEXT: usize = 512;
/// So many records and lists.
const RECORDS: usize = 8;
const LISTS: usize = 2;
/// The most elements that a list may have memory for.
const LIST: usize = 128;

/// The memory that values leave behind. Whoever evaluates or decodes takes from it; it is never asked by two at once.
#[derive(Default)]
pub(crate) struct Pool {
    kept: RefCell<Kept>,
    /// What automata of lexical types work in.
    cache: Cell<Option<Box<onepass::Cache>>>,
}

#[derive(Default)]
struct Kept {
    /// Empty texts, as long as one block holds.
    texts: SmallVec<[Words; 4]>,
    /// Empty texts with memory for more.
    long: SmallVec<[Words; 1]>,
    /// Records without values; nothing is asked of their shape.
    records: SmallVec<[Arc<Record>; 1]>,
    /// Empty lists with memory.
    lists: SmallVec<[Vec<Value>; 1]>,
}

impl Pool {
    /// A text.
    pub(crate) fn text(&self, text: &str) -> Words {
        let kept = match text.len() > Words::SHORT {
            true => self.kept.borrow_mut().long.pop(),
            false => self.kept.borrow_mut().texts.pop(),
        };
        let mut words = kept.unwrap_or_default();
        let written = words.edit();
        if text.len() > Words::SHORT {
            // What one of them leaves behind serves the next, be it somewhat longer.
            written.reserve(LONG_TEXT_LEAST);
        }
        written.push_str(text);
        words
    }

    /// An empty text that something is written into, which may be long.
    pub(crate) fn blank(&self) -> Words {
        let mut kept = self.kept.borrow_mut();
        kept.long.pop().or_else(|| kept.texts.pop()).unwrap_or_default()
    }

    /// A text as a value.
    pub(crate) fn text_value(&self, text: &str) -> Value {
        Value::Text(self.text(text))
    }

    /// An empty list.
    pub(crate) fn list(&self) -> Vec<Value> {
        self.kept.borrow_mut().lists.pop().unwrap_or_default()
    }

    /// Appends to a list, which may have been made without memory.
    pub(crate) fn push(&self, list: &mut Vec<Value>, value: Value) {
        if list.capacity() == 0 {
            *list = self.list();
        }
        list.push(value);
    }

    /// A record without headers, its values to be put in.
    pub(crate) fn record(&self, shape: &Arc<Shape>) -> Arc<Record> {
        let kept = self.kept.borrow_mut().records.pop();
        match kept {
            Some(mut record) => {
                Arc::make_mut(&mut record).shape.clone_from(shape);
                record
            }
            None => Arc::new(Record::new(shape.clone(), [])),
        }
    }

    /// The same value again.
    pub(crate) fn copy(&self, value: &Value) -> Value {
        match value {
            Value::List(list) if !list.is_empty() => {
                let mut copy = self.list();
                copy.extend(list.iter().map(|element| self.copy(element)));
                Value::List(copy)
            }
            other => other.clone(),
        }
    }

    /// A record to be changed: if somebody else holds it, too, it becomes one of its own first.
    pub(crate) fn own<'r>(&self, record: &'r mut Arc<Record>) -> &'r mut Record {
        if Arc::get_mut(record).is_none() {
            let mut own = self.record(&record.shape);
            let to = Arc::make_mut(&mut own);
            to.fields.extend(record.fields.iter().map(|field| self.copy(field)));
            to.headers.extend(record.headers.iter().cloned());
            *record = own;
        }
        Arc::make_mut(record)
    }

    /// Takes what a value leaves behind.
    #[inline]
    pub(crate) fn forget(&self, value: Value) {
        if leaves_memory(&value) {
            self.kept.borrow_mut().forget(value);
        }
    }

    /// Puts a value in the place of another one.
    #[inline]
    pub(crate) fn put(&self, place: &mut Value, value: Value) {
        self.forget(std::mem::replace(place, value));
    }

    /// Forgets all values there; they are absent then.
    pub(crate) fn clear(&self, values: &mut [Value]) {
        for value in values {
            self.put(value, Value::Absent);
        }
    }

    /// What the automaton of a lexical type may work in.
    pub(crate) fn with_cache<T>(&self, dfa: &onepass::DFA, work: impl FnOnce(&mut onepass::Cache) -> T) -> T {
        let mut cache = match self.cache.take() {
            Some(mut cache) => {
                cache.reset(dfa);
                cache
            }
            None => Box::new(dfa.create_cache()),
        };
        let done = work(&mut cache);
        self.cache.set(Some(cache));
        done
    }
}

/// Whether a value may leave memory behind that serves another one.
#[inline]
fn leaves_memory(value: &Value) -> bool {
    match value {
        Value::Text(_) | Value::Address(_) | Value::Record(_) => true,
        Value::List(list) => list.capacity() > 0,
        _ => false,
    }
}

impl Kept {
    fn forget(&mut self, value: Value) {
        match value {
            Value::Text(text) | Value::Address(Address { text, .. }) => self.forget_text(text),
            Value::List(mut list) => {
                list.drain(..).filter(leaves_memory).for_each(|element| self.forget(element));
                if (1..=LIST).contains(&list.capacity()) && self.lists.len() < LISTS {
                    self.lists.push(list);
                }
            }
            Value::Record(mut record) => {
                if let Some(left) = Arc::get_mut(&mut record) {
                    left.fields.drain(..).filter(leaves_memory).for_each(|field| self.forget(field));
                    left.headers.drain(..).for_each(|header| self.forget_text(header));
                    if self.records.len() < RECORDS && !left.fields.spilled() {
                        self.records.push(record);
                    }
                }
            }
            _ => {}
        }
    }

    fn forget_text(&mut self, mut text: Words) {
        let (kept, most) = match text.capacity() {
            ..=Words::SHORT => (&mut self.texts, TEXTS),
            capacity if capacity <= LONG_TEXT => {
                if self.long.len() < LONG_TEXTS && text.clear() {
                    self.long.push(text);
                }
                return;
            }
            _ => return,
        };
        if kept.len() < most && text.clear() {
            kept.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use program::Secret;

    use super::*;

    #[test]
    fn what_somebody_else_holds_is_not_taken() {
        let pool = Pool::default();
        let text = pool.text("held");
        pool.forget(Value::Text(text.clone()));
        assert_eq!(text, "held");
        let shape = Arc::new(Shape { name: "r".into(), fields: Vec::new() });
        let record = pool.record(&shape);
        pool.forget(Value::Record(record.clone()));
        assert!(pool.kept.borrow().texts.is_empty() && pool.kept.borrow().records.is_empty());
    }

    #[test]
    fn nothing_of_a_secret_is_kept() {
        let pool = Pool::default();
        let shape = Arc::new(Shape { name: "r".into(), fields: Vec::new() });
        let secret = || Value::Secret(Secret::new(b"geheim"));
        pool.forget(secret());
        pool.forget(Record::new(shape, [secret()]).into());
        let kept = pool.kept.borrow();
        assert!(kept.texts.is_empty() && kept.long.is_empty() && kept.records[0].fields.is_empty());
    }

    #[test]
    fn a_record_that_is_held_elsewhere_is_changed_alone() {
        let pool = Pool::default();
        let shape = Arc::new(Shape { name: "r".into(), fields: Vec::new() });
        let mut record = Arc::new(Record::new(shape, [Value::List(vec![Value::Number(1)])]));
        let other = record.clone();
        pool.own(&mut record).fields[0] = Value::Number(2);
        assert_eq!((&other.fields[0], &record.fields[0]), (&Value::List(vec![Value::Number(1)]), &Value::Number(2)));
    }

    #[test]
    fn no_more_is_kept_than_the_bounds_allow() {
        let pool = Pool::default();
        let text = |length: usize| Value::Text("x".repeat(length).into());
        let list = Value::List((0..400).map(|place| text(if place % 2 == 0 { 5 } else { 200 })).collect());
        pool.forget(list);
        pool.forget(text(LONG_TEXT + 1));
        let kept = pool.kept.borrow();
        assert_eq!((kept.texts.len(), kept.long.len(), kept.lists.len()), (TEXTS, LONG_TEXTS, 0));
    }
}
