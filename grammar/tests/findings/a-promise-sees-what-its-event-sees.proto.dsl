protocol sample version 1
wire { lines crlf at most 500 octets  reply "{code} {text}"  refusal 4xx 5xx  cancel "*" }
record box { owner : word  items : list of word at most 3  body : octets at most 100 octets }
sql hash_of(login: text) gives { hash: secret text } as "SELECT hash FROM users WHERE login = :login"
start state open {
    on "BOX {w: word}" -> 250 "here" goto held with crate = box { owner: w, items: [w, w] }, since = now
    on "LOGIN {guess: secret base64}" {
        ask validate_plain(guess) using hash_of within 5 seconds {
            accepted(login) -> 250 "welcome"
            rejected        -> 535 "no"
            malformed       -> 501 "how?"
            failed(why)     -> 454 "later"
        }
    }
}
state held has crate, since {
    on "ROUND" {
        require now == since else 550 "late"
        for each item in crate.items {
            if now != since { reply 299 "later than it began"  close }
            let word = prompt 334 "?" for word at most 4
        }
        reply 250 "around"
        stay
    }
    on "COPY {w: word}" { let copy = crate  add w to copy.items else 552 "full"  reply 250 "kept"  stay with crate = copy }
    on "DATA" {
        say 354 "go on"
        receive dotted lines into crate.body at most 100 octets {
            complete    -> 250 "kept"
            too_big     -> 552 "big"
            failed(why) -> 451 "later"
        }
    }
}
anytime { on "QUIT" -> 221 "bye" close }
unexpected { out of order -> 503 "o"  bad arguments -> 501 "a"  unknown command -> 500 "u"  bad answer -> 501 "b"  cancelled -> 501 "c" }
limits { line -> 500 "l"  idle 5 minutes -> 421 "i" close  session 1 hour -> 421 "s" close  shutdown -> 421 "s" close  full -> 421 "f" close  broken -> 421 "b" close }
promise "now is another moment in the next round" { never reply 299 unless tls is present }
#~ error[P01] 9..50: `now is another moment in the next round` can be broken
#~ also under `299 "later than it began"  close }`: this happens, and nothing keeps the promise
#~ help: guard it with the words of the promise, or mend the promise
promise "what is named behind using is asked" { never ask hash_of unless tls is present }
#~ error[P01] 9..46: `what is named behind using is asked` can be broken
#~ also under `ask validate_plain(guess) using hash_of within 5 seconds {`: this happens, and nothing keeps the promise
#~ help: guard it with the words of the promise, or mend the promise
promise "limits know the facts of the state that they act in" { never reply 421 unless crate is absent }
#~ error[P01] 9..62: `limits know the facts of the state that they act in` can be broken
#~ also under `421 "i" close  session 1 hour -> 421 "s" close  shutdown -> 421 "s" close  full -> 421 "f" close  broken -> 421 "b" close }`: this happens, and nothing keeps the promise
#~ help: guard it with the words of the promise, or mend the promise
promise "and so do answers to what is unexpected" { never reply 503 unless crate is absent }
#~ error[P01] 9..50: `and so do answers to what is unexpected` can be broken
#~ also under `503 "o"  bad arguments -> 501 "a"  unknown command -> 500 "u"  bad answer -> 501 "b"  cancelled -> 501 "c" }`: this happens, and nothing keeps the promise
#~ help: guard it with the words of the promise, or mend the promise
promise "where it is there" { never reply 421 unless crate is absent or crate is present }
promise "a copy may come back" { never add to crate.items unless tls is present }
#~ error[P01] 9..31: `a copy may come back` can be broken
#~ also under `add w to copy.items else 552 "full"  reply 250 "kept"  stay with crate = copy }`: this happens, and nothing keeps the promise
#~ help: guard it with the words of the promise, or mend the promise
promise "what is received is added" { never add to crate.body unless tls is present }
#~ error[P01] 9..36: `what is received is added` can be broken
#~ also under `receive dotted lines into crate.body at most 100 octets {`: this happens, and nothing keeps the promise
#~ help: guard it with the words of the promise, or mend the promise
