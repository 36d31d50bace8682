# Answers a mail server that asks what to do with a recipient: the policy delegation of Postfix (SMTPD_POLICY_README).
#
# Who logged in may write to so many recipients an hour.  Anybody else is asked to come back, the first time that a
# network sends from one address to another.  Should a table not answer, mail goes its way.

protocol policy "Postfix policy delegation" version 1 edition 1

settings {
    greylisting : yes_no          = yes
    delay       : duration        = 5 minutes  # how long a stranger has to wait
    memory      : duration        = 35 days    # how long it is known that somebody has waited
    trusted     : list of network = []         # never has to wait
    hourly      : number          = 200        # recipients of one login within an hour
}

wire {
    lines lf at most 4096 octets
    request attributes "=" at most 200 lines and 64 KB {
        request        : text = ""
        protocol_state : text = ""
        client_address : ip
        sender         : text = ""
        recipient      : text = ""
        sasl_username  : text
    }
    reply   "action={word} {text}" then blank line  # a code alone would be taken for a yes (access(5) of Postfix)
    answers DUNNO
    refusal DEFER_IF_PERMIT, REJECT
}

sql first_seen(net: network, sender: text, recipient: text, since: time) gives { at: time } as
    "SELECT seen_at AS at FROM greylist"
    "  WHERE net = :net AND sender = :sender AND recipient = :recipient AND seen_at >= :since"
    "  ORDER BY seen_at LIMIT 1"
sql remember(net: network, sender: text, recipient: text, at: time) gives nothing as
    "INSERT INTO greylist (net, sender, recipient, seen_at) VALUES (:net, :sender, :recipient, :at)"
sql forget(before: time) gives nothing as
    "DELETE FROM greylist WHERE seen_at < :before"

sql sent_since(login: text, since: time) gives { recipients: number } as
    "SELECT COUNT(*) AS recipients FROM sent WHERE login = :login AND sent_at > :since"
sql sent(login: text, at: time) gives nothing as
    "INSERT INTO sent (login, sent_at) VALUES (:login, :at)"
sql forget_sent(before: time) gives nothing as
    "DELETE FROM sent WHERE sent_at <= :before"

start state serving {
    on request when request.request == "smtpd_access_policy" and request.protocol_state == "RCPT"
        and request.sasl_username is present {
        ask sent_since(request.sasl_username, now - 1 hour) within 2 seconds {
            row(used) {
                if used.recipients >= settings.hourly {
                    log warning "{request.sasl_username} has written to {used.recipients} recipients within an hour"
                    reply REJECT "4.7.1 You have written to {settings.hourly} recipients within an hour"
                    stay
                }
            }
            none        { }
            failed(why) { log error "{why}" }
        }
        ask sent(request.sasl_username, now) within 2 seconds {
            done(rows)  { }
            failed(why) { log error "{why}" }
        }
        ask forget_sent(now - 1 hour) within 2 seconds {
            done(rows)  { }
            failed(why) { log error "{why}" }
        }
        reply DUNNO
        stay
    }

    on request when request.request == "smtpd_access_policy" and request.protocol_state == "RCPT"
        and request.sasl_username is absent {
        require settings.greylisting and request.client_address is present else DUNNO
        require not (request.client_address in settings.trusted) else DUNNO
        let net = network_of(request.client_address, 24, 64)  # a retry may come from a neighbour
        ask first_seen(net, request.sender, request.recipient, now - settings.memory) within 2 seconds {
            row(first) {
                require first.at + settings.delay <= now else DEFER_IF_PERMIT "4.7.1 Greylisted: not yet, come back later"
                reply DUNNO
                stay
            }
            none        { }
            failed(why) { log error "{why}"  reply DUNNO  stay }
        }
        ask forget(now - settings.memory) within 2 seconds {
            done(rows)  { }
            failed(why) { log error "{why}" }
        }
        ask remember(net, request.sender, request.recipient, now) within 2 seconds {
            done(rows)  { reply DEFER_IF_PERMIT "4.7.1 Greylisted: come back in {settings.delay}"  stay }
            failed(why) { log error "{why}"  reply DUNNO  stay }
        }
    }
}

# What neither of them takes is not ours to decide.
unexpected {
    out of order  -> DUNNO
    bad arguments { log warning "a request that cannot be read"  reply DUNNO  stay }
}

# Nobody waits for an answer that was not asked for.
limits {
    line               { log warning "a request that is too long"  reply DUNNO  stay }
    idle    15 minutes -> silent close
    session 1 hour     -> silent close
    shutdown           -> silent close
    full               -> silent close
    broken             -> DUNNO close
}

promise "who logged in is never asked to come back" {
    never reply DEFER_IF_PERMIT unless request.sasl_username is absent
}
promise "only who logged in can have used up a quota" {
    never reply REJECT unless request.sasl_username is present
}
promise "mail is delayed only where the table has answered" {
    never reply DEFER_IF_PERMIT unless first_seen answered row or first_seen answered none
}
promise "who is trusted is not written down" {
    never ask remember unless not (request.client_address in settings.trusted)
}
