protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }
unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "Usage: {usage}"  unknown command -> 500 "What?" }
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
anytime { on "QUIT" -> 221 "Goodbye" close }
start state ready {
    on "HELO {name: domain}" {
        ask resolve(name) within 5 seconds {
#~ error[L01] 9..43: what if `resolve` answers `failed`?
#~ label: its outcomes are found, none, failed
#~ help: failed(why) { log error "{why}"  reply 451 4.3.0 "Try again later"  stay }   refuses for now
#~ help: failed(why) { log warning "{why}" }   lets it pass
            found(address) { reply 250 "{address}"  stay }
            none           { reply 550 "No"  stay }
        }
    }
}
