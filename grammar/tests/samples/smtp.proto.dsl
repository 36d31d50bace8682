# smtp.proto.dsl -- receive Internet mail (RFC 5321 and friends)

protocol smtp "Internet mail" version 1

settings {
    hostname       : domain         = local.name
    our_domains    : list of domain = ["example.com", "example.org"]
    blacklists     : list of domain = []        # say ["zen.spamhaus.org"]
    trusted        : list of network = []
    check_sender   : yes_no         = no        # does the sender's domain take mail?
    check_mailbox  : yes_no         = no        # ask the table below about each recipient
    max_size       : size           = 35 MB
    max_recipients : number         = 1000
    inbox          : sink           = "inbox"     # named in config.yaml
}

# How bytes become lines and answers become bytes.  Lines end in CR LF only:
# a bare LF or CR is never a line end, here or inside a message.
wire {
    lines    crlf at most 1000 octets
    reply    "{code} {text}" continued "{code}-{text}"
    refusal  4xx 5xx                      # answers that say no
    pipeline yes
}

type last_mark = "LAST"
type mail_params = params { "SIZE": size  "BODY": word  "SMTPUTF8"  "AUTH": word  "RET": word  "ENVID": word }
type rcpt_params = params { "NOTIFY": word  "ORCPT": word }
type mechanism = 1*20(ALPHA / DIGIT / "-" / "_")

record message {
    sender     : reverse_path
    recipients : list of forward_path at most settings.max_recipients
    body       : octets at most settings.max_size
}

# Values travel beside the statement, never inside it.
sql mailbox(address: text) gives { owner: number, quota_left: size } as
    "SELECT owner_id AS owner, quota - used AS quota_left"
    "  FROM mailboxes WHERE address = :address AND active = 1"

sql password_of(login: text) gives { hash: secret text } as
    "SELECT pw_hash AS hash FROM accounts WHERE login = :login"

# ---- states.  A state owns the facts named after "has"; going to a state that
# ---- does not have a fact forgets it.  RSET and STARTTLS need no clean-up code.

start state arrival "someone connected" {
    enter {
        ask blacklist(peer.ip, settings.blacklists) within 5 seconds {
            listed(zone, why) { reply 554 5.7.1 "{peer.ip} is listed by {zone}: {why}"  close }
            clean             { }
            failed(why)       { log warning "blacklist look-up failed, accepting {peer.ip}: {why}" }
        }
        reply 220 "{settings.hostname} ESMTP ready"
        goto fresh
    }
}

state fresh                             "waiting for HELO or EHLO"
state ready    has client, user?        "greeted, no message begun"
state filling  has client, user?, mail  "MAIL accepted, collecting recipients"
state chunking has client, user?, mail  "BDAT begun, more chunks to come"

# ---- commands ---------------------------------------------------------------

during fresh, ready, filling, chunking {
    on "EHLO {name: helo_name}" alone {
        reply 250 {
            "{settings.hostname} greets {name}"
            "PIPELINING"
            "8BITMIME"
            "ENHANCEDSTATUSCODES"
            "CHUNKING"
            "SIZE {settings.max_size}"
            "STARTTLS"          if accepted       # offered exactly when it would be accepted
            "AUTH PLAIN LOGIN"  if accepted
            "HELP"
        }
        goto ready with client = name
    }
    on "HELO {name: helo_name}" alone -> 250 "{settings.hostname}" goto ready with client = name
}

during fresh, ready {
    on "STARTTLS" alone when tls is absent {
        reply 220 2.0.0 "Go ahead"
        start tls then goto fresh       # anything already sent in the clear is thrown away
    }
    on "STARTTLS" when tls is present -> 503 5.5.1 "TLS is already on"
}

during ready {
    on "AUTH PLAIN[ {initial: base64}]" alone when tls is present and user is absent {
        let blob = initial else prompt 334 "" for base64 at most 12288 octets
        ask validate_plain(blob) using password_of within 10 seconds {
            accepted(login) { reply 235 2.7.0 "Welcome, {login}"  stay with user = login }
            rejected        { count logins  pause 2 seconds  reply 535 5.7.8 "Wrong name or password"  stay }
            malformed       { reply 501 5.5.2 "Not a valid PLAIN message"  stay }
            failed(why)     { log error "{why}"  reply 454 4.7.0 "Cannot check passwords just now"  stay }
        }
    }
    on "AUTH LOGIN[ {initial: base64}]" alone when tls is present and user is absent {
        let login = initial else prompt 334 "VXNlcm5hbWU6" for base64 at most 400 octets
        let guess = prompt 334 "UGFzc3dvcmQ6" for base64 at most 400 octets
        ask validate_login(login, guess) using password_of within 10 seconds {
            accepted(who)   { reply 235 2.7.0 "Welcome, {who}"  stay with user = who }
            rejected        { count logins  pause 2 seconds  reply 535 5.7.8 "Wrong name or password"  stay }
            malformed       { reply 501 5.5.2 "Not valid base64 text"  stay }
            failed(why)     { log error "{why}"  reply 454 4.7.0 "Cannot check passwords just now"  stay }
        }
    }
    on "AUTH {what: mechanism}[ {rest: text}]" when tls is present and user is absent
                                        -> 504 5.5.4 "I know PLAIN and LOGIN, not {what}"
    on "AUTH {rest: text}" when tls is absent    -> 538 5.7.11 "Say STARTTLS first"
    on "AUTH {rest: text}" when user is present and tls is present -> 503 5.5.1 "You are already {user}"

    on "MAIL FROM:{sender: reverse_path}[ {params: mail_params}]" {
        require params.unknown is empty          else 555 5.5.4 "Unknown parameter {params.unknown}"
        require params.size <= settings.max_size else 552 5.3.4 "Too big: the limit is {settings.max_size}"
        if settings.check_sender == yes and sender.domain is present {
            ask dig("MX", sender.domain) within 5 seconds {
                found(hosts) { }
                none         { reply 550 5.1.8 "{sender.domain} does not exist"  stay }
                failed(why)  { reply 451 4.4.3 "Cannot look up {sender.domain} just now"  stay }
            }
        }
        reply 250 2.1.0 "Sender {sender} accepted"
        goto filling with mail = message { sender: sender }
    }
}

during filling {
    on "RCPT TO:{rcpt: forward_path}[ {params: rcpt_params}]" {
        require params.unknown is empty else 555 5.5.4 "Unknown parameter {params.unknown}"
        require size(mail.recipients) < settings.max_recipients else 452 4.5.3 "Too many recipients"
        if user is present or peer.ip in settings.trusted {
            add rcpt to mail.recipients
            reply 250 2.1.5 "Recipient {rcpt} accepted for relay"
            stay
        }
        require rcpt.domain in settings.our_domains else 550 5.7.1 "I do not relay for {rcpt.domain}"
        ask mailbox(rcpt.address) within 3 seconds {
            row(box) {
                require box.quota_left > 0 KB else 452 4.2.2 "Mailbox is full"
                add rcpt to mail.recipients
                reply 250 2.1.5 "Recipient {rcpt} accepted"
                stay
            }
            none        { count mistakes  reply 550 5.1.1 "No mailbox {rcpt} here"  stay }
            failed(why) { log error "{why}"  reply 451 4.3.0 "Cannot look up {rcpt} just now"  stay }
        }
    }

    on "DATA" alone {
        require mail.recipients is not empty else 503 5.5.1 "RCPT first"
        say 354 "Go ahead, end with a line holding a single dot"
        receive dotted lines into mail.body at most settings.max_size {
            complete { run deliver_message }
            too_big  { reply 552 5.3.4 "Too big: the limit is {settings.max_size}"  goto ready }
        }
    }
}

during filling, chunking {
    # The chunk belongs to the command: it is read and, if refused, dropped --
    # whatever is decided here, the next line is a command again.
    on "BDAT {n: number}[ {last: last_mark}]"
        followed by n octets as chunk at most settings.max_size else 552 5.3.4 "Too big" goto ready
    {
        require mail.recipients is not empty else 503 5.5.1 "RCPT first"
        require size(mail.body) + n <= settings.max_size else 552 5.3.4 "Too big" goto ready
        add chunk to mail.body
        if last is present { run deliver_message }
        reply 250 2.0.0 "{n} octets received"
        goto chunking
    }
}

during ready, filling, chunking {
    on "RSET" -> 250 2.0.0 "Forgotten" goto ready
}
during fresh {
    on "RSET" -> 250 2.0.0 "Nothing to forget"
}

routine deliver_message needs mail, client, user? {
    ask deliver(mail, settings.inbox) within 60 seconds {
        stored(id)   { reply 250 2.6.0 "Stored as {id}"  goto ready }
        refused(why) { reply 554 5.6.0 "Not accepted: {why}"  goto ready }
        failed(why)  { log error "{why}"  reply 451 4.3.0 "Try again later"  goto ready }
    }
}

anytime {
    on "NOOP[ {rest: text}]" -> 250 2.0.0 "OK"
    on "HELP[ {rest: text}]" -> 214 2.0.0 "Commands here: {commands}"
    on "VRFY {rest: text}"   -> 252 2.5.0 "Send mail and see"
    on "EXPN {rest: text}"   -> 502 5.5.1 "Not offered"
    on "QUIT" alone          -> 221 2.0.0 "{settings.hostname} says goodbye" close
}

# What nobody above claimed.  Together with it every line in every state has an answer.
unexpected {
    out of order    -> 503 5.5.1 "Not now; try {expected}"
    bad arguments   -> 501 5.5.4 "Usage: {usage}"
    unknown command -> 500 5.5.2 "I do not know that command"
    cancelled       -> 501 5.7.0 "Cancelled"
    bad answer      -> 501 5.5.2 "That is not what I asked for"
    jumped queue    -> 503 5.5.0 "Wait for my answer first"
}

limits {
    line                 -> 500 5.5.2 "Line too long"
    idle     5 minutes   -> 421 4.4.2 "Idle too long" close
    session  60 minutes  -> 421 4.4.2 "Session too long" close
    logins   3           -> 421 4.7.0 "Too many failed logins" close
    mistakes 10          -> 421 4.7.0 "Too many mistakes" close
    talking early        -> 554 5.5.0 "You must let me speak first" close
}

promise "passwords travel only under TLS" { never ask validate_plain unless tls is present }
promise "nor by the other door"           { never ask validate_login unless tls is present }
promise "not an open relay"               { never add to mail.recipients unless user is present
                                            or peer.ip in settings.trusted or mailbox answered row }
promise "no message without a sender"     { never ask deliver unless mail is present }
