protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}"  pipeline yes }
settings { most : size = 1 MB  other : size = 2 MB }
record small { who : word  body : octets at most 12 }
record large { who : word  body : octets at most 30 }
record wide { who : word  body : octets at most settings.most }
start state a {
    on "DIRECT {n: size}" followed by n octets as c at most 13 octets else 552 "big" failed(why) 451 "{why}" {
        reply 250 "d"
        goto b with s = small { who: "x", body: c }, l = large { who: "x", body: c }, w = wide { who: "w" }
#~ error[T20] 49..50: this may have 13, and the record holds 12 at the most
#~ help: bound both alike
    }
    on "NAMED {n: size}" followed by n octets as c at most 13 octets else 552 "big" failed(why) 451 "{why}" {
        let d = c
        let e = d
        reply 250 "n"
        goto b with s = small { who: "x", body: e }, l = large { who: "x", body: e }, w = wide { who: "w" }
#~ error[T20] 49..50: this is not known to be small enough: `body` of `small` holds 12 at the most
#~ help: ask first:  require size(e) <= 12 else …
    }
    on "ASKED {n: size}" followed by n octets as c at most 13 octets else 552 "big" failed(why) 451 "{why}" {
        let d = c
        require size(d) <= 12 else 550 "no"
        reply 250 "a"
        goto b with s = small { who: "x", body: d }, l = large { who: "x", body: d }, w = wide { who: "w" }
    }
    on "SET {n: size}" followed by n octets as c at most settings.most else 552 "big" failed(why) 451 "{why}" {
        let d = c
        let e = d
        reply 250 "s"
        goto b with s = small { who: "s" }, l = large { who: "l" }, w = wide { who: "x", body: e }
    }
    on "OTHER {n: size}" followed by n octets as c at most settings.other else 552 "big" failed(why) 451 "{why}" {
        let d = c
        reply 250 "o"
        goto b with s = small { who: "x", body: d }, l = large { who: "l" }, w = wide { who: "x", body: d }
#~ error[T20] 49..50: this is not known to be small enough: `body` of `small` holds 12 at the most
#~ help: ask first:  require size(d) <= 12 else …
#~ error[T20] 105..106: this is not known to be small enough: a setting bounds `body` of `wide`
#~ help: ask first:  require size(d) <= settings.most else …
    }
    on "QUIT" -> 221 "bye" close
}
state b has s, l, w {
    on "DOWN" -> 250 "d" goto b with s = small { who: "x", body: l.body }, l = l, w = w
#~ error[T20] 66..72: this is not known to be small enough: `body` of `small` holds 12 at the most
#~ help: ask first:  require size(l.body) <= 12 else …
    on "UP" { let d = s.body  reply 250 "u"  goto b with s = s, l = large { who: "x", body: d }, w = wide { who: "x", body: w.body } }
    on "KEEP" { let d = w.body  reply 250 "k"  goto b with s = small { who: "x", body: d }, l = l, w = wide { who: "x", body: d } }
#~ error[T20] 88..89: this is not known to be small enough: `body` of `small` holds 12 at the most
#~ help: ask first:  require size(d) <= 12 else …
    on "QUIT" -> 221 "bye" close
}
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}
