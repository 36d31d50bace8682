//! The texts that sessions keep: cheap to share, in one block as long as they are short, to be written anew.
//!
//! Never: changes a text that somebody else holds, too.

use std::{fmt, ops::Deref, sync::Arc};

use smallstr::SmallString;

use crate::value::BLOCK;

/// So many octets of a text stand in its one block; the octets of a longer one stand beside it.
const SHORT: usize = 64;

/// A text that is kept. Cloning shares it; who alone holds it can write it anew where it stands.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Words(Arc<Written>);

/// What a text is written into.
pub type Written = SmallString<[u8; SHORT]>;

impl Words {
    /// So many octets need no memory but the text's one block.
    pub const SHORT: usize = SHORT;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// To be written on. If somebody else holds it, too, it becomes a text of its own first.
    pub fn edit(&mut self) -> &mut Written {
        Arc::make_mut(&mut self.0)
    }

    /// Empties it, its memory kept, unless somebody else holds it, too; tells whether it did.
    pub fn clear(&mut self) -> bool {
        let alone = Arc::get_mut(&mut self.0);
        alone.map(SmallString::clear).is_some()
    }

    /// How many octets it takes, about; of a text that others hold, too, its part.
    #[inline]
    pub fn weight(&self) -> u64 {
        let beside = if self.0.spilled() { self.0.capacity() } else { 0 };
        (size_of::<Written>() + BLOCK + beside) as u64 / Arc::strong_count(&self.0) as u64
    }

    /// How many octets it has memory for.
    pub fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl Default for Words {
    fn default() -> Words {
        Words(Arc::new(Written::new()))
    }
}

impl Deref for Words {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Words {
    fn as_ref(&self) -> &str {
        self
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Words {
        Words(Arc::new(Written::from(text)))
    }
}

impl From<String> for Words {
    fn from(text: String) -> Words {
        text.as_str().into()
    }
}

impl From<&String> for Words {
    fn from(text: &String) -> Words {
        text.as_str().into()
    }
}

impl From<Arc<str>> for Words {
    fn from(text: Arc<str>) -> Words {
        (&*text).into()
    }
}

impl From<&Arc<str>> for Words {
    fn from(text: &Arc<str>) -> Words {
        (&**text).into()
    }
}

impl From<Box<str>> for Words {
    fn from(text: Box<str>) -> Words {
        (&*text).into()
    }
}

impl From<Words> for Arc<str> {
    fn from(words: Words) -> Arc<str> {
        (&*words).into()
    }
}

impl From<Words> for String {
    fn from(words: Words) -> String {
        (&*words).into()
    }
}

impl PartialEq<str> for Words {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Words {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_anew_only_by_who_alone_holds_it() {
        let mut words = Words::from("first");
        let shared = words.clone();
        assert!(!words.clear());
        words.edit().push_str(", and more");
        assert_eq!((&*words, &*shared), ("first, and more", "first"));
        assert!(words.clear());
        assert!(words.is_empty() && words.capacity() >= Words::SHORT);
    }
}
