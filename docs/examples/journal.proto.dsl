# Takes mail, and writes down in a table what became of every message: who sent it from where, how, to whom, and the
# result. One row for each recipient, so that a question about one address is a question about one column.

protocol journal "mail, each message noted in a table" version 1 edition 1

settings {
    our_domains : list of domain = ["example.com"]
    max_size    : size           = 35 MB
    inbox       : sink           = "inbox"
}

wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }

record message {
    sender     : reverse_path
    recipients : list of forward_path at most 100
    body       : octets at most settings.max_size
}

# The table is in journal.sql. What a peer has said travels beside the statement, never inside it.
sql note(at: time, session: text, peer: ip, name: text?, helo: text, tls: text?, sender: reverse_path,
    recipient: forward_path, octets: number, result: text, id: text?) gives nothing as
    "INSERT INTO journal (at, session, peer, name, helo, tls, sender, recipient, octets, result, id)"
    " VALUES (:at, :session, :peer, :name, :helo, :tls, :sender, :recipient, :octets, :result, :id)"

start state arrival { enter { reply 220 "{local.name} ESMTP"  goto fresh } }
state fresh                            "waiting for EHLO"
state ready   has client, name?        "greeted, no message begun"
state filling has client, name?, mail  "collecting recipients"

# Every message ends here, whatever became of it: first the table, then the answer.
state noting has client, name?, mail, result, id? {
    enter {
        let secured = tls.version
        for each recipient in mail.recipients within 10 seconds {
            ask note(now, session.id, peer.ip, name, client, secured, mail.sender, recipient, size(mail.body), result, id)
                within 5 seconds {
                done(rows)  { }
                failed(why) { log error "not in the journal: {result}, <{mail.sender}> to <{recipient}>: {why}" }
            }
        }
        if id is present       { reply 250 2.6.0 "Stored as {id}"  goto ready }
        if result == "refused" { reply 554 5.6.0 "Not accepted"  goto ready }
        if result == "too big" { reply 552 5.3.4 "Too big: the limit is {settings.max_size} octets"  goto ready }
        reply 451 4.3.0 "Try again later"
        goto ready
    }
}

offers abilities { "SIZE {settings.max_size}"  "STARTTLS" if accepted }

during fresh, ready, filling {
    on "EHLO {helo: helo_name}" {
        ask verified_name(peer.ip) within 5 seconds {
            found(n) {
                reply 250 { "{local.name} greets {n}"  each abilities }
                goto ready with client = helo, name = n
            }
            none        { }
            failed(why) { log warning "the name of {peer.ip}: {why}" }
        }
        reply 250 { "{local.name} greets {helo}"  each abilities }
        goto ready with client = helo
    }
}
during fresh, ready {
    on "STARTTLS" when tls is absent { reply 220 2.0.0 "Go ahead"  start tls then goto fresh }
}
during ready {
    on "MAIL FROM:{sender: reverse_path}"
        -> 250 2.1.0 "Sender <{sender}> accepted" goto filling with mail = message { sender: sender }
}
during filling {
    on "RCPT TO:{recipient: forward_path}" {
        require recipient.domain is present and recipient.domain in settings.our_domains
            else 550 5.7.1 "I take no mail for <{recipient}>"
        require size(mail.recipients) < 100 else 452 4.5.3 "Too many recipients"
        add recipient to mail.recipients
        reply 250 2.1.5 "Recipient <{recipient}> accepted"
        stay
    }
    on "DATA" alone {
        require mail.recipients is not empty else 503 5.5.1 "No recipient yet: RCPT first"
        say 354 "Go ahead; end with a line that holds a single dot"
        receive dotted lines into mail.body at most settings.max_size {
            complete    { run store }
            too_big     { goto noting with result = "too big" }
            failed(why) { log error "{why}"  goto noting with result = "failed" }
        }
    }
}
routine store needs client, name?, mail {
    ask deliver(mail, settings.inbox) within 60 seconds {
        stored(kept) { goto noting with result = "stored", id = kept }
        refused(why) { log warning "{why}"  goto noting with result = "refused" }
        failed(why)  { log error "{why}"  goto noting with result = "failed" }
    }
}
during ready, filling { on "RSET" -> 250 2.0.0 "Forgotten" goto ready }
anytime {
    on "NOOP" -> 250 2.0.0 "OK"
    on "QUIT" -> 221 2.0.0 "{local.name} says goodbye" close
}

unexpected {
    out of order    -> 503 5.5.1 "Not now; try {expected}"
    bad arguments   -> 501 5.5.2 "Usage: {usage}"
    unknown command -> 500 5.5.2 "I do not know that command"
    jumped queue    -> 503 5.5.0 "Wait for my answer first" close
}
limits {
    line -> 500 5.5.2 "Line too long"  idle 5 minutes -> 421 4.4.2 "Idle too long" close
    session 1 hour -> 421 4.4.2 "Session too long" close  shutdown -> 421 4.3.2 "Closing down" close
    full -> 421 "Full; come back soon" close  broken -> 421 4.3.0 "A fault of ours; come back later" close
}
