protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
record r { xs : list of text at most 2  body : octets at most 100 }
start state a {
    on "A" -> 250 "as many" goto b with p = r { xs: ["a", "b"] }
    on "B" -> 250 "one more" goto b with p = r { xs: ["a", "b", "c"] }
#~ error[T20] 54..69: this may have 3, and the record holds 2 at the most
#~ help: bound both alike
    on "C {n: size}" followed by n octets as d at most 100 else 552 "big" failed(why) 452 "no" -> 250 "c" goto b with p = r { body: d }
    on "D {n: size}" followed by n octets as d at most 101 else 552 "big" failed(why) 452 "no" -> 250 "d" goto b with p = r { body: d }
#~ error[T20] 133..134: this may have 101, and the record holds 100 at the most
#~ help: bound both alike
    on "E {n: size}" followed by n octets as d at most 101 else 552 "big" failed(why) 452 "no" {
        require size(d) <= 100 else 552 "big"
        reply 250 "asked"
        goto b with p = r { body: d }
    }
}
state b has p {
    on "BACK" -> 250 "back" goto a
    on "F" { say 354 "go on"  receive dotted lines into p.body at most 100 { complete -> 250 "{size(p.body)}"  too_big -> 552 "big"  failed(why) -> 452 "no" } }
    on "G" { say 354 "go on"  receive dotted lines into p.body at most 101 { complete -> 250 "{size(p.xs)}"  too_big -> 552 "big"  failed(why) -> 452 "no" } }
#~ error[T20] 57..63: this may have 101, and the record holds 100 at the most
#~ help: bound both alike
}
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}
