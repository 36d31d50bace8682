# Local delivery (RFC 2033): what a mail server says to the one that keeps the mailboxes, never on port 25.  It is
# Internet mail with another greeting, and with one answer for each recipient behind the message.

protocol lmtp from smtp "Local mail transfer" version 1 edition 1

settings {
    count_guesses = no  # a mail server of ours guesses no addresses: it has mail for them
}

rename "EHLO" to "LHLO"
remove "HELO"

# Nothing goes on from here.
before on "RCPT" {
    require recipient.domain is absent or recipient.domain in settings.our_domains
        else 550 5.7.1 "I take no mail for <{recipient}>"
}

during filling {
    override on "DATA" alone {
        require mail.recipients is not empty else 503 5.5.1 "No recipient yet: RCPT first"
        say 354 "Go ahead; end with a line that holds a single dot"
        receive dotted lines into mail.body at most settings.max_size {
            complete    { run store }
            too_big     { run too_big }
            failed(why) { log error "{why}"  run no_room }
        }
    }
}

during filling, chunking {
    # One answer to a chunk; to the last one, one for each recipient.
    override on "BDAT {count: size}[ {last: last_mark}]"
        followed by count octets as chunk at most settings.max_size
        else {
        if last is present and mail.recipients is not empty { run too_big }
        reply 552 5.3.4 "Too big: the limit is {settings.max_size} octets"
        goto ready
    }
        failed(why) {
        log error "{why}"
        if last is present and mail.recipients is not empty { run no_room }
        reply 452 4.3.1 "No room for the message just now"
        goto ready
    }
    {
        require mail.recipients is not empty else 503 5.5.1 "No recipient yet: RCPT first"
        if size(mail.body) + count > settings.max_size {
            if last is present { run too_big }
            reply 552 5.3.4 "Too big: the limit is {settings.max_size} octets"
            goto ready
        }
        add chunk to mail.body
        if last is present { run store }
        reply 250 2.0.0 "{count} octets received"
        goto chunking
    }
}

# ---- the answers behind a message, one for each recipient in the order of the RCPTs ------------------------------

routine too_big needs client, mail {
    answer each recipient in mail.recipients {
        reply 552 5.3.4 "<{recipient}>: too big, the limit is {settings.max_size} octets"
    }
    goto ready
}

routine no_room needs client, mail {
    answer each recipient in mail.recipients { reply 452 4.3.1 "<{recipient}>: no room for the message just now" }
    goto ready
}

routine circle needs client, mail {
    answer each recipient in mail.recipients {
        reply 554 5.4.6 "<{recipient}>: too many hops, this message runs in a circle"
    }
    goto ready
}

routine later needs client, mail {
    answer each recipient in mail.recipients { reply 451 4.3.0 "<{recipient}>: try again later" }
    goto ready
}

override routine store needs client, mail, away? {
    ask count_header(mail.body, "Received") within 30 seconds {
        counted(hops) { if hops > settings.max_hops { run circle } }
        failed(why)   { log error "{why}"  run later }
    }
    prepend header "Received" {
        "from {client} ([{peer.literal}])"
        "by {settings.hostname} with {mail.via} id {session.id};"
        "{now}"
    } to mail
    prepend header "Return-Path" "<{mail.sender}>" to mail
    answer each recipient in mail.recipients within 8 minutes {
        ask deliver_to(mail, recipient, settings.inbox) within 60 seconds {
            stored(id) {
                log info "stored {id} from <{mail.sender}> for <{recipient}>, {size(mail.body)} octets"
                find one in mail.wishes where one.recipient == recipient
                if settings.dsn and one is present and "SUCCESS" in one.notify and mail.sender.domain is present {
                    ask notice(mail.sender.address, recipient.address, one.orcpt, mail.envid, mail.ret, id) within 3 seconds {
                        done        { }
                        failed(why) { log error "<{mail.sender}> is not told that <{recipient}> has {id}: {why}" }
                    }
                }
                reply 250 2.1.5 "<{recipient}> has it as {id}"
            }
            refused(why) { log warning "{why}"  reply 550 5.2.0 "<{recipient}>: not accepted, {why}" }
            failed(why)  { log error "{why}"  reply 451 4.3.0 "<{recipient}>: try again later" }
        }
    }
    goto ready
}

override unexpected {
    bad arguments {
        count mistakes per flight
        if verb == "LHLO" { reply 501 "Usage: {usage}"  stay }  # without an enhanced code (RFC 2034 section 4)
        reply 501 5.5.2 "Usage: {usage}"
        stay
    }
}

# ---- promises ----------------------------------------------------------------------------------------------------

promise "mail stays here" {
    never add to mail.recipients unless recipient.domain in settings.our_domains or recipient.local == "postmaster"
}
promise "no message is kept unseen" { never ask deliver_to unless count_header answered counted }
override promise "no message without a sender" { never ask deliver_to unless mail is present }
