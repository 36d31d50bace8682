# What the tests of the player speak: every kind of waiting, reading and ending.

protocol desk "a sample" version 1 edition 1

settings {
    zones : list of domain = []
    inbox : sink           = "inbox"
    most  : size           = 1 KB
}

wire {
    lines crlf at most 400 octets
    reply "{code} {text}" continued "{code}-{text}"
    refusal 4xx 5xx
}

record message {
    sender     : reverse_path
    recipients : list of forward_path at most 3
    body       : octets at most 1 MB
}

sql box(address: text) gives { full: yes_no, left: size } as "SELECT 0 AS full, 1 AS left WHERE :address"
sql hash_of(login: text) gives { hash: secret text } as "SELECT 1 AS hash WHERE :login"
sql note(what: text) gives nothing as "INSERT INTO notes VALUES (:what)"

start state arrival {
    enter {
        if settings.zones is not empty {
            ask blacklist(peer.ip, settings.zones) within 5 seconds {
                listed(zone, why) { reply 554 "{zone}: {why}"  goto refused }
                clean             { }
                failed(why)       { log warning "lists: {why}" }
            }
        }
        reply 220 "{local.name} for {peer.ip}"
        goto ready
    }
}
state refused
state ready
state open has mail

during ready, open {
    on "HI" -> 250 { "one" "two" "three" } stay
    on "SLOW" { pause 2 seconds  reply 250 "at last"  stay }
    on "TIME" -> 250 "{now}" stay
    on "WHERE" -> 250 "{local.ip} {local.port} {peer.port}" stay
}
during ready {
    on "BOX {who: word}" {
        ask box(who) within 10 seconds {
            row(r)      { require not r.full else 452 "full"  reply 250 "{r.left} left"  stay }
            none        { reply 550 "nobody"  stay }
            failed(why) { log error "{why}"  reply 451 "later"  stay }
        }
    }
    on "NOTE {what: word}" {
        ask note(what) within 10 seconds {
            done(n)     { reply 250 "{n} noted"  stay }
            failed(why) { reply 451 "{why}"  stay }
        }
    }
    on "LOGIN {blob: secret base64}" {
        ask validate_plain(blob) using hash_of within 10 seconds {
            accepted(who) { reply 235 "hello {who}"  stay }
            rejected      { reply 535 "no"  stay }
            malformed     { reply 501 "what?"  stay }
            failed(why)   { reply 454 "{why}"  stay }
        }
    }
    on "FROM {sender: reverse_path}" -> 250 "from" goto open with mail = message { sender: sender }
    on "STARTTLS" when tls is absent { reply 220 "go ahead"  start tls then goto ready }
}
during open {
    on "TO {rcpt: forward_path}" { add rcpt to mail.recipients  reply 250 "to"  stay }
    on "DATA" {
        say 354 "go"
        receive dotted lines into mail.body at most settings.most {
            complete    { run keep }
            too_big     { reply 552 "too big"  goto ready }
            failed(why) { log error "{why}"  reply 452 "cannot"  goto ready }
        }
    }
}
routine keep needs mail {
    prepend header "Seen" { "by {local.name}" "for {mail.sender}" } to mail
    ask deliver(mail, settings.inbox) within 30 seconds {
        stored(id)   { reply 250 "stored {id}"  goto ready }
        refused(why) { reply 554 "refused: {why}"  goto ready }
        failed(why)  { reply 451 "failed: {why}"  goto ready }
    }
}
anytime { on "QUIT" -> 221 "bye" close }

unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 421 "idle" close   session 1 hour -> 421 "session" close
    shutdown -> 421 "shutdown" close   full -> 421 "no room" close   broken -> 421 "broken" close
}
