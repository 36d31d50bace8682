protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }
unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "How?"  unknown command -> 500 "What?" }
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
start state open {
    on "A {w: word}" {
        ask alive(w) within 5 seconds { up { reply 250 "up"  stay }  failed(why) { reply 451 "{why}"  stay } }
#~ error[L01] 9..38: what if `alive` answers `down`?
#~ label: its outcomes are up, down, failed
#~ help: write  down(…) { … }
    }
    on "B {w: word}" {
        ask alive(w, 25, 26) { up(banner, more) { reply 250 "up"  stay }  down { reply 250 "down"  stay } }
#~ error[L02] 9..29: nothing says how long `alive` may take
#~ help: write  within 5 seconds  behind it
#~ error[L06] 9..29: `alive` takes 1 to 2 values, and 3 are given
#~ help: write  alive(host, port)
#~ error[L06] 32..34: `up` gives 1 values, and 2 are named
#~ help: name as many as there are, or fewer
#~ error[L01] 9..29: what if `alive` answers `failed`?
#~ label: its outcomes are up, down, failed
#~ help: failed(why) { log error "{why}"  reply 451 4.3.0 "Try again later"  stay }   refuses for now
#~ help: failed(why) { log warning "{why}" }   lets it pass
    }
    on "C {n: number}" {
        send "C"
#~ error[E01] 9..17: only a client can `send`
#~ help: put it into  client NAME(…) gives … { … }  and ask that
        ask aliev(n) within 5 seconds { up { reply 250 "up"  stay } }
#~ error[N05] 13..18: no action, client or sql statement is called `aliev`
#~ help: did you mean `alive`?
    }
    on "D {n: number}" {
        ask alive(n) within 5 seconds {
#~ error[T01] 19..20: this is a number
#~ help: a text is wanted here
            up(banner)  { reply 250 "{banner}"  stay }
            down(code)  { reply 450 "{code}"  stay }
            failed(why) { reply 451 "{why}"  stay }
        }
    }
    on "QUIT" -> 221 "bye" close
}
sql twice(a: text) gives nothing as "DELETE FROM t WHERE a = :a"
#~ warning[U01] 5..10: the statement `twice` is never used
#~ help: use it, or take it away
client alive(host: text, port: number = 25) gives up(banner: text) | down(code: number) {
    connect to host port port within 5 seconds
    await within 5 seconds { 220 "{banner: text}" { give up(banner) }  otherwise { give down(0) } }
}
client unused(port: number = 25, host: text) gives up | up | failed(x: text) { connect to host port port within 5 seconds  give up }
#~ error[N01] 57..59: `unused` gives `up` already
#~ help: take it away
#~ error[N01] 62..68: `unused` gives `failed` already
#~ help: take it away
#~ error[L06] 15..19: `port` has a default, and a parameter behind it has none
#~ help: put parameters with a default last: an ask leaves out those at the end
#~ warning[U01] 8..14: the client `unused` is never used
#~ help: use it, or take it away
client twice(host: text, host: text) gives up { connect to host port 25 within 5 seconds  give up }
#~ error[N01] 8..13: a statement is called `twice` already
#~ also under `twice`: here
#~ help: give one of them another name
#~ error[N01] 26..30: `twice` has the parameter `host` already
#~ help: give one of them another name
#~ warning[U01] 8..13: the client `twice` is never used
#~ help: use it, or take it away
