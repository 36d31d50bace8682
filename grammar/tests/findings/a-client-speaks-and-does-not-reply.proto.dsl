protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }
unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "How?"  unknown command -> 500 "What?" }
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
start state open { on "QUIT" -> 221 "bye" close }
public client a(host: text) gives up | down(code: number) {
    await within 5 seconds { 220 { } otherwise { give up } }
#~ error[E03] 5..27: this client has not connected yet
#~ help: begin with  connect to HOST port PORT within TIME
    connect to host port 25 within 5 seconds
    connect to host port 25 within 5 seconds
#~ error[E03] 5..45: this client has connected already
#~ help: ask a second client
    send "HI"
    start tls
    start tls
#~ error[E03] 5..14: TLS has begun already
#~ help: take it away
    reply 250 "no"
#~ error[E01] 5..19: a client cannot `reply`
#~ help: a client says  connect, await, send, start tls  and  give,  and  let, require, if, for each, find, log
    ask dig("MX", host) within 5 seconds { }
#~ error[E01] 5..45: a client asks nobody else
#~ help: ask before it, and hand it what was found
    start tls then goto open
#~ error[E01] 5..29: a client has no states
#~ help: write  start tls
    let x = prompt 334 "" for text
#~ error[E01] 5..35: a client cannot `prompt`
#~ help: a client says  connect, await, send, start tls  and  give,  and  let, require, if, for each, find, log
    log info "{peer.ip}"
#~ error[N02] 16..20: nothing is called `peer` here
#~ help: there is `host`, `local`, `now`, `settings`, `tls`
    for each line in [1] { pause 2 seconds }
#~ error[E01] 28..43: a client cannot `pause`
#~ help: a client says  connect, await, send, start tls  and  give,  and  let, require, if, for each, find, log
    give up(1)
#~ error[L06] 5..15: `up` has 0 values, and 1 are given
#~ help: give as many as the head declares
}
public client b(host: text, password: secret text, n: number) gives up | down(code: number) {
    connect to n port host
#~ error[T01] 16..17: this is a number
#~ help: a host is a domain, an ip or a text
#~ error[T01] 23..27: this is a text
#~ help: a number is wanted here
#~ error[L02] 5..27: nothing says how long connecting may take
#~ help: write  within 5 seconds  behind it
    await { 250 "{x: number}" as code lines as lines { }  251 as code { }  9ab { }  READY { } otherwise { } otherwise { } }
#~ error[S10] 76..79: `9ab` is no code of an answer
#~ help: a code has three digits, the first of them 1 to 5
#~ error[L02] 5..10: nothing says how long the answer may take
#~ help: write  within 5 seconds  behind it
#~ error[E05] 85..90: the wire declares no answer `READY`
#~ help: there is `4xx`, `5xx`; or add it to  answers  or  refusal  in  wire { … }
#~ error[N01] 109..122: this `await` has an `otherwise` already
#~ help: put them together
    send "{code} {x} {password}"
#~ error[N02] 12..16: nothing is called `code` here
#~ help: there is `host`, `local`, `n`, `now`, `password`, `settings`, `tls`
#~ error[N02] 19..20: nothing is called `x` here
#~ help: there is `host`, `local`, `n`, `now`, `password`, `settings`, `tls`
#~ error[K02] 23..31: this secret would travel in the clear
#~ help: send it behind  start tls,  or inside  if tls is present { … }
    send "a\r\nb"
#~ error[R07] 11..17: a control character inside a line
#~ help: the line end is added; each line is a  send  of its own
    send dotted lines from host
#~ error[T01] 28..32: this is a text
#~ help: octets are sent, or a record with  body : octets
    require n > 1 else give gone
#~ error[L04] 29..33: this client does not give `gone`
#~ label: it gives up, down(…), failed(…)
#~ help: there is `down`, `failed`, `up`
    require n > 2 else 550 "no"
#~ error[E01] 24..32: a client cannot `reply`
#~ help: a client says  connect, await, send, start tls  and  give,  and  let, require, if, for each, find, log
#~ error[E01] 32..32: a client cannot `stay`
#~ help: a client says  connect, await, send, start tls  and  give,  and  let, require, if, for each, find, log
#~ error[F01] 24..32: what stands behind  else  goes on
#~ help: end it with  give VARIANT(…)
    await within 5 seconds { 250 "{code: text}" { give failed("no") } }
#~ error[E02] 5..27: what if the answer is another one?
#~ help: write  otherwise as answer { give failed("{answer}") }
    if n > 1 { give down(host) }
#~ error[T01] 26..30: this is a text
#~ help: a number is wanted here
}
#~ error[E04] 1..2: a path comes to the end of `b` without giving anything
#~ help: end it with  give  and one of  up, down(…), failed(…)
