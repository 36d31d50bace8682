protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
settings { most : number = 10 }
record r { who : word  xs : list of word at most 10  ys : list of word at most settings.most  body : octets at most 100 }
start state a { on "I {w: word}" -> 250 "i" goto b with p = r { who: w }, q = r { who: w }, all = [w]  on "LEAVE" -> 221 "bye" close }
state b has p, q, all {
    on "BACK" -> 250 "back" goto a
    on "A {x: word}" { add x to p.xs  reply 250 "unasked"  stay }
#~ error[T15] 24..37: nothing says that there is room in `p.xs`, which holds 10 at the most
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
    on "B {x: word}" { require size(p.xs) < 10 else 552 "full"  add x to p.xs  reply 250 "asked"  stay }
    on "C {x: word}" { require size(p.xs) < 11 else 552 "full"  add x to p.xs  reply 250 "one too many"  stay }
#~ error[T15] 65..78: nothing says that there is room in `p.xs`, which holds 10 at the most
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
    on "D {x: word}" { require size(q.xs) < 10 else 552 "full"  add x to p.xs  reply 250 "of another"  stay }
#~ error[T15] 65..78: nothing says that there is room in `p.xs`, which holds 10 at the most
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
    on "E {x: word}" { require size(p.xs) < 10 else 552 "full"  add x to p.xs  add x to p.xs  reply 250 "twice"  stay }
#~ error[T15] 80..93: nothing says that there is room in `p.xs`, which holds 10 at the most
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
    on "F {x: word}" { require size(p.ys) < settings.most else 552 "full"  add x to p.ys  reply 250 "asked"  stay }
    on "G {x: word}" { require size(p.ys) < 10 else 552 "full"  add x to p.ys  reply 250 "of another bound"  stay }
#~ error[T15] 65..78: nothing says that there is room in `p.ys`, which holds settings.most at the most
#~ help: ask first:  require size(p.ys) < settings.most else …
#~ help: or say what happens where it is full:  add x to p.ys else ANSWER
    on "H {x: word}" { require size(p.xs) < 10 else 552 "full"  for each y in p.ys { add y to p.xs }  reply 250 "a loop"  stay }
#~ error[T15] 86..99: nothing says that there is room in `p.xs`, which holds 10 at the most
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add y to p.xs else ANSWER
    on "I {x: word}" {
        for each y in p.ys { if size(p.xs) < 10 { add y to p.xs } }
        reply 250 "asked in the loop"
        stay
    }
    on "J {x: word}" { if 10 > size(p.xs) and x != "no" { add x to p.xs }  add x to p.ys else 552 "full"  reply 250 "asked"  stay }
    on "K {x: word}" { if size(p.xs) < 10 or x == "no" { add x to p.xs }  reply 250 "asked by half"  stay }
#~ error[T15] 58..71: nothing says that there is room in `p.xs`, which holds 10 at the most
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
    on "L {x: word}" { if size(p.xs) >= 10 { reply 552 "full"  stay }  add x to p.xs  reply 250 "asked"  stay }
    on "M {x: word}" { add x to all  reply 250 "no record bounds it"  stay }
#~ error[T15] 24..36: nothing says that there is room in `all`, which holds 100000 at the most
#~ help: ask first:  require size(all) < 100000 else …
#~ help: or say what happens where it is full:  add x to all else ANSWER
    on "N {n: size}" followed by n octets as b at most 100 else { reply 552 "{size(b)}"  stay } failed(why) 452 "no" {
#~ error[N02] 84..85: nothing is called `b` here
#~ help: there is `all`, `local`, `n`, `now`, `p`, `peer`, `q`, `session`, `settings`, `tls`
        add b to p.body
#~ error[T15] 9..24: nothing says that there is room in `p.body`, which holds 100 at the most
#~ help: ask first:  require size(p.body) + size(b) <= 100 else …
#~ help: or say what happens where it is full:  add b to p.body else ANSWER
        reply 250 "unasked"
        stay
    }
    on "O {n: size}" followed by n octets as b at most 100 else 552 "big" failed(why) 452 "no" {
        require n + size(p.body) <= 100 else 552 "big"
        add b to p.body
        add b to q.body else 552 "big"
        reply 250 "asked"
        stay
    }
    on "P {n: size}" followed by n octets as b at most 100 else 552 "big" failed(why) 452 "no" {
        require p.body is empty else 552 "big"
        add b to p.body
        reply 250 "asked"
        stay
    }
}
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}
