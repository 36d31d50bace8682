//! Look-ups: every outcome handled, every wait bounded.
//!
//! Never: what a look-up does.

use super::stage;

stage! {
    UNHANDLED = "L01" Error "an outcome is not handled"
    page "Each action declares its outcomes, `failed(why)` always among them: it comes when something is broken and when `within` is over. All are handled, or the file does not compile. `{ }` lets an outcome pass."
    accepted "sql name(id: word) gives { n: text } as \"SELECT n FROM names WHERE id = :id\"\nstart state a { on \"X {w: word}\" { ask name(w) within 2 seconds { row(r) { reply 250 \"{r.n}\"  stay }  none { reply 550 \"No\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"
    refused "sql name(id: word) gives { n: text } as \"SELECT n FROM names WHERE id = :id\"\nstart state a { on \"X {w: word}\" { ask name(w) within 2 seconds { row(r) { reply 250 \"{r.n}\"  stay }  none { reply 550 \"No\"  stay } } } }"

    NO_LIMIT = "L02" Error "nothing says how long this may take"
    page "Every `ask` says `within TIME`. When it is over, the outcome is `failed`."
    accepted "sql done(id: word) gives nothing as \"DELETE FROM names WHERE id = :id\"\nstart state a { on \"X {w: word}\" { ask done(w) within 2 seconds { done { reply 250 \"Done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"
    refused "sql done(id: word) gives nothing as \"DELETE FROM names WHERE id = :id\"\nstart state a { on \"X {w: word}\" { ask done(w) { done { reply 250 \"Done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"

    TOO_SLOW = "L03" Error "this may take longer than the peer waits"
    page "The sum of `within` and `pause` on the longest way to an end exceeds the `patience` that the wire grants for this verb (RFC 5321 §4.5.3.2). All that may run is counted: routines, the answer of a counter, `cancelled` and `bad answer` where a prompt is cancelled or misread, the `leave` of the state and the `enter` of the next one, also behind `start tls`. Any verb may come out of order or with bad arguments, so what is answered then is held against the shortest patience. `saywhen check --budget` shows the waits."
    accepted "wire { lines crlf at most 1000 octets  reply \"{code} {text}\"  patience \"X\" 5 minutes }\nstart state a { on \"X\" { pause 2 seconds  reply 250 \"X\"  stay } }"
    refused "wire { lines crlf at most 1000 octets  reply \"{code} {text}\"  patience \"X\" 5 seconds }\nstart state a { on \"X\" { pause 20 seconds  reply 250 \"X\"  stay } }"

    UNKNOWN_OUTCOME = "L04" Error "there is no such outcome, or it is handled already"
    page "The outcomes of an action are in `saywhen explain ACTION`; a statement has `row`, `rows` or `done`, then `none` unless it gives nothing, then `failed`."
    accepted "sql done(id: word) gives nothing as \"DELETE FROM names WHERE id = :id\"\nstart state a { on \"X {w: word}\" { ask done(w) within 2 seconds { done { reply 250 \"Done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"
    refused "sql done(id: word) gives nothing as \"DELETE FROM names WHERE id = :id\"\nstart state a { on \"X {w: word}\" { ask done(w) within 2 seconds { done { reply 250 \"Done\"  stay }  gone { reply 250 \"Gone\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"

    USING = "L05" Error "the statement behind `using` does not fit"
    page "Actions that check passwords use a statement that takes one text, the login, and gives a row with a secret, the hash: `sql password_of(login: text) gives { hash: secret text } as …`."
    accepted "sql hash_of(login: text) gives { hash: secret text } as \"SELECT h AS hash FROM a WHERE login = :login\"\nstart state a { on \"P {blob: secret base64}\" { ask validate_plain(blob) using hash_of within 5 seconds { accepted(who) { reply 235 \"{who}\"  stay }  rejected { reply 535 \"No\"  stay }  malformed { reply 501 \"What?\"  stay }  failed(why) { log error \"{why}\"  reply 454 \"Later\"  stay } } } }"
    refused "sql hash_of(login: text) gives { hash: text } as \"SELECT h AS hash FROM a WHERE login = :login\"\nstart state a { on \"P {blob: secret base64}\" { ask validate_plain(blob) using hash_of within 5 seconds { accepted(who) { reply 235 \"{who}\"  stay }  rejected { reply 535 \"No\"  stay }  malformed { reply 501 \"What?\"  stay }  failed(why) { log error \"{why}\"  reply 454 \"Later\"  stay } } } }"

    ARGUMENTS = "L06" Error "the number of values is wrong"
    page "An action, a statement or a function takes as many values as it declares; an outcome gives as many as it declares, and fewer may be named."
    accepted "start state a { on \"X {w: word}\" { require size(w) < 9 else 501 \"No\"  reply 250 \"X\"  stay } }"
    refused "start state a { on \"X {w: word}\" { require size(w, w) < 9 else 501 \"No\"  reply 250 \"X\"  stay } }"

    UNKNOWN_PARAMETER = "L07" Error "this placeholder is no parameter"
    page "Each `:name` in the text of an `sql` statement is one of its parameters."
    accepted "sql done(id: word) gives nothing as \"DELETE FROM names WHERE id = :id\"\nstart state a { on \"X {w: word}\" { ask done(w) within 2 seconds { done { reply 250 \"Done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"
    refused "sql done(id: word) gives nothing as \"DELETE FROM names WHERE id = :id AND n = :ix\"\nstart state a { on \"X {w: word}\" { ask done(w) within 2 seconds { done { reply 250 \"Done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"

    UNUSED_PARAMETER = "L08" Error "this parameter does not stand in the text"
    page "A parameter of an `sql` statement that its text does not use is a slip of the pen, mostly."
    accepted "sql done(id: word) gives nothing as \"DELETE FROM names WHERE id = :id\"\nstart state a { on \"X {w: word}\" { ask done(w) within 2 seconds { done { reply 250 \"Done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"
    refused "sql done(id: word) gives nothing as \"DELETE FROM names\"\nstart state a { on \"X {w: word}\" { ask done(w) within 2 seconds { done { reply 250 \"Done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"

    ENDLESS = "L09" Error "nothing says how long a loop may take"
    page "What waits in a loop waits once for each element. `for each … within TIME` bounds the whole: look-ups behind that time answer `failed`. A `pause` is bounded by nothing, so it stands in no loop."
    accepted "sql known(id: text) gives nothing as \"DELETE FROM names WHERE id = :id\"\nrecord bag { items: list of text at most 9 }\nstart state a { enter { goto b with bag = bag { items: [] } } }\nstate b has bag { on \"X\" { for each item in bag.items within 20 seconds { ask known(item) within 5 seconds { done { }  failed(why) { log error \"{why}\" } } }  reply 250 \"X\"  stay } }"
    refused "sql known(id: text) gives nothing as \"DELETE FROM names WHERE id = :id\"\nrecord bag { items: list of text at most 9 }\nstart state a { enter { goto b with bag = bag { items: [] } } }\nstate b has bag { on \"X\" { for each item in bag.items { ask known(item) within 5 seconds { done { }  failed(why) { log error \"{why}\" } } }  reply 250 \"X\"  stay } }"

    OUTLASTS = "L10" Warning "this may take longer than a session may last"
    page "The limit `session` acts between commands. A command that may wait longer than the whole session is allowed to last makes the limit mean nothing."
    accepted "start state a { on \"X\" { pause 2 seconds  reply 250 \"X\"  stay } }"
    refused "start state a { on \"X\" { pause 7200 seconds  reply 250 \"X\"  stay } }"

    OUTLASTS_LOOP = "L11" Error "a loop in a loop is given more time than the loop around it"
    page "`for each … within TIME` bounds everything inside it, further loops included. A loop in it that names a longer time would never be given that time, so one of the two is a mistake."
    accepted "sql known(id: text) gives nothing as \"DELETE FROM names WHERE id = :id\"\nrecord bag { items: list of text at most 9 }\nstart state a { enter { goto b with bag = bag { items: [] } } }\nstate b has bag { on \"X\" { for each one in bag.items within 20 seconds { for each two in bag.items within 10 seconds { ask known(two) within 5 seconds { done { }  failed(why) { log error \"{why}\" } } } }  reply 250 \"X\"  stay } }"
    refused "sql known(id: text) gives nothing as \"DELETE FROM names WHERE id = :id\"\nrecord bag { items: list of text at most 9 }\nstart state a { enter { goto b with bag = bag { items: [] } } }\nstate b has bag { on \"X\" { for each one in bag.items within 20 seconds { for each two in bag.items within 10 minutes { ask known(two) within 5 seconds { done { }  failed(why) { log error \"{why}\" } } } }  reply 250 \"X\"  stay } }"

    UNKNOWN_TIME = "L12" Error "nobody can say beforehand how long this is"
    page "How long a command may take is worked out when the file is checked, and again with the settings of each listener. So what is waited for, by `within` or by `pause`, is a time that is written down, a setting, or a sum of these; a name that `let` gives to such a time may stand for it. A fact, or a value that a look-up gave, may be any time."
    accepted "settings { slow: duration = 2 seconds }\nstart state a { on \"X\" { let long = settings.slow + 1 second  pause long  reply 250 \"X\"  stay } }"
    refused "record plan { rest: duration }\nstart state a { enter { goto b with plan = plan { rest: 2 seconds } } }\nstate b has plan { on \"X\" { pause plan.rest  reply 250 \"X\"  stay } }"

    UNEVEN_COUNT = "L13" Error "this count is not the same on every database"
    page "`done(n)` counts the rows that a statement inserted, updated or deleted. Of `INSERT … ON DUPLICATE KEY UPDATE` and of `REPLACE`, MariaDB and MySQL count a row that was there already twice: `n` is 2 where one row was changed. So `n` cannot be used. `INSERT … ON CONFLICT … DO UPDATE`, on SQLite and PostgreSQL, counts each row once."
    accepted "sql put(id: word) gives nothing as \"INSERT INTO names VALUES (:id, 1) ON DUPLICATE KEY UPDATE seen = seen + 1\"\nstart state a { on \"X {w: word}\" { ask put(w) within 2 seconds { done(n) { reply 250 \"Done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"
    refused "sql put(id: word) gives nothing as \"INSERT INTO names VALUES (:id, 1) ON DUPLICATE KEY UPDATE seen = seen + 1\"\nstart state a { on \"X {w: word}\" { ask put(w) within 2 seconds { done(n) { reply 250 \"{n} done\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }"
}
