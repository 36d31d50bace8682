# Bodies in which it matters that something is left out: said in answers, asked for, kept, and gone by different ways.

protocol ways "what is left out" version 1 edition 1

wire {
    lines crlf at most 200 octets
    reply "{code} {text}" continued "{code}-{text}"
    refusal 4xx 5xx
}

record bag {
    first : text
    words : list of text at most 5
}

sql look(what: text) gives { found: number } as "SELECT 1 AS found WHERE :what"

start state arrival {
    enter {
        reply 220 "{local.name}"
        goto ready with bag = bag { first: "none" }
    }
}
state ready has bag

during ready {
    on "TELL[ {who: word}]" {
        let known = who is present
        let name = who else "nobody"
        if known { reply 251 "{name} it is"  stay }
        reply 250 "{name}, known: {known}"
        stay
    }
    on "LOOK {what: word}[ {more: word}]" {
        let rest = more else "nothing"
        ask look(rest) within 60 seconds {
            row(r)      { reply 250 "{what}, {rest}: {r.found}"  stay }
            none        { if more is absent { reply 550 "{rest}"  stay } }
            failed(why) { log error "{rest}: {why}" }
        }
        if what == "12" { reply 551 "{what} and {rest}"  stay }
        reply 552 "{rest}"
        stay
    }
    on "PUT {what: word}[ {more: word}]" {
        require size(bag.words) < 5 else 452 "full of {bag.words}"
        let it = more else what
        add it to bag.words
        if more is absent { reply 250 "one: {it}"  goto ready with bag = bag { first: it } }
        reply 251 "{bag.first} and {bag.words}"
        stay
    }
    on "EACH[ {who: word}]" {
        let name = who else "all"
        for each one in bag.words within 5 seconds { log info "{name}: {one}" }
        reply 250 "{name}"
        stay
    }
}
anytime { on "QUIT[ {why: text}]" { let last = why else ""  reply 221 "bye {last}"  close } }

unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 421 "idle" close   session 1 hour -> 421 "session" close
    shutdown -> 421 "shutdown" close   full -> 421 "full" close   broken -> 421 "broken" close
}
