# Read mail where it lies: a part of RFC 3501, large enough to log in, list, select, fetch, flag, append and expunge, with
# LITERAL+ (RFC 7888), SASL-IR (RFC 4959), STARTTLS and AUTH=PLAIN.  What is not served: docs/conformance/imap.md.
#
# An account has one mailbox, INBOX: the place in the sink `inbox` where a message for it would go, the same that POP3 has.

protocol imap "Internet Message Access Protocol, a part" version 1 edition 1

settings {
    hostname : domain = local.name
    inbox    : sink   = "inbox"  # whose path has {local_part} in it: each account has a mailbox of its own
    message  : size   = 35 MB    # the longest message that is appended
    clear    : yes_no = no       # may passwords travel without TLS?  For a test on one machine, say
}

wire {
    lines    crlf at most 8192 octets
    command  "{tag: tag} {command}" else "*"
    reply    "{tag} {status} {text}"
    say      "* {text}"
    prompt   "+ {text}"
    answers  OK
    refusal  NO, BAD
    cancel   "*"
    literals at most 8 KB asked "+ Go on"
    pipeline yes
    verbs "CAPABILITY" "NOOP" "LOGOUT" "STARTTLS" "AUTHENTICATE" "LOGIN" "SELECT" "EXAMINE" "CREATE" "DELETE" "RENAME"
        "SUBSCRIBE" "UNSUBSCRIBE" "LIST" "LSUB" "STATUS" "APPEND" "CHECK" "CLOSE" "UNSELECT" "EXPUNGE" "SEARCH" "FETCH"
        "STORE" "COPY" "UID"
}

type tag       = 1*32(%x21 / %x23-24 / %x26-27 / %x2C-5B / %x5D-7A / %x7C / %x7E)
type mechanism = 1*20(ALPHA / DIGIT / "-" / "_")
type ranges    = range *("," range)
type range     = place [":" place]
type place     = "*" / 1*10DIGIT
type item      = "FLAGS" / "UID" / "RFC822.SIZE" / "INTERNALDATE" / "RFC822" / "RFC822.HEADER" / "BODY[]" / "BODY.PEEK[]" / "BODY[HEADER]" / "BODY.PEEK[HEADER]"
type counter   = "MESSAGES" / "RECENT" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN"
type flag      = ["\"] 1*20(ALPHA / "$" / "-" / "_")
type change    = ["+" / "-"] "FLAGS" [".SILENT"]
type key       = "ALL" / "SEEN" / "UNSEEN" / "DELETED" / "UNDELETED" / "ANSWERED" / "UNANSWERED" / "FLAGGED" / "UNFLAGGED" / "NEW" / "RECENT" / "DRAFT" / "UNDRAFT"

record hits { numbers: list of number at most 100000 }
record marks { names: list of text at most 100000 }

sql password_of(login: text) gives { hash: secret text } as
    "SELECT pw_hash AS hash FROM accounts WHERE login = :login"

offers abilities {
    "IMAP4rev1"
    "LITERAL+"
    "SASL-IR"
    "UNSELECT"
    "STARTTLS"      if accepted
    "AUTH=PLAIN"    if tls is present or settings.clear
    "LOGINDISABLED" if tls is absent and not settings.clear
}

# ---- states -------------------------------------------------------------------------------------------------------

start state arrival { enter { say "OK [CAPABILITY {abilities}] {settings.hostname} ready"  silent  goto stranger } }

state stranger "nobody has logged in" {
    on "STARTTLS" alone when tls is absent { reply OK "Begin TLS"  start tls then goto stranger }
    on "STARTTLS" when tls is present      -> BAD "TLS is on already"

    on "LOGIN {who: astring at most 255} {guess: secret astring at most 255}" when tls is present or settings.clear {
        ask check_password(who, guess) using password_of within 10 seconds {
            accepted(account) { reply OK "Welcome"  goto inside with user = account }
            rejected          { count logins  pause 2 seconds  reply NO "[AUTHENTICATIONFAILED] Wrong name or password"  stay }
            malformed         { reply NO "[AUTHENTICATIONFAILED] That is no name and password"  stay }
            failed(why)       { log error "{why}"  reply NO "[UNAVAILABLE] Cannot check just now"  stay }
        }
    }
    on "LOGIN {who: astring at most 255} {guess: secret astring at most 255}" when tls is absent and not settings.clear
        -> NO "[PRIVACYREQUIRED] Say STARTTLS first"

    on "AUTHENTICATE PLAIN[ {initial: secret base64 at most 1000}]" when tls is present or settings.clear {
        let blob = initial else prompt "" for secret base64 at most 1000 octets
        ask validate_plain(blob) using password_of within 10 seconds {
            accepted(account) { reply OK "Welcome"  goto inside with user = account }
            rejected          { count logins  pause 2 seconds  reply NO "[AUTHENTICATIONFAILED] Wrong name or password"  stay }
            malformed         { reply BAD "That is no PLAIN response"  stay }
            failed(why)       { log error "{why}"  reply NO "[UNAVAILABLE] Cannot check just now"  stay }
        }
    }
    on "AUTHENTICATE PLAIN[ {initial: secret base64 at most 1000}]" when tls is absent and not settings.clear
        -> NO "[PRIVACYREQUIRED] Say STARTTLS first"
    on "AUTHENTICATE {other: mechanism}[ {initial: secret text}]" -> NO "There is no mechanism {other}"
}

state inside has user "logged in"

# `box` is the mailbox as this session numbers it; `open` is whether it may be changed.
state selected has user, box, open "a mailbox is open" {
    on "CHECK"    -> OK "Checked"
    on "UNSELECT" -> OK "Nothing is open" goto inside

    override on "NOOP" {
        ask mailbox_changes(settings.inbox, user, box) within 30 seconds {
            changed(there, gone) {
                for each n in gone { say "{n} EXPUNGE" }
                if size(there.messages) != size(box.messages) - size(gone) { say "{size(there.messages)} EXISTS" }
                reply OK "Done"
                goto selected with box = there
            }
            failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] The mailbox cannot be read"  stay }
        }
    }

    on "FETCH {set: ranges} ({items: list of item})"     { goto fetching with wanted = chosen(box.messages, "number", set), items = items }
    on "FETCH {set: ranges} {one: item}"                 { goto fetching with wanted = chosen(box.messages, "number", set), items = [one] }
    on "UID FETCH {set: ranges} ({items: list of item})" { goto fetching with wanted = chosen(box.messages, "uid", set), items = items }
    on "UID FETCH {set: ranges} {one: item}"             { goto fetching with wanted = chosen(box.messages, "uid", set), items = [one] }

    on "STORE {set: ranges} {how: change} ([{flags: list of flag}])" when open {
        let given = flags else []
        goto storing with wanted = chosen(box.messages, "number", set), how = how, given = given
    }
    on "UID STORE {set: ranges} {how: change} ([{flags: list of flag}])" when open {
        let given = flags else []
        goto storing with wanted = chosen(box.messages, "uid", set), how = how, given = given
    }
    on "STORE {rest: text}" when not open     -> NO "[READ-ONLY] The mailbox was opened by EXAMINE"
    on "UID STORE {rest: text}" when not open -> NO "[READ-ONLY] The mailbox was opened by EXAMINE"

    on "SEARCH {key: key}"     { goto searching with key = key, by_uid = no }
    on "UID SEARCH {key: key}" { goto searching with key = key, by_uid = yes }

    on "EXPUNGE" when open     { goto expunging with closing = no }
    on "EXPUNGE" when not open -> NO "[READ-ONLY] The mailbox was opened by EXAMINE"
    on "CLOSE" when open       { goto expunging with closing = yes }
    on "CLOSE" when not open   -> OK "Nothing is open" goto inside

    on "COPY {rest: text}"     -> NO "[CANNOT] There is one mailbox"
    on "UID COPY {rest: text}" -> NO "[CANNOT] There is one mailbox"
}

# RFC 3501 section 7.4.2: what is not asked for may be said, too; the UID always is.
state fetching has user, box, open, wanted, items {
    enter {
        let heads = "BODY[HEADER]" in items or "BODY.PEEK[HEADER]" in items or "RFC822.HEADER" in items
        let whole = "BODY[]" in items or "BODY.PEEK[]" in items or "RFC822" in items
        let reads = open and ("BODY[]" in items or "BODY[HEADER]" in items or "RFC822" in items)
        for each m in wanted within 30 minutes {
            if not heads and not whole {
                say "{m.number} FETCH (UID {m.uid}{" FLAGS ({joined(m.flags, "\\", " ")})" if "FLAGS" in items}{" RFC822.SIZE {m.octets}" if "RFC822.SIZE" in items}{" INTERNALDATE {quoted(date(m.received, "DD-Mon-YYYY HH:mm:SS +0000"))}" if "INTERNALDATE" in items})"
            }
            if heads {
                ask mailbox_head(settings.inbox, user, m, 0) within 30 seconds {
                    found(text) {
                        say "{m.number} FETCH (UID {m.uid}{" FLAGS ({joined(m.flags, "\\", " ")})" if "FLAGS" in items}{" RFC822.SIZE {m.octets}" if "RFC822.SIZE" in items}{" INTERNALDATE {quoted(date(m.received, "DD-Mon-YYYY HH:mm:SS +0000"))}" if "INTERNALDATE" in items} {"RFC822.HEADER" if "RFC822.HEADER" in items}{"BODY[HEADER]" if not ("RFC822.HEADER" in items)} {{{size(text)}}}" octets text then ")"
                    }
                    none        { reply NO "[EXPUNGEISSUED] A message is gone"  goto selected }
                    failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] A message cannot be read"  goto selected }
                }
            }
            if whole {
                ask mailbox_fetch(settings.inbox, user, m) within 30 seconds {
                    found(text) {
                        say "{m.number} FETCH (UID {m.uid}{" FLAGS ({joined(m.flags, "\\", " ")})" if "FLAGS" in items}{" RFC822.SIZE {m.octets}" if "RFC822.SIZE" in items}{" INTERNALDATE {quoted(date(m.received, "DD-Mon-YYYY HH:mm:SS +0000"))}" if "INTERNALDATE" in items} {"RFC822" if "RFC822" in items}{"BODY[]" if not ("RFC822" in items)} {{{size(text)}}}" octets text then ")"
                    }
                    none        { reply NO "[EXPUNGEISSUED] A message is gone"  goto selected }
                    failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] A message cannot be read"  goto selected }
                }
            }
            if reads and not m.seen {
                ask mailbox_flag(settings.inbox, user, m, "add", ["Seen"]) within 10 seconds {
                    flagged(flags) { say "{m.number} FETCH (UID {m.uid} FLAGS ({joined(flags, "\\", " ")}))" }
                    none           { }
                    failed(why)    { log error "{why}" }
                }
            }
        }
        if reads { goto settled with text = "Fetched" }
        reply OK "Fetched"
        goto selected
    }
}

# Flags have changed: the session's list learns them, and no number moves.
state settled has user, box, open, text {
    enter {
        ask mailbox_refresh(settings.inbox, user, box) within 30 seconds {
            refreshed(fresh) { reply OK "{text}"  goto selected with box = fresh }
            failed(why)      { log error "{why}"  reply NO "[UNAVAILABLE] The mailbox cannot be read"  goto selected }
        }
    }
}

state storing has user, box, open, wanted, how, given {
    enter {
        for each m in wanted within 10 minutes {
            if how == "FLAGS" or how == "FLAGS.SILENT" {
                ask mailbox_flag(settings.inbox, user, m, "set", given) within 10 seconds {
                    flagged(flags) { if how == "FLAGS" { say "{m.number} FETCH (UID {m.uid} FLAGS ({joined(flags, "\\", " ")}))" } }
                    none           { }
                    failed(why)    { log error "{why}"  reply NO "[UNAVAILABLE] Flags cannot be changed"  goto selected }
                }
            }
            if how == "+FLAGS" or how == "+FLAGS.SILENT" {
                ask mailbox_flag(settings.inbox, user, m, "add", given) within 10 seconds {
                    flagged(flags) { if how == "+FLAGS" { say "{m.number} FETCH (UID {m.uid} FLAGS ({joined(flags, "\\", " ")}))" } }
                    none           { }
                    failed(why)    { log error "{why}"  reply NO "[UNAVAILABLE] Flags cannot be changed"  goto selected }
                }
            }
            if how == "-FLAGS" or how == "-FLAGS.SILENT" {
                ask mailbox_flag(settings.inbox, user, m, "remove", given) within 10 seconds {
                    flagged(flags) { if how == "-FLAGS" { say "{m.number} FETCH (UID {m.uid} FLAGS ({joined(flags, "\\", " ")}))" } }
                    none           { }
                    failed(why)    { log error "{why}"  reply NO "[UNAVAILABLE] Flags cannot be changed"  goto selected }
                }
            }
        }
        goto settled with text = "Stored"
    }
}

state searching has user, box, open, key, by_uid {
    enter {
        let found = hits { numbers: [] }
        for each m in box.messages {
            let fits = key == "ALL"
                or key == "SEEN" and m.seen or key == "UNSEEN" and not m.seen
                or key == "DELETED" and "Deleted" in m.flags or key == "UNDELETED" and not ("Deleted" in m.flags)
                or key == "ANSWERED" and "Answered" in m.flags or key == "UNANSWERED" and not ("Answered" in m.flags)
                or key == "FLAGGED" and "Flagged" in m.flags or key == "UNFLAGGED" and not ("Flagged" in m.flags)
                or key == "DRAFT" and "Draft" in m.flags or key == "UNDRAFT" and not ("Draft" in m.flags)
                or key == "RECENT" and m.fresh or key == "NEW" and m.fresh and not m.seen
            if fits {
                if by_uid { add m.uid to found.numbers } else { add m.number to found.numbers }
            }
        }
        say "SEARCH{joined(found.numbers, " ", "")}"
        reply OK "Searched"
        goto selected
    }
}

# One session at a time takes messages out: the lock is that of POP3.
state expunging has user, box, open, closing {
    enter {
        let doomed = marks { names: [] }
        ask mailbox_lock(settings.inbox, user) within 10 seconds {
            locked      { }
            busy        { reply NO "[INUSE] Another session has the mailbox"  goto selected }
            failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] The mailbox cannot be opened"  goto selected }
        }
        ask mailbox_refresh(settings.inbox, user, box) within 30 seconds {
            refreshed(fresh) {
                for each m in fresh.messages {
                    if "Deleted" in m.flags { add m.name to doomed.names }
                }
            }
            failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] The mailbox cannot be read"  goto selected }
        }
        ask mailbox_expunge(settings.inbox, user, doomed.names) within 60 seconds {
            expunged(count) { log info "{user} took {count} messages out" }
            failed(why)     { log error "{why}"  reply NO "[UNAVAILABLE] Some messages were not taken out"  goto selected }
        }
        ask mailbox_release(settings.inbox, user) within 10 seconds {
            released    { }
            failed(why) { log error "{why}" }
        }
        if closing { reply OK "Nothing is open"  goto inside }
        ask mailbox_changes(settings.inbox, user, box) within 30 seconds {
            changed(there, gone) {
                for each n in gone { say "{n} EXPUNGE" }
                if size(there.messages) != size(box.messages) - size(gone) { say "{size(there.messages)} EXISTS" }
                reply OK "Taken out"
                goto selected with box = there
            }
            failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] The mailbox cannot be read"  goto selected }
        }
    }
}

state opening has user, changes "a mailbox is being opened" {
    enter {
        ask mailbox_list(settings.inbox, user) within 30 seconds {
            listed(found) {
                say "{size(found.messages)} EXISTS"
                say "{found.fresh} RECENT"
                say "FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)"
                say "OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)] These stay"
                say "OK [UIDVALIDITY {found.validity}] UIDs are valid"
                say "OK [UIDNEXT {found.next}] The next UID"
                reply OK "{"[READ-WRITE]" if changes}{"[READ-ONLY]" if not changes} INBOX is open"
                goto selected with box = found, open = changes
            }
            failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] The mailbox cannot be read"  goto inside }
        }
    }
}

during inside, selected {
    on "SELECT {name: astring at most 255}" {
        require name == "INBOX" else NO "[NONEXISTENT] There is INBOX, and no other" goto inside
        goto opening with changes = yes
    }
    on "EXAMINE {name: astring at most 255}" {
        require name == "INBOX" else NO "[NONEXISTENT] There is INBOX, and no other" goto inside
        goto opening with changes = no
    }

    on "LIST {reference: astring at most 255} {pattern: astring at most 255}" {
        if pattern is empty                         { say "LIST (\\Noselect) \"/\" \"\"" }
        if matches("INBOX", "{reference}{pattern}") { say "LIST (\\HasNoChildren) \"/\" INBOX" }
        reply OK "Listed"
        stay
    }
    on "LSUB {reference: astring at most 255} {pattern: astring at most 255}" {
        if matches("INBOX", "{reference}{pattern}") { say "LSUB () \"/\" INBOX" }
        reply OK "Listed"
        stay
    }
    on "STATUS {name: astring at most 255} ({what: list of counter})" {
        require name == "INBOX" else NO "[NONEXISTENT] There is INBOX, and no other"
        ask mailbox_list(settings.inbox, user) within 30 seconds {
            listed(found) {
                say "STATUS INBOX (MESSAGES {size(found.messages)}{" RECENT {found.fresh}" if "RECENT" in what}{" UIDNEXT {found.next}" if "UIDNEXT" in what}{" UIDVALIDITY {found.validity}" if "UIDVALIDITY" in what}{" UNSEEN {found.unseen}" if "UNSEEN" in what})"
                reply OK "Counted"
                stay
            }
            failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] The mailbox cannot be read"  stay }
        }
    }
    on "APPEND {name: astring at most 255} [({flags: list of flag}) ][{date: quoted} ]"
        followed by literal as text at most settings.message
        else NO "[TOOBIG] A message has {settings.message} octets at the most"
        failed(why) NO "[UNAVAILABLE] The message cannot be kept"
    {
        require name == "INBOX" else NO "[TRYCREATE] There is INBOX, and no other"
        let given = flags else []
        ask mailbox_append(settings.inbox, user, text, given) within 60 seconds {
            appended    { reply OK "It is kept"  stay }
            failed(why) { log error "{why}"  reply NO "[UNAVAILABLE] The message cannot be kept"  stay }
        }
    }
    on "SUBSCRIBE {name: astring at most 255}" {
        require name == "INBOX" else NO "[NONEXISTENT] There is INBOX, and no other"
        reply OK "INBOX always is"
        stay
    }
    on "UNSUBSCRIBE {name: astring at most 255}"                       -> NO "[CANNOT] INBOX always is"
    on "CREATE {name: astring at most 255}"                            -> NO "[CANNOT] There is one mailbox"
    on "DELETE {name: astring at most 255}"                            -> NO "[CANNOT] There is one mailbox"
    on "RENAME {name: astring at most 255} {new: astring at most 255}" -> NO "[CANNOT] There is one mailbox"
}

anytime {
    on "CAPABILITY" { say "CAPABILITY {abilities}"  reply OK "That is all"  stay }
    on "NOOP"       -> OK "Done"
    on "LOGOUT"     { say "BYE Goodbye"  reply OK "Done"  close }
}

# ---- everything else -----------------------------------------------------------------------------------------------

unexpected {
    out of order    { count mistakes per flight  reply BAD "Not now; try {expected}"  stay }
    bad arguments   { count mistakes per flight  reply BAD "Usage: {usage}"  stay }
    unknown command { count mistakes  reply BAD "I know {commands}"  stay }
    cancelled       -> BAD "As you like"
    bad answer      { count mistakes  reply BAD "That is no base64"  stay }
    jumped queue    -> BAD "Wait for the answer to STARTTLS" close
    foreign "GET" "HEAD" "POST" "PUT" "PATCH" "DELETE" "OPTIONS" "TRACE" "CONNECT" "PRI" {
        say "BYE I speak no HTTP"
        silent
        close
    }
}

limits {
    line                { reply BAD "The line is too long"  close }
    idle     30 minutes { say "BYE Idle for too long"  silent  close }  # RFC 3501 section 5.4
    session  24 hours   { say "BYE The session has lasted long enough"  silent  close }
    logins   3          { say "BYE Too many failed logins"  reply NO "[AUTHENTICATIONFAILED] Too many failed logins"  close }
    mistakes 20         { say "BYE Too many mistakes"  reply BAD "Too many mistakes"  close }
    shutdown            { say "BYE [UNAVAILABLE] The server is closing down"  silent  close }
    full                { say "BYE [UNAVAILABLE] Too many sessions"  silent  close }
    broken              { say "BYE [SERVERBUG] A fault of ours"  silent  close }
}

promise "passwords travel only under TLS, unless the operator says otherwise" {
    never ask check_password unless tls is present or settings.clear
}
promise "so do responses of AUTHENTICATE"                            { never ask validate_plain unless tls is present or settings.clear }
promise "nothing is fetched before a login"                          { never ask mailbox_fetch unless user is present }
promise "nothing is changed in a mailbox that was opened to be read" { never in storing unless open }
promise "nothing is taken out of one"                                { never in expunging unless open }
