# pop3.proto.dsl -- fetch mail (RFC 1939, STLS of RFC 2595)
protocol pop3 "Post Office Protocol" version 1

settings { hostname : domain = "mail.example.com" }

wire {
    lines    crlf at most 255 octets
    reply    "{status} {text}"
    refusal  -ERR
    answers  +OK, -ERR
    pipeline yes
}

sql password_of(login: text) gives { hash: secret text } as
    "SELECT pw_hash AS hash FROM accounts WHERE login = :login"

start state arrival { enter { reply +OK "{settings.hostname} POP3 ready"  goto stranger } }

state stranger                    "nobody logged in" {
    on "STLS" alone when tls is absent { reply +OK "Begin TLS"  start tls then goto stranger }
    on "USER {who: word}" when tls is present -> +OK "Password please" goto named with login = who
    on "USER {who: word}" when tls is absent  -> -ERR "[SYS/PERM] Say STLS first"
}
state named has login             "user named, password wanted" {
    on "PASS {guess: secret text}" {
        ask check_password(login, guess) using password_of within 10 seconds {
            accepted(account) { goto opening with user = account }
            rejected    { count logins  pause 2 seconds  reply -ERR "[AUTH] No"  goto stranger }
            failed(why) { log error "{why}"  reply -ERR "[SYS/TEMP] Try later"  goto stranger }
        }
    }
}
state opening has user            "taking the maildrop lock" {
    enter {
        ask open_maildrop(user) within 10 seconds {
            opened(found) { reply +OK "{size(found.messages)} messages"  goto inbox with drop = found }
            locked        { reply -ERR "[IN-USE] Another session has it"  goto stranger }
            failed(why)   { reply -ERR "[SYS/TEMP] {why}"  goto stranger }
        }
    }
}
state inbox has user, drop        "transactions" {
    on "STAT"             -> +OK "{drop.count} {drop.octets}"
    on "LIST"             -> +OK "Messages follow"
    on "LIST {n: number}" { require n in drop.numbers else -ERR "No message {n}"
                            reply +OK "{n} {drop.octets_of}"  stay }
    on "RETR {n: number}" {
        ask fetch(drop, n) within 30 seconds {
            found(m)    { reply +OK "{m.octets} octets"  stay }
            none        { reply -ERR "No message {n}"  stay }
            failed(why) { reply -ERR "[SYS/TEMP] {why}"  stay }
        }
    }
    on "DELE {n: number}" { require n in drop.numbers else -ERR "No message {n}"
                            add n to drop.doomed  reply +OK "Marked"  stay }
    on "RSET"             { goto opening with user = user }     # opening answers
    override on "QUIT" alone { goto leaving }
}
state leaving has user, drop {
    enter {
        ask expunge(drop) within 30 seconds {
            done        { reply +OK "Goodbye"  close }
            failed(why) { reply -ERR "Some messages were not deleted: {why}"  close }
        }
    }
}
anytime {
    on "NOOP"       -> +OK ""
    on "QUIT" alone -> +OK "Goodbye" close
    on "CAPA"       -> +OK "Capabilities"
}
unexpected {
    out of order    -> -ERR "Not now"
    bad arguments   -> -ERR "Usage: {usage}"
    unknown command -> -ERR "Unknown command"
}
limits {
    line              -> -ERR "Line too long"
    idle   10 minutes -> -ERR "Idle too long" close
    logins 3          -> -ERR "Too many failed logins" close
}
promise "passwords travel only under TLS" { never ask check_password unless tls is present }
