protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
settings { most : number = 10 }
record r { who : word  xs : list of word at most 10  ys : list of word at most settings.most  body : octets at most 100 }
start state a { on "I {w: word}" -> 250 "i" goto b with p = r { who: w }, q = r { who: w }, all = [w]  on "LEAVE" -> 221 "bye" close }
state b has p, q, all {
    on "BACK" -> 250 "back" goto a
    on "FIRST {x: word}" { add x to p.xs  reply 250 "in front of the answer"  stay }
    on "EACH" { require p.ys is not empty else 550 "none"  answer each y in p.ys { add y to p.xs  reply 250 "{y}" }  stay }
#~ error[F08] 84..97: this may end the command before each element is answered
#~ also under `answer each y in p.ys { add y to p.xs  reply 250 "{y}" }`: each element is owed an answer
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add y to p.xs else ANSWER
#~ help: or decide it in front of the  answer each,  or behind it
    on "ENTER {x: word}" { reply 250 "then it is entered"  goto c with x = x }
#~ error[F03] 60..77: the target answers on entering, and this path has answered already
#~ also under `250 "then it is entered"`: the first answer
#~ help: leave the answer to the target, or take it out of its  enter
    on "A {x: word}" { reply 250 "unasked"  add x to p.xs  stay }
#~ error[F03] 45..58: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "unasked"`: the first answer
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
#~ help: or put it in front of the answer
    on "B {x: word}" { require size(p.xs) < 10 else 552 "full"  reply 250 "asked"  add x to p.xs  stay }
    on "C {x: word}" { require size(p.xs) < 11 else 552 "full"  reply 250 "one too many"  add x to p.xs  stay }
#~ error[F03] 91..104: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "one too many"`: the first answer
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
#~ help: or put it in front of the answer
    on "D {x: word}" { require size(q.xs) < 10 else 552 "full"  reply 250 "of another"  add x to p.xs  stay }
#~ error[F03] 89..102: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "of another"`: the first answer
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
#~ help: or put it in front of the answer
    on "E {x: word}" { require size(p.xs) < 10 else 552 "full"  reply 250 "twice"  add x to p.xs  add x to p.xs  stay }
#~ error[F03] 99..112: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "twice"`: the first answer
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
#~ help: or put it in front of the answer
    on "F {x: word}" { require size(p.ys) < settings.most else 552 "full"  reply 250 "asked"  add x to p.ys  stay }
    on "G {x: word}" { require size(p.ys) < 10 else 552 "full"  reply 250 "of another bound"  add x to p.ys  stay }
#~ error[F03] 95..108: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "of another bound"`: the first answer
#~ help: ask first:  require size(p.ys) < settings.most else …
#~ help: or say what happens where it is full:  add x to p.ys else ANSWER
#~ help: or put it in front of the answer
    on "H {x: word}" { require size(p.xs) < 10 else 552 "full"  reply 250 "a loop"  for each y in p.ys { add y to p.xs }  stay }
#~ error[F03] 106..119: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "a loop"`: the first answer
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add y to p.xs else ANSWER
#~ help: or put it in front of the answer
    on "I {x: word}" {
        reply 250 "asked in the loop"
        for each y in p.ys { if size(p.xs) < 10 { add y to p.xs } }
        stay
    }
    on "J {x: word}" { reply 250 "asked"  if 10 > size(p.xs) and x != "no" { add x to p.xs }  stay }
    on "K {x: word}" { reply 250 "asked by half"  if size(p.xs) < 10 or x == "no" { add x to p.xs }  stay }
#~ error[F03] 85..98: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "asked by half"`: the first answer
#~ help: ask first:  require size(p.xs) < 10 else …
#~ help: or say what happens where it is full:  add x to p.xs else ANSWER
#~ help: or put it in front of the answer
    on "L {x: word}" { if size(p.xs) >= 10 { reply 552 "full"  stay }  reply 250 "asked"  add x to p.xs  stay }
    on "M {x: word}" { reply 250 "no record bounds it"  add x to all  stay }
#~ error[F03] 57..69: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "no record bounds it"`: the first answer
#~ help: ask first:  require size(all) < 100000 else …
#~ help: or say what happens where it is full:  add x to all else ANSWER
#~ help: or put it in front of the answer
    on "N {n: size}" followed by n octets as b at most 100 else { reply 552 "{size(b)}"  stay } failed(why) 452 "no" {
#~ error[N02] 84..85: nothing is called `b` here
#~ help: there is `all`, `local`, `n`, `now`, `p`, `peer`, `q`, `session`, `settings`, `tls`
        reply 250 "unasked"
        add b to p.body
#~ error[F03] 9..24: where there is no room, `full` would be a second answer: this path may have answered already
#~ also under `250 "unasked"`: the first answer
#~ help: ask first:  require size(p.body) + size(b) <= 100 else …
#~ help: or say what happens where it is full:  add b to p.body else ANSWER
#~ help: or put it in front of the answer
        stay
    }
    on "O {n: size}" followed by n octets as b at most 100 else 552 "big" failed(why) 452 "no" {
        require n + size(p.body) <= 100 else 552 "big"
        reply 250 "asked"
        add b to p.body
        stay
    }
    on "P {n: size}" followed by n octets as b at most 100 else 552 "big" failed(why) 452 "no" {
        require p.body is empty else 552 "big"
        reply 250 "asked"
        add b to p.body
        stay
    }
}
state c has p, q, all, x { enter { add x to p.xs  goto b } }
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full { let t = r { who: "a" }  add "b" to t.xs  reply 421 "full {size(t.xs)}"  close }  broken -> 421 "broken" close
#~ error[F07] 65..80: the answer of `full` may lead back to itself
#~ help: ask first:  require size(t.xs) < 10 else …
#~ help: or say what happens where it is full:  add "b" to t.xs else ANSWER
}
