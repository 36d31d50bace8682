protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }
unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "Usage: {usage}"  unknown command -> 500 "What?" }
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
anytime { on "QUIT" -> 221 "Goodbye" close }
record message { sender : text }
start state ready { on "MAIL {from: text}" -> 250 "OK" goto filling with mail = message { sender: from } }
state filling has mail
during ready, filling { on "RSET" -> 250 "Stored for {mail.sender}" goto ready }
#~ error[T04] 55..59: this `mail` may not exist yet: the line also runs in the state `ready`
#~ label: known in: filling
#~ help: move it into  during filling { … }
#~ help: or give `ready` the fact `mail?` and ask first:  require mail is present else …
