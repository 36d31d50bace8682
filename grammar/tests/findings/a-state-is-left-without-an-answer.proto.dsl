protocol locks version 1

wire { lines crlf at most 1000 octets  reply "{code} {text}"  refusal 5xx }

sql free(id: word) gives nothing as "DELETE FROM locks WHERE id = :id"

start state open {
    on "LOCK {id: word}" when tls is present -> 250 "Yours" goto locked with id = id
    on "TAKE {id: word}" -> 250 "Yours" goto held with id = id
}

state locked has id {
    leave {
        ask free(id) within 2 seconds {
            done        { }
            failed(why) { log error "{why}"  reply 451 "{why}" }
#~ error[G13] 46..63: a `leave` neither answers nor chooses where to go
#~ help: it says  ask, log, let, if, for each  and  find  without  else; nobody may be there to hear an answer
        }
        let more = prompt 334 "" for word
#~ error[G13] 9..42: a `leave` neither answers nor chooses where to go
#~ help: it says  ask, log, let, if, for each  and  find  without  else; nobody may be there to hear an answer
        count frees
#~ error[G13] 9..20: a `leave` neither answers nor chooses where to go
#~ help: it says  ask, log, let, if, for each  and  find  without  else; nobody may be there to hear an answer
        pause 1 second
#~ error[G13] 9..23: a `leave` neither answers nor chooses where to go
#~ help: it says  ask, log, let, if, for each  and  find  without  else; nobody may be there to hear an answer
        goto open
#~ error[G13] 9..18: a `leave` neither answers nor chooses where to go
#~ help: it says  ask, log, let, if, for each  and  find  without  else; nobody may be there to hear an answer
    }
    leave { log info "once more" }
#~ error[N01] 5..35: this state has a `leave` already
#~ help: put them together
    on "OPEN" -> 250 "Free" goto open
}

state held has id {
    leave {
        ask free(id) within 2 seconds { done { }  failed(why) { log error "{why} {missing}" } }
#~ error[N02] 83..90: nothing is called `missing` here
#~ help: there is `id`, `local`, `now`, `peer`, `session`, `settings`, `tls`, `why`
    }
    on "OPEN" -> 250 "Free" goto open
}

anytime { on "QUIT" -> 221 "Bye" close }

unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "{usage}"  unknown command -> 500 "What?" }

limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hour -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
