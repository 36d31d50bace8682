protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
start state a {
    on "X {w: word}" -> 250 "x" goto b with m = w, n = 1
    on "QUIT" -> 221 "bye" close
}
state b has m, n {
    on "G {w: word}" -> 299 "g"
    on "H {k: number}" -> 298 "h"
    on "QUIT" -> 221 "bye" close
}
promise "a sum of a text" { never reply 299 unless m + 1 != 0 }
#~ error[T01] 52..57: a word and a number have no sum
#~ help: add numbers to numbers and times to times; write texts as "{a}{b}"
promise "an order of texts" { never reply 299 unless m > 3 }
#~ error[T01] 54..59: a word is compared with a number
#~ help: compare things of one kind
promise "one of several" { never reply 299 unless size(m) + 1 != "a" or frob(m) or n > 0 }
#~ error[T01] 51..69: a number is compared with a text
#~ help: compare things of one kind
#~ error[N05] 73..77: no function is called `frob`
#~ help: there are size(…), ascii(…), strict(…), base64(…), plain(…), offered(…), network_of(…), quoted(…), joined(…), matches(…), until(…), chosen(…) and date(…); whatever waits is asked:  ask NAME(…) within TIME { … }
promise "a hole of another type" { never reply 298 unless k == "a" or n > 0 }
#~ error[T01] 59..67: a number is compared with a text
#~ help: compare things of one kind
promise "what may be absent is no fault" { never reply 298 unless n > 0 or n <= 0 }
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}
