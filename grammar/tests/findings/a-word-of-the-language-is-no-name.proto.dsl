# What guards, promises and the proof that secrets travel under TLS speak of means one thing.
protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  listing dotted }
record trunk { owner: word  things: list of word at most 5  tls: word }
settings { peer : word = "behind-a-dot" }
sql ask_for(thing: text) gives { name: text } as "SELECT name FROM things WHERE name = :thing"
offers session { "SHOW" if accepted }
#~ error[N11] 8..15: `session` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
start state open {
    on "I {tls: word}"              -> 250 "hello" goto hall with now = tls, box = trunk { owner: "ann", tls: "x", things: [settings.peer] }
#~ error[N11] 12..15: `tls` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
    on "VERB {verb: word} {line: text}" -> 250 "{verb} {line}"
    on "KEEP {n: size}" followed by n octets as local at most 1 KB else 552 "too big"  failed(peer) 452 "{peer}" { reply 250 "kept"  stay }
#~ error[N11] 95..99: `peer` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
#~ error[N11] 49..54: `local` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
    on "PEER" {
        ask ask_for("x") within 2 seconds {
            row(peer)     { reply 250 "{peer.name}"  stay }
#~ error[N11] 17..21: `peer` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
            none          { reply 550 "no"  stay }
            failed(local) { log error "{local}"  reply 451 "later"  stay }
#~ error[N11] 20..25: `local` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
        }
    }
}
state hall has now, box {
#~ error[N11] 16..19: `now` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
    on "SHOW" { let settings = "a"  for each session in box.things { log info "{session}{settings}" }  find commands in box.things where commands == "a"  reply 250 { "all" each session }  stay }
#~ error[N11] 21..29: `settings` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
#~ error[N11] 46..53: `session` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
#~ error[N11] 109..117: `commands` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
    on "LIST" -> 250 "{box.tls}" listing each peer in box.things as "{peer}"
#~ error[N11] 47..51: `peer` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
}
public client speak(host: text, tls: text) gives up {
#~ error[N11] 33..36: `tls` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
    connect to host port 25 within 5 seconds
    await within 5 seconds { 220 "{peer: text}" { log info "{peer}" }  4xx as now lines as session { log info "{now} {size(session)}" }  otherwise as local { give failed("{local} {tls}") } }
#~ error[N11] 36..40: `peer` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
#~ error[N11] 79..82: `now` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
#~ error[N11] 92..99: `session` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
#~ error[N11] 151..156: `local` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
    give up
}
anytime { on "QUIT" -> 221 "bye" close }
unexpected { out of order -> 503 "not now"  bad arguments { let verb = "x"  reply 501 "{verb}"  stay }  unknown command -> 500 "what?" }
#~ error[N11] 65..69: `verb` means something already
#~ label: guards and promises speak in this word
#~ help: take another name
limits {
    line -> 500 "too long"  idle 5 minutes -> 421 "asleep?" close  session 1 hour -> 421 "enough" close
    shutdown -> 421 "closing" close  full -> 421 "full" close  broken -> 421 "our fault" close
}
promise "a promise speaks of the connection" { never in hall unless tls is present }
