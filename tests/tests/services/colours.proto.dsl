# Asks three databases for a colour, and a list for an address.

protocol colours "colours by name" version 1 edition 1

wire {
    lines crlf at most 512 octets
    reply "{code} {text}"
    refusal 4xx 5xx
}

sql embedded(name: text) gives { colour: text } as
    "SELECT colour FROM colours WHERE name = :name"

sql maria(name: text) on maria gives { colour: text } as
    "SELECT colour FROM colours WHERE name = :name"

sql elephant(name: text) on elephant gives { colour: text } as
    "SELECT colour FROM colours WHERE name = :name"

start state open {
    enter { reply 220 "colours"  stay }

    on "EMBEDDED {name: text}" {
        ask embedded(name) within 1 second {
            row(r)      { reply 250 "{r.colour}"  stay }
            none        { reply 550 "no such thing"  stay }
            failed(why) { log warning "{why}"  reply 451 "later"  stay }
        }
    }
    on "MARIA {name: text}" {
        ask maria(name) within 1 second {
            row(r)      { reply 250 "{r.colour}"  stay }
            none        { reply 550 "no such thing"  stay }
            failed(why) { log warning "{why}"  reply 451 "later"  stay }
        }
    }
    on "ELEPHANT {name: text}" {
        ask elephant(name) within 1 second {
            row(r)      { reply 250 "{r.colour}"  stay }
            none        { reply 550 "no such thing"  stay }
            failed(why) { log warning "{why}"  reply 451 "later"  stay }
        }
    }
    on "LISTED {address: ip}" {
        ask blacklist(address, ["list.test=127.0.0.[2..9]"]) within 1 second {
            listed(zone, why) { log info "{zone}"  reply 250 "{why}"  stay }
            clean             { reply 550 "no such thing"  stay }
            failed(why)       { log warning "{why}"  reply 451 "later"  stay }
        }
    }
    on "QUIT" -> 221 "bye" close
}

unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 421 "idle" close   session 1 hour -> 421 "session" close
    shutdown -> 421 "shutdown" close   full -> 421 "full" close   broken -> 421 "broken" close
}
