# Fetch mail: RFC 1939 with CAPA (RFC 2449), STLS (RFC 2595), AUTH (RFC 5034) and RESP-CODES, AUTH-RESP-CODE (RFC 3206).
#
# A maildrop is the place in the sink `inbox` where a message for the account would go.  One session at a time has it.

protocol pop3 "Post Office Protocol" version 1 edition 1

settings {
    hostname : domain = local.name
    inbox    : sink   = "inbox"  # whose path has {local_part} in it: each account has a maildrop of its own
    clear    : yes_no = no       # may passwords travel without TLS?  For a test on one machine, say
}

wire {
    lines    crlf at most 255 octets               # RFC 2449 section 4
    reply    "{status} {text}" at most 512 octets  # RFC 1939 section 3
    prompt   "+ {text}"
    listing  dotted
    answers  +OK
    refusal  -ERR
    cancel   "*"
    pipeline yes
    verbs    "USER" "PASS" "AUTH" "STLS" "CAPA" "STAT" "LIST" "UIDL" "RETR" "TOP" "DELE" "RSET" "NOOP" "QUIT"
}

type mechanism = 1*20(ALPHA / DIGIT / "-" / "_")

# What is to be taken out when the session ends with QUIT, and only then (RFC 1939 section 6).
record marks { names: list of text at most 100000 }

sql password_of(login: text) gives { hash: secret text } as
    "SELECT pw_hash AS hash FROM accounts WHERE login = :login"

offers capabilities {
    "STLS"       if accepted
    "USER"       if accepted
    "SASL PLAIN" if tls is present
    "SASL PLAIN" if settings.clear and tls is absent
    "TOP"
    "UIDL"
    "PIPELINING"
    "RESP-CODES"
    "AUTH-RESP-CODE"
    "IMPLEMENTATION saywhen"
}

# ---- states -------------------------------------------------------------------------------------------------------

start state arrival {
    enter { reply +OK "{settings.hostname} POP3 ready"  goto stranger }
}

state stranger "nobody has logged in" {
    on "STLS" when tls is absent  { reply +OK "Begin TLS"  start tls then goto stranger }
    on "STLS" when tls is present -> -ERR "TLS is on already"

    on "USER {name: text}" when tls is present or settings.clear     -> +OK "Now PASS" goto named with login = name
    on "USER {name: text}" when tls is absent and not settings.clear -> -ERR "[AUTH] Say STLS first"

    on "AUTH PLAIN[ {initial: secret base64 at most 1000}]" when tls is present or settings.clear {
        let blob = initial else prompt "" for secret base64 at most 1000 octets
        ask validate_plain(blob) using password_of within 10 seconds {
            accepted(account) { goto opening with user = account }
            rejected          { count logins  pause 2 seconds  reply -ERR "[AUTH] Wrong name or password"  stay }
            malformed         { reply -ERR "That is no PLAIN response"  stay }
            failed(why)       { log error "{why}"  reply -ERR "[SYS/TEMP] Cannot check just now"  stay }
        }
    }
    on "AUTH PLAIN[ {initial: secret base64 at most 1000}]" when tls is absent and not settings.clear
        -> -ERR "[AUTH] Say STLS first"
    on "AUTH {other: mechanism}[ {initial: secret text}]" -> -ERR "There is no mechanism {other}"
}

state named has login "a name was said, a password is wanted" {
    on "PASS {guess: secret text}" {
        ask check_password(login, guess) using password_of within 10 seconds {
            accepted(account) { goto opening with user = account }
            rejected          { count logins  pause 2 seconds  reply -ERR "[AUTH] Wrong name or password"  goto stranger }
            malformed         { reply -ERR "[AUTH] That is no password"  goto stranger }
            failed(why)       { log error "{why}"  reply -ERR "[SYS/TEMP] Cannot check just now"  goto stranger }
        }
    }
}

state opening has user "the maildrop is being locked" {
    enter {
        ask mailbox_lock(settings.inbox, user) within 10 seconds {
            locked      { }
            busy        { reply -ERR "[IN-USE] Another session has the maildrop"  goto stranger }
            failed(why) { log error "{why}"  reply -ERR "[SYS/TEMP] The maildrop cannot be opened"  goto stranger }
        }
        ask mailbox_list(settings.inbox, user) within 30 seconds {
            listed(found) {
                reply +OK "{size(found.messages)} messages, {found.octets} octets"
                goto inbox with whole = found, drop = found, octets = found.octets, doomed = marks { names: [] }
            }
            failed(why) { log error "{why}"  reply -ERR "[SYS/TEMP] The maildrop cannot be read"  close }
        }
    }
}

# `whole` is the maildrop as it was opened, `drop` what is left of it, `octets` the length of that.
state inbox has user, whole, drop, octets, doomed "transactions" {
    # However the session ends, another one may have the maildrop.
    leave {
        ask mailbox_release(settings.inbox, user) within 10 seconds {
            released    { }
            failed(why) { log error "{why}" }
        }
    }

    on "STAT" -> +OK "{size(drop.messages)} {octets}"

    on "LIST" -> +OK "{size(drop.messages)} messages" listing each m in drop.messages as "{m.number} {m.octets}"
    on "LIST {n: number}" {
        find m in drop.messages where m.number == n else -ERR "There is no message {n}"
        reply +OK "{m.number} {m.octets}"
        stay
    }

    on "UIDL" -> +OK "Here they are" listing each m in drop.messages as "{m.number} {whole.validity}.{m.uid}"
    on "UIDL {n: number}" {
        find m in drop.messages where m.number == n else -ERR "There is no message {n}"
        reply +OK "{m.number} {whole.validity}.{m.uid}"
        stay
    }

    on "RETR {n: number}" {
        find m in drop.messages where m.number == n else -ERR "There is no message {n}"
        ask mailbox_fetch(settings.inbox, user, m) within 30 seconds {
            found(text) { reply +OK "{m.octets} octets" listing text  stay }
            none        { reply -ERR "Message {n} is gone"  stay }
            failed(why) { log error "{why}"  reply -ERR "[SYS/TEMP] Message {n} cannot be read"  stay }
        }
    }
    on "TOP {n: number} {lines: number}" {
        find m in drop.messages where m.number == n else -ERR "There is no message {n}"
        ask mailbox_head(settings.inbox, user, m, lines) within 30 seconds {
            found(text) { reply +OK "The top of it" listing text  stay }
            none        { reply -ERR "Message {n} is gone"  stay }
            failed(why) { log error "{why}"  reply -ERR "[SYS/TEMP] Message {n} cannot be read"  stay }
        }
    }

    on "DELE {n: number}" {
        find m in drop.messages where m.number == n else -ERR "There is no message {n}"
        add m.name to doomed.names
        remove m from drop.messages
        reply +OK "Message {n} is marked"
        stay with octets = octets - m.octets
    }
    on "RSET" -> +OK "{size(whole.messages)} messages" goto inbox with drop = whole, octets = whole.octets, doomed = marks { names: [] }
    on "NOOP" -> +OK "Here"

    override on "QUIT" {
        if doomed.names is not empty {
            ask mailbox_expunge(settings.inbox, user, doomed.names) within 60 seconds {
                expunged(count) { log info "{user} took {count} messages out" }
                failed(why)     { log error "{why}"  reply -ERR "[SYS/TEMP] Some messages were not taken out"  close }
            }
        }
        reply +OK "Goodbye"
        close
    }
}

anytime {
    on "CAPA" -> +OK "What I can" listing capabilities
    on "QUIT" -> +OK "Goodbye" close
}

# ---- everything else -----------------------------------------------------------------------------------------------

unexpected {
    out of order    { count mistakes per flight  reply -ERR "Not now; try {expected}"  stay }
    bad arguments   { count mistakes per flight  reply -ERR "Usage: {usage}"  stay }
    unknown command { count mistakes  reply -ERR "I know {commands}"  stay }
    cancelled       -> -ERR "As you like"
    bad answer      { count mistakes  reply -ERR "That is no base64"  stay }
    foreign "GET" "HEAD" "POST" "PUT" "PATCH" "DELETE" "OPTIONS" "TRACE" "CONNECT" "PRI"
        -> -ERR "I speak no HTTP" close
}

limits {
    line                -> -ERR "The line is too long"
    idle     10 minutes -> -ERR "Idle for too long" close  # RFC 1939 section 3
    session  8 hours    -> -ERR "The session has lasted long enough" close
    logins   3          -> -ERR "[AUTH] Too many failed logins" close
    mistakes 20         -> -ERR "Too many mistakes" close
    shutdown            -> -ERR "[SYS/TEMP] The server is closing down" close
    full                -> -ERR "[SYS/TEMP] Too many sessions" close
    broken              -> -ERR "[SYS/TEMP] A fault of ours" close
}

promise "passwords travel only under TLS, unless the operator says otherwise" {
    never ask check_password unless tls is present or settings.clear
}
