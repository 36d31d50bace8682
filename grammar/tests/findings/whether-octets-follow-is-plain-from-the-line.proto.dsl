protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
type short = number 0 to 9
type long  = number 10 to 1000
start state a {
    on "PUT {n: long}" followed by n octets as b at most 1 KB else 552 "big" failed(why) 452 "no" -> 250 "{size(b)}" goto b
    on "PUT {n: short}" -> 250 "{n}"
    on "KEEP {n: short} {m: number}" followed by n octets as b at most 1 KB else 552 "big" failed(why) 452 "no" -> 250 "{size(b)} {m}"
    on "HOLD {n: size}[ {name: word}]" followed by n octets as b at most 1 KB else 552 "big" failed(why) 452 "no" { reply 250 "{size(b)}"  stay }
    on "TAKE IT {n: number}" -> 250 "{n}"
#~ error[D07] 8..29: whether octets follow is not plain from the line
#~ also under `"TAKE {what: word} {n: size}"`: octets follow this
#~ help: the shortest line that fits both is `TAKE IT 0`
#~ help: narrow the type of a hole, so that no line fits both, or let the same payload follow both
    on "LEAVE" -> 221 "bye" close
}
state b {
    on "PUT {n: number}" when tls is present -> 250 "{n}"
#~ error[D07] 8..25: whether octets follow is not plain from the line
#~ also under `"PUT {n: long}"`: octets follow this
#~ help: the shortest line that fits both is `PUT 10`
#~ help: narrow the type of a hole, so that no line fits both, or let the same payload follow both
    on "KEEP {n: number} {m: short}" followed by m octets as b at most 1 KB else 552 "big" failed(why) 452 "no" -> 250 "{size(b)} {n}"
#~ error[D07] 8..37: how many octets follow is not plain from the line
#~ also under `"KEEP {n: short} {m: number}"`: this reads another number from it
#~ help: the shortest line that fits both is `KEEP 0 0`
#~ help: narrow the type of a hole, so that no line fits both, or let the same payload follow both
    on "HOLD {n: number}" followed by n octets as b at most 1 KB else 552 "big" failed(why) 452 "no" -> 250 "{size(b)}" goto a
    on "{line: text}" -> 500 "what?"
    on "PUT NOW {what: text}" -> 250 "{what}"
    on "TAKE {what: word} {n: size}" followed by n octets as b at most 1 KB else 552 "big" failed(why) 452 "no" -> 250 "{size(b)} {what}"
}
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}
