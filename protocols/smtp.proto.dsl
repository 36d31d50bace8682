# Receive Internet mail: RFC 5321 and its common extensions.
#
# Read it from top to bottom: what may be set, how lines look, what a message is, the states of a conversation,
# the commands of each state, and what is said to everything else.  protocols/README.md explains the notation.

protocol smtp "Internet mail" version 1 edition 1

settings {
    hostname          : domain          = local.name
    our_domains       : list of domain  = ["example.com", "example.org"]  # we take mail for these, and no other
    trusted           : list of network = []                              # networks whose mail is neither looked up nor listed
    blacklists        : list of text    = []                              # say ["zen.spamhaus.org=127.0.0.[2..11]"]; empty asks nobody
    check_sender      : yes_no          = no                              # must the sender's domain exist and take mail?
    check_mailbox     : yes_no          = no                              # must the recipient be in the table `mailboxes`?
    count_guesses     : yes_no          = yes                             # do strangers end their session with too many that are not?
    accounts          : yes_no          = yes                             # may clients log in? `no` asks for no database of accounts
    detail            : text            = "+"                             # bob+shop is bob, where there is no mailbox bob+shop (RFC 5233)
    max_size          : size            = 35 MB
    max_recipients    : number          = 1000
    max_hops          : number          = 100        # a message with more Received: lines runs in a circle
    greet_delay       : duration        = 0 seconds  # who talks before this is over is no mail server
    lenient_addresses : yes_no          = yes        # take <a..b@x>, <a.@x>, <a@x_1.example> and a blank behind the colon; `no` is the RFC
    inbox             : sink            = "inbox"    # where mail goes; named in config.yaml
    outbound          : sink?                        # where mail for elsewhere goes, from those we trust; else there is none
    dsn               : yes_no          = no         # offer DSN: `outbound` takes the wishes over, and the table `notices` keeps
    # them for mail that stays here, where somebody sends what is in it
}

# How octets become lines and answers become octets.  Lines end in CR LF; a bare CR or LF ends
# nothing, here or inside a message.
wire {
    lines    crlf at most 1000 octets
    reply    "{code} {text}" continued "{code}-{text}" at most 512 octets  # RFC 5321 section 4.5.3.1.5
    refusal  4xx 5xx
    cancel   "*"
    pipeline yes
    verbs "EHLO" "HELO" "MAIL" "RCPT" "DATA" "BDAT" "RSET" "STARTTLS" "AUTH"
        "NOOP" "HELP" "VRFY" "EXPN" "QUIT"
    patience "MAIL" 5 minutes  "RCPT" 5 minutes  "DATA" 10 minutes  "BDAT" 10 minutes
}

# ---- types: what may stand in a command, in the notation of the RFCs ---------------------------------------------

type mechanism = 1*20(ALPHA / DIGIT / "-" / "_")
type last_mark = "LAST"
type blanks    = 1*" "
type xtext     = 1*(%x21-2A / %x2C-3C / %x3E-7E / "+" 2HEXDIG)
type mail_id   = 1*100(%x21-2A / %x2C-3C / %x3E-7E / "+" 2HEXDIG)
type returned  = "FULL" / "HDRS"
type occasion  = "SUCCESS" / "FAILURE" / "DELAY"
type occasions = "NEVER" / occasion *("," occasion)
type addressee = 1*40(ALPHA / DIGIT / "-") ";" 1*500(%x21-2A / %x2C-3C / %x3E-7E / "+" 2HEXDIG)

type mail_params = params {
    "SIZE"  : size      # RFC 1870
    "BODY"  : word      # RFC 6152
    "SMTPUTF8"          # RFC 6531
    "AUTH"  : xtext     # RFC 4954 section 5
    "RET"   : returned  # RFC 3461
    "ENVID" : mail_id
}

type rcpt_params = params {
    "NOTIFY" : occasions  # RFC 3461
    "ORCPT"  : addressee
}

# Whom a client wants to be told of, and when (RFC 3461).
record wish {
    recipient : forward_path
    notify    : text  # empty where nothing was said
    orcpt     : text
}

record message {
    sender     : reverse_path
    utf8       : yes_no  # SMTPUTF8 was asked for
    via        : text    # how it came
    recipients : list of forward_path at most settings.max_recipients
    ret        : text  # RET, ENVID: what a notice shall hold; empty where nothing was said
    envid      : text
    wishes     : list of wish at most settings.max_recipients
    body       : octets at most settings.max_size
}

# ---- tables: values travel beside a statement, never inside it ---------------------------------------------------

sql mailbox(address: text) gives { full: yes_no } as
    "SELECT quota IS NOT NULL AND used >= quota AS full FROM mailboxes WHERE address = :address AND active = 1"

# Whoever wants to be told that a message has come; a program of the operator's tells them, and deletes the row.
sql notice(sender: text, recipient: text, orcpt: text, envid: text, ret: text, message: text) gives nothing as
    "INSERT INTO notices (sender, recipient, orcpt, envid, ret, message)"
    " VALUES (:sender, :recipient, :orcpt, :envid, :ret, :message)"

sql password_of(login: text) gives { hash: secret text } as
    "SELECT pw_hash AS hash FROM accounts WHERE login = :login"

# ---- states: each owns the facts named after `has`; what a state does not have is forgotten on the way to it -----

start state arrival "someone connected" {
    enter {
        if settings.blacklists is not empty and not peer.ip in settings.trusted {
            ask blacklist(peer.ip, settings.blacklists) within 5 seconds {
                listed(zone, why) {
                    log info "{peer.ip} is listed by {zone}: {why}"
                    reply 554 "{peer.ip} is listed by {zone}: {why}"
                    goto rejected
                }
                clean       { }
                failed(why) { log warning "blacklists: {why}; {peer.ip} is let in" }
            }
        }
        reply 220 "{settings.hostname} ESMTP ready"
        goto fresh
    }
}

state rejected                                         "refused at the door; only QUIT is left (RFC 5321 section 3.1)"
state fresh                                            "waiting for EHLO or HELO"
state ready    has client, spoken, user?               "greeted, no message begun"
state filling  has client, spoken, user?, mail, away?  "MAIL accepted, collecting recipients; away: for elsewhere"
state chunking has client, spoken, user?, mail, away?  "BDAT begun, more chunks to come"

# What EHLO offers.  A line with `if accepted` is there exactly when the command would be accepted.
offers capabilities {
    "PIPELINING"
    "8BITMIME"
    "ENHANCEDSTATUSCODES"
    "CHUNKING"
    "SMTPUTF8"
    "SIZE {settings.max_size}"
    "DSN"              if settings.dsn
    "STARTTLS"         if accepted
    "AUTH PLAIN LOGIN" if accepted
    "HELP"
}

# ---- greeting ----------------------------------------------------------------------------------------------------

during fresh, ready, filling, chunking {
    on "EHLO {name: helo_name}" {
        reply 250 {
            "{settings.hostname} greets {name}"
            each capabilities
        }
        goto ready with client = name, spoken = "ESMTP"
    }
    on "HELO {name: helo_name}" -> 250 "{settings.hostname}" goto ready with client = name, spoken = "SMTP"
}

# ---- encryption (RFC 3207): what was sent in the clear behind STARTTLS is thrown away ----------------------------

during fresh, ready {
    on "STARTTLS" when tls is absent {
        reply 220 2.0.0 "Go ahead"
        start tls then goto fresh
    }
    on "STARTTLS" when tls is present -> 503 5.5.1 "TLS is already on"
}

# ---- logging in (RFC 4954): only under TLS, once, and not inside a message ---------------------------------------

during ready {
    on "AUTH PLAIN[ {initial: secret base64 at most 12288 octets}]" alone when tls is present and user is absent and settings.accounts {
        let blob = initial else prompt 334 "" for secret base64 at most 12288 octets
        ask validate_plain(blob) using password_of within 10 seconds {
            accepted(login) { reply 235 2.7.0 "Welcome, {login}"  stay with user = login }
            rejected        { count logins  pause 2 seconds  reply 535 5.7.8 "Wrong name or password"  stay }
            malformed       { reply 501 5.5.2 "That is not what PLAIN sends"  stay }
            failed(why)     { log error "{why}"  reply 454 4.7.0 "Cannot check passwords just now"  stay }
        }
    }
    on "AUTH LOGIN[ {initial: base64 at most 400 octets}]" alone when tls is present and user is absent and settings.accounts {
        let name  = initial else prompt 334 "VXNlcm5hbWU6" for base64 at most 400 octets
        let guess = prompt 334 "UGFzc3dvcmQ6" for secret base64 at most 400 octets
        ask validate_login(name, guess) using password_of within 10 seconds {
            accepted(login) { reply 235 2.7.0 "Welcome, {login}"  stay with user = login }
            rejected        { count logins  pause 2 seconds  reply 535 5.7.8 "Wrong name or password"  stay }
            malformed       { reply 501 5.5.2 "That is not what LOGIN sends"  stay }
            failed(why)     { log error "{why}"  reply 454 4.7.0 "Cannot check passwords just now"  stay }
        }
    }
    on "AUTH {mechanism: mechanism}[ {response: secret text}]" when tls is present and user is absent and settings.accounts
        -> 504 5.5.4 "I know PLAIN and LOGIN, not {mechanism}"
    on "AUTH {mechanism: secret text}" when not settings.accounts
        -> 502 5.5.1 "Nobody logs in here"
    on "AUTH {mechanism: secret text}" when tls is absent and settings.accounts
        -> 538 5.7.11 "Say STARTTLS first"
    on "AUTH {mechanism: secret text}" when tls is present and user is present and settings.accounts
        -> 503 5.5.1 "You are logged in already"
}

# ---- the envelope ------------------------------------------------------------------------------------------------

during ready {
    on "MAIL FROM:[{blanks: blanks}]{sender: lenient_reverse_path}[ {parameters: mail_params at most 1000 octets}]" {
        # What the net writes and RFC 5321 section 4.1.2 does not; it is sent on as the RFC has it.
        require settings.lenient_addresses or (blanks is absent and strict(sender))
            else 501 5.1.7 "RFC 5321 writes neither blanks there nor addresses so"
        require parameters.unknown is empty
            else 555 5.5.4 "I do not know the parameter {parameters.unknown}"
        require parameters.auth is absent or tls is present
            else 555 5.5.4 "AUTH= is for sessions under TLS"
        require parameters.body is absent or parameters.body in ["7BIT", "8BITMIME"]
            else 555 5.5.4 "BODY is 7BIT or 8BITMIME, not {parameters.body}"
        require parameters.size is absent or parameters.size <= settings.max_size
            else 552 5.3.4 "Too big: the limit is {settings.max_size} octets"
        require settings.dsn or (parameters.ret is absent and parameters.envid is absent)
            else 555 5.5.4 "RET and ENVID belong to DSN, which is not offered"
        require ascii(sender) or parameters.smtputf8 is present
            else 553 5.6.7 "This sender needs SMTPUTF8"

        # A stranger's domain must take mail, so that it can be answered.  The null sender and address
        # literals have no domain.
        if settings.check_sender and sender.domain is present and user is absent and not peer.ip in settings.trusted {
            ask dig("MX", sender.domain) within 5 seconds {
                found(hosts) { require not "." in hosts else 550 5.7.27 "{sender.domain} takes no mail" }
                none {
                    ask dig("A", sender.domain) within 5 seconds {
                        found(addresses) { }
                        none {
                            ask dig("AAAA", sender.domain) within 5 seconds {
                                found(addresses) { }
                                none             { reply 550 5.1.8 "{sender.domain} does not exist"  stay }
                                failed(why)      { reply 451 4.4.3 "Cannot look up {sender.domain} just now"  stay }
                            }
                        }
                        failed(why) { reply 451 4.4.3 "Cannot look up {sender.domain} just now"  stay }
                    }
                }
                failed(why) { reply 451 4.4.3 "Cannot look up {sender.domain} just now"  stay }
            }
        }

        let ret   = parameters.ret else ""
        let envid = parameters.envid else ""
        reply 250 2.1.0 "Sender <{sender}> accepted"
        # How it came, for the trace header (RFC 3848, RFC 6531 section 4.3).
        if parameters.smtputf8 is present {
            if user is present { goto filling with mail = message { sender: sender, utf8: yes, via: "UTF8SMTPSA", ret: ret, envid: envid } }
            if tls is present  { goto filling with mail = message { sender: sender, utf8: yes, via: "UTF8SMTPS", ret: ret, envid: envid } }
            goto filling with mail = message { sender: sender, utf8: yes, via: "UTF8SMTP", ret: ret, envid: envid }
        }
        if user is present { goto filling with mail = message { sender: sender, utf8: no, via: "{spoken}SA", ret: ret, envid: envid } }
        if tls is present  { goto filling with mail = message { sender: sender, utf8: no, via: "{spoken}S", ret: ret, envid: envid } }
        goto filling with mail = message { sender: sender, utf8: no, via: spoken, ret: ret, envid: envid }
    }
}

during filling {
    # A line may be so much longer than others (RFC 3461 section 4.1, RFC 4954 section 3).
    on "RCPT TO:[{blanks: blanks}]{recipient: lenient_forward_path}[ {parameters: rcpt_params at most 1000 octets}]" {
        require settings.lenient_addresses or (blanks is absent and strict(recipient))
            else 501 5.1.3 "RFC 5321 writes neither blanks there nor addresses so"
        require parameters.unknown is empty
            else 555 5.5.4 "I do not know the parameter {parameters.unknown}"
        require settings.dsn or (parameters.notify is absent and parameters.orcpt is absent)
            else 555 5.5.4 "NOTIFY and ORCPT belong to DSN, which is not offered"
        require size(mail.recipients) < settings.max_recipients
            else 452 4.5.3 "Too many recipients"
        require ascii(recipient) or mail.utf8
            else 553 5.6.7 "This recipient needs SMTPUTF8"

        let wished = parameters.notify is present or parameters.orcpt is present
        let notify = parameters.notify else ""
        let orcpt  = parameters.orcpt else ""

        # Postmaster is always there (RFC 5321 section 4.5.1).
        if recipient.local == "postmaster" and (recipient.domain is absent or recipient.domain in settings.our_domains) {
            require away is absent else 452 4.5.3 "<{recipient}> in a message of its own: the others are elsewhere"
            add recipient to mail.recipients
            if wished { add wish { recipient: recipient, notify: notify, orcpt: orcpt } to mail.wishes }
            reply 250 2.1.5 "Recipient <{recipient}> accepted"
            stay
        }

        # Mail for elsewhere goes out for those we trust and those who logged in.  One message goes one way: the
        # client sends it again to the recipients that were put off (RFC 5321 section 4.5.3.1.10).
        if settings.outbound is present and (user is present or peer.ip in settings.trusted)
            and recipient.domain is present and not recipient.domain in settings.our_domains {
            require mail.recipients is empty or away is present
                else 452 4.5.3 "<{recipient}> in a message of its own: the others are here"
            add recipient to mail.recipients
            if wished { add wish { recipient: recipient, notify: notify, orcpt: orcpt } to mail.wishes }
            reply 250 2.1.5 "Recipient <{recipient}> accepted, to be sent on"
            stay with away = yes
        }
        require recipient.domain is present and recipient.domain in settings.our_domains
            else 550 5.7.1 "I take no mail for <{recipient}>"
        require away is absent
            else 452 4.5.3 "<{recipient}> in a message of its own: the others are elsewhere"

        if settings.check_mailbox {
            ask mailbox(recipient.address) within 3 seconds {
                row(box)    { require not box.full else 452 4.2.2 "The mailbox <{recipient}> is full" }
                failed(why) { log error "{why}"  reply 451 4.3.0 "Cannot look up <{recipient}> just now"  stay }
                none {
                    let plain = until(recipient.local, settings.detail)
                    if plain is empty or plain == recipient.local {
                        # Who is not known to us may be trying out names.
                        if settings.count_guesses and user is absent and not peer.ip in settings.trusted { count guesses }
                        reply 550 5.1.1 "There is no mailbox <{recipient}>"  stay
                    }
                    ask mailbox("{plain}@{recipient.domain}") within 3 seconds {
                        row(box)    { require not box.full else 452 4.2.2 "The mailbox <{recipient}> is full" }
                        failed(why) { log error "{why}"  reply 451 4.3.0 "Cannot look up <{recipient}> just now"  stay }
                        none {
                            if settings.count_guesses and user is absent and not peer.ip in settings.trusted { count guesses }
                            reply 550 5.1.1 "There is no mailbox <{recipient}>"  stay
                        }
                    }
                }
            }
        }
        add recipient to mail.recipients
        if wished { add wish { recipient: recipient, notify: notify, orcpt: orcpt } to mail.wishes }
        reply 250 2.1.5 "Recipient <{recipient}> accepted"
        stay
    }
}

# ---- the message -------------------------------------------------------------------------------------------------

during filling {
    # Alone: the message must wait for the 354, so that it never becomes commands where DATA is refused.
    on "DATA" alone {
        require mail.recipients is not empty else 503 5.5.1 "No recipient yet: RCPT first"
        say 354 "Go ahead; end with a line that holds a single dot"
        receive dotted lines into mail.body at most settings.max_size {
            complete    { run store }
            too_big     { reply 552 5.3.4 "Too big: the limit is {settings.max_size} octets"  goto ready }
            failed(why) { log error "{why}"  reply 452 4.3.1 "No room for the message just now"  goto ready }
        }
    }
}

during filling, chunking {
    # RFC 3030.  The chunk belongs to the command: whatever is decided, the next line is a command again.
    on "BDAT {count: size}[ {last: last_mark}]"
        followed by count octets as chunk at most settings.max_size
        else 552 5.3.4 "Too big: the limit is {settings.max_size} octets" goto ready
        failed(why) 452 4.3.1 "No room for the message just now" goto ready
    {
        require mail.recipients is not empty else 503 5.5.1 "No recipient yet: RCPT first"
        require size(mail.body) + count <= settings.max_size
            else 552 5.3.4 "Too big: the limit is {settings.max_size} octets" goto ready
        add chunk to mail.body
        if last is present { run store }
        reply 250 2.0.0 "{count} octets received"
        goto chunking
    }
}

# A message is kept, or refused, or the client is asked to come back: never anything else.
routine store needs client, mail, away? {
    ask count_header(mail.body, "Received") within 30 seconds {
        counted(hops) {
            require hops <= settings.max_hops else 554 5.4.6 "Too many hops: this message runs in a circle" goto ready
        }
        failed(why) { log error "{why}"  reply 451 4.3.0 "Try again later"  goto ready }
    }
    prepend header "Received" {
        "from {client} ([{peer.literal}])"
        "by {settings.hostname} with {mail.via} id {session.id};"
        "{now}"
    } to mail
    if away is present and settings.outbound is present {
        # Accepted here means: accepted there.
        ask deliver(mail, settings.outbound) within 5 minutes {
            stored(answer) {
                log info "sent on: {answer}; from <{mail.sender}> for {size(mail.recipients)}, {size(mail.body)} octets"
                reply 250 2.6.0 "Sent on: {answer}"
                goto ready
            }
            refused(why) { log warning "{why}"  reply 554 5.6.0 "Not accepted: {why}"  goto ready }
            failed(why)  { log error "{why}"  reply 451 4.4.0 "Cannot be sent on just now; try again later"  goto ready }
        }
    }
    prepend header "Return-Path" "<{mail.sender}>" to mail
    ask deliver(mail, settings.inbox) within 60 seconds {
        stored(id) {
            log info "stored {id} from <{mail.sender}> for {size(mail.recipients)}, {size(mail.body)} octets"
            for each one in mail.wishes within 10 seconds {
                if settings.dsn and "SUCCESS" in one.notify and mail.sender.domain is present {
                    ask notice(mail.sender.address, one.recipient.address, one.orcpt, mail.envid, mail.ret, id) within 3 seconds {
                        done        { }
                        failed(why) { log error "<{mail.sender}> is not told that <{one.recipient}> has {id}: {why}" }
                    }
                }
            }
            reply 250 2.6.0 "Stored as {id}"
            goto ready
        }
        refused(why) { log warning "{why}"  reply 554 5.6.0 "Not accepted: {why}"  goto ready }
        failed(why)  { log error "{why}"  reply 451 4.3.0 "Try again later"  goto ready }
    }
}

# ---- the rest ----------------------------------------------------------------------------------------------------

during ready, filling, chunking {
    on "RSET" -> 250 2.0.0 "Forgotten" goto ready
}
during fresh {
    on "RSET" -> 250 2.0.0 "Nothing to forget"
}

during fresh, ready, filling, chunking {
    on "NOOP[ {rest: text}]" -> 250 2.0.0 "OK"
    on "HELP[ {rest: text}]" -> 214 2.0.0 "Commands here: {commands}"
    on "VRFY {who: text}"    -> 252 2.5.0 "Send mail and see"
    on "EXPN {list: text}"   -> 502 5.5.1 "Lists are not shown here"
}

during rejected {
    # Without an enhanced code, since this answers EHLO, too.
    on "{line: text}" { count mistakes  reply 503 "You were refused; only QUIT is left"  stay }
}

anytime {
    on "QUIT" -> 221 2.0.0 "{settings.hostname} says goodbye" close
}

# ---- what nobody above claimed: with it, every line in every state has an answer ---------------------------------

unexpected {
    out of order { count mistakes per flight  reply 503 5.5.1 "Not now; try {expected}"  stay }
    bad arguments {
        count mistakes per flight
        # The answers to these two carry no enhanced code (RFC 2034 section 4).
        if verb in ["EHLO", "HELO"] { reply 501 "Usage: {usage}"  stay }
        reply 501 5.5.2 "Usage: {usage}"
        stay
    }
    unknown command { count mistakes  reply 500 5.5.2 "I do not know that command"  stay }
    cancelled       -> 501 5.7.0 "Cancelled"
    bad answer      -> 501 5.5.2 "That is not base64 text"
    jumped queue    -> 503 5.5.0 "Wait for my answer first" close
    # Whoever makes a browser or another server send a request here must not have its body carried out.
    foreign "GET" "HEAD" "POST" "PUT" "PATCH" "DELETE" "OPTIONS" "TRACE" "CONNECT" "PRI"
        -> 421 4.7.0 "I speak no HTTP" close
}

limits {
    line                { count mistakes  reply 500 5.5.2 "Line too long"  stay }
    idle     5 minutes  -> 421 4.4.2 "Idle too long" close
    session  60 minutes -> 421 4.4.2 "Session too long" close
    logins   3          -> 421 4.7.0 "Too many failed logins" close
    guesses  10         -> 421 4.7.0 "Too many mistakes" close
    mistakes 10         -> 421 4.7.0 "Too many mistakes" close
    talking early within settings.greet_delay
        -> 554 "You must let me speak first" close
    shutdown -> 421 4.3.2 "{settings.hostname} is closing down; come back soon" close
    full     -> 421 "{settings.hostname} is full; come back soon" close
    broken   -> 421 4.3.0 "A fault of ours; come back later" close
}

# ---- the other role: clients of other servers --------------------------------------------------------------------

# Is there a mail server that is alive?
public client mta_live(host: text, port: number = 25)
    gives alive(banner: text) | refused(status: number) | strange
{
    connect to host port port within 10 seconds
    await within 10 seconds {
        220 "{banner: text}" { send "QUIT"  give alive(banner) }
        4xx as status        { send "QUIT"  give refused(status) }
        5xx as status        { send "QUIT"  give refused(status) }
        otherwise            { send "QUIT"  give strange }
    }
}

# Hands a message to the next server; used by sinks in config.yaml, and by `saywhen send`.  Without `starttls`, TLS is
# used where it is offered, whatever the certificate (RFC 7435); with it, or with a login, the certificate must be good,
# unless `unverified`.  With `implicit`, and on port 465, TLS begins with the first octet; with `clear` it never begins.
# Who says nothing for 40 seconds, and not on port 25, is taken to wait for TLS.
# What that server says against the message is `refused`; what it says against us is `failed`.
public client send(host: text, port: number, from: reverse_path, to: list of forward_path, body: octets,
    eight_bit: yes_no = no, ret: text = "", envid: text = "", wishes: list of wish = [], implicit: yes_no = no, starttls: yes_no = no,
    clear: yes_no = no, unverified: yes_no = no, login: text = "", password: secret text = "")
    gives stored(answer: text) | refused(why: text)
{
    connect to host port port within 30 seconds
    # TLS from the first octet (RFC 8314 section 3.3): asked for, so the certificate counts.
    if not clear and (implicit or port == 465) {
        if unverified { start tls unverified } else { start tls }
    }
    await within 40 seconds {
        220 { }
        silent {
            if tls is absent and not clear and port != 25 {
                # Perhaps it waits for us to begin TLS (RFC 8314 section 3.3), on a port of its own.
                log info "{host} says nothing on port {port}: TLS begins with the first octet"
                if unverified or (not starttls and login is empty) { start tls unverified } else { start tls }
            }
            await within 1 minute { 220 { }  otherwise as answer { send "QUIT"  give failed(answer) } }
        }
        otherwise as answer { send "QUIT"  give failed(answer) }
    }
    send "EHLO {settings.hostname}"
    await within 1 minute {
        250 lines as offers { }
        5xx lines as offers {
            send "HELO {settings.hostname}"  # older than EHLO, and still to be tried (RFC 5321 section 2.2.1)
            await within 1 minute { 250 lines as offers { }  otherwise as answer { send "QUIT"  give failed(answer) } }
        }
        otherwise as answer { send "QUIT"  give failed(answer) }
    }

    if tls is absent and not clear and offered(offers, "STARTTLS") {
        send "STARTTLS"
        await within 1 minute {
            220 {
                if unverified or (not starttls and login is empty) { start tls unverified } else { start tls }
                send "EHLO {settings.hostname}"  # what was offered in the clear counts no more
                await within 1 minute { 250 lines as offers { }  otherwise as answer { send "QUIT"  give failed(answer) } }
            }
            # Without TLS, unless it is demanded (RFC 3207 section 4, RFC 7435).
            otherwise as answer {
                if starttls or implicit or login is not empty { send "QUIT"  give failed(answer) }
                log warning "{host} offers TLS and does not begin it: {answer}; the message goes in the clear"
            }
        }
    }
    if tls is absent and (starttls or implicit) { send "QUIT"  give failed("{host} offers no TLS") }

    if login is not empty {
        if tls is present {
            if offered(offers, "AUTH PLAIN") {
                send "AUTH PLAIN {plain(login, password)}"
            } else {
                if not offered(offers, "AUTH LOGIN") {
                    send "QUIT"
                    give failed("{host} takes no password by AUTH PLAIN or AUTH LOGIN")
                }
                send "AUTH LOGIN"
                await within 1 minute { 334 { }  otherwise as answer { send "QUIT"  give failed(answer) } }
                send "{base64(login)}"
                await within 1 minute { 334 { }  otherwise as answer { send "QUIT"  give failed(answer) } }
                send "{base64(password)}"
            }
            await within 1 minute { 235 { }  otherwise as answer { send "QUIT"  give failed(answer) } }
        } else {
            send "QUIT"
            give failed("{host} offers no TLS, and a password never travels in the clear")
        }
    }

    if eight_bit and not offered(offers, "8BITMIME") { send "QUIT"  give refused("{host} takes no 8-bit mail") }
    # Nobody would tell the sender that the message has come (RFC 3461 section 5.2.2).
    for each one in wishes {
        if "SUCCESS" in one.notify and not offered(offers, "DSN") { send "QUIT"  give refused("{host} gives no notices (DSN)") }
    }
    if not (ascii(from) and ascii(to)) and not offered(offers, "SMTPUTF8") {
        send "QUIT"
        give refused("{host} takes no UTF-8 addresses")
    }
    send {
        "MAIL FROM:<{from}>"
        " SIZE={size(body)}" if offered(offers, "SIZE")
        " BODY=8BITMIME"     if eight_bit
        " SMTPUTF8"          if not ascii(from) or not ascii(to)
        " RET={ret}"         if ret is not empty and offered(offers, "DSN")
        " ENVID={envid}"     if envid is not empty and offered(offers, "DSN")
    }
    await within 5 minutes {
        2xx                    { }
        5xx "{why: text}" as n { send "QUIT"  give refused("{n} {why}") }
        otherwise as answer    { send "QUIT"  give failed(answer) }
    }
    # All of them or none: who hands the message to us gets one answer.
    for each recipient in to {
        find one in wishes where one.recipient == recipient
        send {
            "RCPT TO:<{recipient}>"
            " NOTIFY={one.notify}" if one is present and one.notify is not empty and offered(offers, "DSN")
            " ORCPT={one.orcpt}"   if one is present and one.orcpt is not empty and offered(offers, "DSN")
        }
        await within 5 minutes {
            2xx                    { }
            5xx "{why: text}" as n { send "QUIT"  give refused("<{recipient}>: {n} {why}") }
            otherwise as answer    { send "QUIT"  give failed("<{recipient}>: {answer}") }
        }
    }
    send "DATA"
    await within 2 minutes {
        354                    { }
        5xx "{why: text}" as n { send "QUIT"  give refused("{n} {why}") }
        otherwise as answer    { send "QUIT"  give failed(answer) }
    }
    send dotted lines from body
    await within 10 minutes {
        250 "{answer: text}"   { send "QUIT"  give stored(answer) }
        5xx "{why: text}" as n { send "QUIT"  give refused("{n} {why}") }
        otherwise as answer    { send "QUIT"  give failed(answer) }
    }
}

# ---- promises ----------------------------------------------------------------------------------------------------

promise "passwords travel only under TLS"        { never ask validate_plain unless tls is present }
promise "nor by the other door"                  { never ask validate_login unless tls is present }
promise "nobody is asked for one in the clear"   { never reply 334 unless tls is present }
promise "welcome is who was checked"             { never reply 235 unless validate_plain answered accepted or validate_login answered accepted }
promise "nobody logs in twice"                   { never reply 235 unless user is absent }
promise "no message without a sender"            { never ask deliver unless mail is present }
promise "no message without a recipient"         { never ask deliver unless mail.recipients is not empty }
promise "nobody is told to go ahead for nothing" { never reply 354 unless mail.recipients is not empty }
promise "no message runs in a circle"            { never ask deliver unless count_header answered counted }
promise "not an open relay" {
    never add to mail.recipients unless user is present
        or peer.ip in settings.trusted or recipient.domain in settings.our_domains
        or recipient.local == "postmaster"
}
