# The mistakes of the Ruby ancestors, transcribed; every one must be refused.
protocol smtp_ruby "ssltransportagent/net-receiver, transcribed" version 1
#~ error[W05] 1..75: nothing says what is answered to `bad arguments`, `out of order` and `unknown command`
#~ help: write  unexpected { bad arguments -> ANSWER  out of order -> ANSWER  unknown command -> ANSWER }
#~ error[W05] 1..75: nothing says what is answered to `line`, `idle`, `session`, `shutdown`, `full` and `broken`
#~ help: write  limits { line -> ANSWER  idle 5 minutes -> ANSWER  session 2 hours -> ANSWER  shutdown -> ANSWER  full -> ANSWER  broken -> ANSWER }
settings { hostname : domain = "mail.example.com" }
wire { lines crlf at most 1000 octets   reply "{code} {text}" continued "{code}-{text}" }
sql hash_of(login: text) gives { hash: secret text } as "SELECT h AS hash FROM a WHERE login = :login"
record message { sender : text  recipients : list of text  body : octets }
#~ error[T06] 46..58: `recipients` has no bound
#~ help: write  at most N  behind it: what a peer can fill must end somewhere
#~ error[T06] 67..73: `body` has no bound
#~ help: write  at most N  behind it: what a peer can fill must end somewhere
#~ warning[U01] 8..15: the type `message` is never used
#~ help: use it, or take it away

start state level1 { enter { reply 220 2.0.0 "{settings.hostname} ESMTP"  goto level1b } }
state level0
state level1b
state level2 has client
state level3 has client, mail
#~ error[G11] 26..30: nothing supplies the fact `mail`
#~ help: write  goto … with mail = …,  or take it off
state level9
#~ error[G02] 7..13: nothing leads to the state `level9`
#~ help: write  goto level9  somewhere, or take the state away

during level1b, level2, level3 {
    on "EHLO{name: text}" { reply 250 "Hello"  goto level2 with client = name }
#~ warning[D06] 14..18: nothing parts this from the word before it
#~ help: write a blank between them
    on "RSET" { reply 250 2.0.0 "Reset OK"  goto level0 }
    on "VRFY {who: text}" { log info "252 2.5.1 Administrative prohibition"  stay }
#~ error[F02] 78..82: a path ends here that has given no answer
#~ help: put a  reply  before it, or say  silent
    on "AUTH PLAIN {blob: base64}" {
        ask validate_plain(blob) using hash_of within 10 seconds {
#~ error[L01] 9..65: what if `validate_plain` answers `malformed`?
#~ label: its outcomes are accepted, rejected, malformed, failed
#~ help: write  malformed { … }
#~ error[L01] 9..65: what if `validate_plain` answers `failed`?
#~ label: its outcomes are accepted, rejected, malformed, failed
#~ help: failed(why) { log error "{why}"  reply 451 4.3.0 "Try again later"  stay }   refuses for now
#~ help: failed(why) { log warning "{why}" }   lets it pass
            accepted(who) { reply 235 2.0.0 "Authentication succeeded"  stay }
            rejected      { reply 530 5.7.5 "Authentication failed"  stay }
        }
    }
}
during level2 {
    on "STARTTLS" { reply 220 2.0.0 "TLS go ahead"  start tls then goto level2 }
#~ error[G06] 73..79: `level2` has the fact `client`, which would be learnt in the clear
#~ help: go to a state without facts: nothing learnt in the clear may survive (RFC 3207 §4.2)
    on "MAIL FROM:{s: text}" { reply 250 2.0.0 "OK"  goto level3 }
#~ error[G04] 59..65: `level3` has the fact `mail`, and this state does not
#~ help: write  goto level3 with mail = …
}
during level3 {
    on "RCPT TO:{r: text}" { add r to mail.recipients  reply 250 2.0.0 "OK"  stay }
    on "DATA" {
        if mail.recipients is empty { reply 501 5.5.1 "no valid recipient" }
        say 354 "Enter message"
#~ error[F05] 13..32: this path may have given its final answer before this
#~ help: move it before the  reply
        receive dotted lines into mail.body at most 10 MB { complete { reply 250 "OK"  goto level2 } }
#~ error[F03] 9..103: whoever falls silent here is answered a second time: this path may have answered already
#~ also under `501 5.5.1 "no valid recipient"`: the first answer
#~ help: put it in front of the answer
#~ error[F03] 78..86: a path comes here that has given its answer already
#~ also under `501 5.5.1 "no valid recipient"`: the first answer
#~ help: one command, one final answer: use  say  for lines before it
#~ error[L01] 9..44: what if `receive` answers `too_big`?
#~ label: its outcomes are complete, too_big, failed
#~ help: write  too_big { … }
#~ error[L01] 9..44: what if `receive` answers `failed`?
#~ label: its outcomes are complete, too_big, failed
#~ help: failed(why) { log error "{why}"  reply 451 4.3.0 "Try again later"  stay }   refuses for now
#~ help: failed(why) { log warning "{why}" }   lets it pass
    }
}
anytime { on "QUIT" -> 221 2.0.0 "closing" close }
promise "passwords travel only under TLS" { never ask validate_plain unless tls is present }
