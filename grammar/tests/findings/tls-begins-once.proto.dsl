protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
start state a {
    on "ONE" { reply 220 "go"  start tls then goto a }
    on "TWO" when tls is absent { reply 220 "go"  start tls then goto a }
    on "THREE" { require tls.version is absent else 503 "no"  reply 220 "go"  start tls then goto a }
    on "FOUR" { if tls is present { reply 503 "no"  stay } else { reply 220 "go"  start tls then goto a } }
    on "FIVE" { if tls is absent { log info "in the clear" }  reply 220 "go"  start tls then goto a }
    on "SIX" when tls is present { reply 220 "go"  start tls then goto a }
#~ error[D08] 52..73: TLS may be up here already
#~ help: ask first:  require tls is absent else …
    on "ASK" { ask up("a.example") within 9 seconds { yes -> 250 "yes"  failed(why) -> 451 "{why}" } }
    on "LEAVE" -> 221 "bye" close
}
client up(host: text) gives yes {
    connect to host port 25 within 5 seconds
    await within 5 seconds { 220 { }  otherwise as answer { give failed(answer) } }
    if host == "b" { start tls }
    start tls
#~ error[E03] 5..14: TLS may have begun already
#~ help: ask first:  if tls is absent { … }
    for each x in ["a", "b"] { send "{x}" }
    give yes
}
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}
