//! Secrets stay secret.
//!
//! Never: anything else.

use super::stage;

stage! {
    LEAK = "K01" Error "a secret would go where it may be seen"
    page "A `secret` goes only to an action or a statement that declares it takes one: never into an answer, a log, a comparison or a plain fact of another type."
    accepted "start state a { on \"P {p: secret text}\" -> 250 \"Thanks\" }"
    refused "start state a { on \"P {p: secret text}\" -> 250 \"Thanks for {p}\" }"

    IN_CLEAR = "K02" Error "a secret would travel in the clear"
    page "A client may send a secret only where TLS is known to be up: behind `start tls`, or inside `if tls is present { … }`. That is proved when the file is compiled."
    accepted "public client login(host: text, password: secret text) gives in { connect to host port 25 within 5 seconds  if tls is present { send \"PASS {password}\" }  give in }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "public client login(host: text, password: secret text) gives in { connect to host port 25 within 5 seconds  send \"PASS {password}\"  give in }\nstart state a { on \"X\" -> 250 \"X\" }"

    LATE = "K03" Error "a secret that comes late would be taken by a command, and shown"
    page "A session whose `idle` does not close goes on when nobody answers a prompt; the answer that comes late is then a line. Where the prompt asks for a secret such a line is not shown, but a command whose template begins with a hole would take it. Let `idle` close, or make every hole of that command a secret."
    accepted "wire { lines crlf at most 1000 octets  reply \"{code} {text}\"  cancel \"*\" }\nunexpected { out of order -> 503 \"Not now\"  bad arguments -> 501 \"Usage\"  unknown command -> 500 \"What?\"  cancelled -> 501 \"Fine\"  bad answer -> 501 \"No\" }\nlimits { line -> 500 \"Too long\"  idle 5 minutes -> 421 \"Hurry\" close  session 1 hour -> 421 \"Long\" close  shutdown -> 421 \"Bye\" close  full -> 421 \"Full\" close  broken -> 421 \"Broken\" close }\nstart state a { on \"AUTH\" { let p = prompt 334 \"p\" for secret text at most 100  reply 235 \"in\"  goto b } }\nstate b { on \"{words: text}\" -> 250 \"{words}\" }"
    refused "wire { lines crlf at most 1000 octets  reply \"{code} {text}\"  cancel \"*\" }\nunexpected { out of order -> 503 \"Not now\"  bad arguments -> 501 \"Usage\"  unknown command -> 500 \"What?\"  cancelled -> 501 \"Fine\"  bad answer -> 501 \"No\" }\nlimits { line -> 500 \"Too long\"  idle 5 minutes -> 421 \"Hurry\" stay  session 1 hour -> 421 \"Long\" close  shutdown -> 421 \"Bye\" close  full -> 421 \"Full\" close  broken -> 421 \"Broken\" close }\nstart state a { on \"AUTH\" { let p = prompt 334 \"p\" for secret text at most 100  reply 235 \"in\"  goto b } }\nstate b { on \"{words: text}\" -> 250 \"{words}\" }"

    HALF = "K04" Error "a value is a secret on one way, and shown on the other"
    page "`let x = HOLE else prompt … for TYPE` has its value from the line or from the answer to the prompt. It is a secret on both ways or on neither: say `secret` in both types."
    accepted "wire { lines crlf at most 1000 octets  reply \"{code} {text}\" }\nunexpected { out of order -> 503 \"Not now\"  bad arguments -> 501 \"Usage\"  unknown command -> 500 \"What?\"  bad answer -> 501 \"No\" }\nstart state a { on \"AUTH[ {initial: secret word}]\" { let p = initial else prompt 334 \"p\" for secret word at most 100  reply 235 \"in\"  stay } }"
    refused "wire { lines crlf at most 1000 octets  reply \"{code} {text}\" }\nunexpected { out of order -> 503 \"Not now\"  bad arguments -> 501 \"Usage\"  unknown command -> 500 \"What?\"  bad answer -> 501 \"No\" }\nstart state a { on \"AUTH[ {initial: word}]\" { let p = initial else prompt 334 \"p\" for secret word at most 100  reply 235 \"in\"  stay } }"
}
