//! Nothing is silent.
//!
//! Never: an error.

use super::stage;

stage! {
    UNUSED = "U01" Warning "something is declared and never used"
    page "A setting, type, record, statement, client, routine, set of offers or counter that nothing uses is a left-over or a slip of the pen. Use it, or take it away. A client that only a configuration names is `public client …`."
    accepted "settings { name : word = \"x\" }\nstart state a { on \"X\" -> 250 \"{settings.name}\" }"
    refused "settings { name : word = \"x\" }\nstart state a { on \"X\" -> 250 \"X\" }"
}
