protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
type few = number 0 to 5
record r { n : few  l : list of few at most 10 }
settings { small : few = 3  large : few = 6  any : number = 3 }
#~ error[T16] 43..44: this number is not known to lie between 0 and 5
#~ help: write a number from 0 to 5
sql keep(n: few) gives nothing as "INSERT INTO t (n) VALUES (:n)"
start state a {
    on "A {n: few}"    -> 250 "a" goto b with left = n, p = r { n: n }
    on "B {n: number}" -> 250 "b" goto b with left = 1, p = r { n: n }
#~ error[T16] 68..69: this number is not known to lie between 0 and 5
#~ help: ask first:  require n >= 0 and n <= 5 else …
    on "C {n: number}" { require n <= 5 and n >= 0 else 501 "no"  reply 250 "c"  goto b with left = 1, p = r { n: n } }
    on "D" -> 250 "d" goto b with left = 1, p = r { n: 7 }
#~ error[T16] 56..57: this number is not known to lie between 0 and 5
#~ help: write a number from 0 to 5
    on "E" -> 250 "e" goto b with left = 1, p = r { n: settings.any, l: [1, settings.small, 9] }
#~ error[T16] 56..68: this number is not known to lie between 0 and 5
#~ help: ask first:  require settings.any >= 0 and settings.any <= 5 else …
#~ error[T16] 93..94: this number is not known to lie between 0 and 5
#~ help: write a number from 0 to 5
    on "LEAVE" -> 221 "bye" close
}
state b has left, p {
    on "BACK" -> 250 "back" goto a
    on "DOWN" { require left > 0 else 501 "none"  reply 250 "{left}"  stay with left = left - 1, p = r { n: left - 1 } }
    on "KEEP {n: few}" { ask keep(n + 1) within 2 seconds { done(k) -> 250 "{k}"  failed(why) -> 451 "{why}" } }
#~ error[T16] 35..40: this number is not known to lie between 0 and 5
#~ help: name it and ask first:  let n = …  require n >= 0 and n <= 5 else …
    on "PUT {n: few}" { require size(p.l) < 10 else 552 "full"  add n to p.l  reply 250 "{settings.large}"  stay }
    on "PUSH {n: number}" { require size(p.l) < 10 else 552 "full"  add n to p.l  reply 250 "ok"  stay }
#~ error[T16] 73..74: this number is not known to lie between 0 and 5
#~ help: ask first:  require n >= 0 and n <= 5 else …
}
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}
