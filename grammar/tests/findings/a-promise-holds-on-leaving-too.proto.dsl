protocol locks version 1

wire { lines crlf at most 1000 octets  reply "{code} {text}"  refusal 5xx }

sql free(id: word) gives nothing as "DELETE FROM locks WHERE id = :id"

start state open {
    on "TAKE {id: word}" -> 250 "Yours" goto held with id = id
}

state held has id {
    leave { ask free(id) within 2 seconds { done { }  failed(why) { log error "{why}" } } }
}

anytime { on "QUIT" -> 221 "Bye" close }

unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "{usage}"  unknown command -> 500 "What?" }

limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hour -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}

promise "locks are freed under TLS" { never ask free unless tls is present }
#~ error[P01] 9..36: `locks are freed under TLS` can be broken
#~ also under `ask free(id) within 2 seconds { done { }  failed(why) { log error "{why}" } } }`: this happens, and nothing keeps the promise
#~ help: guard it with the words of the promise, or mend the promise
promise "none is freed that was not taken" { never ask free unless id is present }
