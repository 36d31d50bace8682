//! Other files: what a protocol takes over and what it imports.
//!
//! Never: what is wrong inside one of them; that is found as in any file.

use super::stage;

stage! {
    NO_FILE = "I01" Error "a file that is named cannot be had"
    page "`protocol b from a` takes over the protocol in `a.proto.dsl`, and `import \"NAME.part.dsl\"` takes the items of that file for its own. Both are looked for in the folder of the file that names them, and nowhere else."
    accepted "protocol louder from greeter version 1\nsettings { name = \"Ada\" }"
    refused "protocol louder from greter version 1"

    HITS_NOTHING = "I02" Error "an edit hits nothing"
    page "`rename`, `remove`, `before`, `override` and a setting without a type change what was taken over with `from`. Each must hit something there: an edit that hits nothing is a slip of the pen, or the protocol below has changed. A command is named by the text that its template begins with, up to the end of a word. In the samples `greeter` has a setting `name` and a command `WAVE`."
    accepted "protocol louder from greeter version 1\nremove \"WAVE\"\nsettings { name = \"Ada\" }"
    refused "protocol louder from greeter version 1\nremove \"SHOUT\""

    CIRCLE = "I03" Error "a protocol takes itself over"
    page "`from` leads from file to file and must come to an end: a protocol cannot be taken over by one that it takes over itself. At most eight protocols stand in such a row, and one protocol is made of at most 64 files."
    accepted "protocol louder from greeter version 1"
    refused "protocol louder from circle version 1"

    NO_PART = "I04" Error "this file is no part of a protocol"
    page "`import` names a file of the same folder that ends in `.part.dsl`. Such a file has no `protocol` line; it holds items, and is checked with each protocol that imports it. A whole protocol is taken over with `protocol NAME from BASE`."
    accepted "protocol sample version 1\nimport \"rooms.part.dsl\"\nstart state a { on \"LEAVE\" -> 221 \"Bye\" close }"
    refused "protocol louder from greeter version 1\nimport \"greeter.proto.dsl\""
}
