# Keep Sieve scripts: RFC 5804.  The scripts of an account are files in the sink `scripts`; the one that bears the mark is
# the active one.  Nothing here reads a script: see docs/conformance/managesieve.md.

protocol managesieve "ManageSieve" version 1 edition 1

settings {
    hostname : domain = local.name
    scripts  : sink   = "scripts"  # whose path has {local_part} in it: each account has scripts of its own
    script   : size   = 256 KB     # the longest script
    all      : size   = 2 MB       # the most octets of one account's scripts
    count    : number = 50         # the most scripts of one account
    language : text   = "fileinto reject envelope vacation imap4flags"
    clear    : yes_no = no  # may passwords travel without TLS?  For a test on one machine, say
}

wire {
    lines    crlf at most 2000 octets
    reply    "{status} {text}" continued "{text}"
    say      "{text}"
    prompt   "{text}"
    answers  OK
    refusal  NO, BYE
    cancel   "\"*\""
    literals at most 4 KB  # RFC 5804 section 4: who sends octets to a server does not wait
    pipeline yes
    verbs "AUTHENTICATE" "STARTTLS" "LOGOUT" "CAPABILITY" "HAVESPACE" "PUTSCRIPT" "LISTSCRIPTS" "SETACTIVE" "GETSCRIPT"
        "DELETESCRIPT" "RENAMESCRIPT" "CHECKSCRIPT" "NOOP" "UNAUTHENTICATE"
}

sql password_of(login: text) gives { hash: secret text } as
    "SELECT pw_hash AS hash FROM accounts WHERE login = :login"

offers capabilities {
    "\"IMPLEMENTATION\" \"saywhen\""
    "\"SASL\" \"PLAIN\"" if tls is present or settings.clear
    "\"SASL\" \"\""      if tls is absent and not settings.clear
    "\"SIEVE\" {quoted(settings.language)}"
    "\"STARTTLS\""       if tls is absent
    "\"MAXREDIRECTS\" \"0\""
    "\"UNAUTHENTICATE\""
    "\"VERSION\" \"1.0\""
}

# ---- states -------------------------------------------------------------------------------------------------------

start state arrival {
    enter { reply OK { each capabilities  "{quoted(settings.hostname)}" }  goto stranger }
}

# RFC 5804 section 2.2: the capabilities are said again under TLS.
state secured {
    enter { reply OK { each capabilities  "\"TLS is on\"" }  goto stranger }
}

state stranger "nobody has logged in" {
    on "STARTTLS" alone when tls is absent { reply OK "\"Begin TLS\""  start tls then goto secured }
    on "STARTTLS" when tls is present      -> NO "\"TLS is on already\""

    on "AUTHENTICATE \"PLAIN\"[ {initial: secret string at most 1000}]" when tls is present or settings.clear {
        let blob = initial else prompt "\"\"" for secret string at most 1000 octets
        ask validate_plain(blob) using password_of within 10 seconds {
            accepted(account) { reply OK "\"Welcome\""  goto inside with user = account }
            rejected          { count logins  pause 2 seconds  reply NO "\"Wrong name or password\""  stay }
            malformed         { reply NO "\"That is no PLAIN response\""  stay }
            failed(why)       { log error "{why}"  reply NO "(TRYLATER) \"Cannot check just now\""  stay }
        }
    }
    on "AUTHENTICATE \"PLAIN\"[ {initial: secret string at most 1000}]" when tls is absent and not settings.clear
        -> NO "(ENCRYPT-NEEDED) \"Say STARTTLS first\""
    on "AUTHENTICATE {mechanism: string}[ {initial: secret string at most 1000}]"
        -> NO "{quoted("There is no mechanism {mechanism}")}"
}

state inside has user "scripts" {
    on "LISTSCRIPTS" {
        ask file_list(settings.scripts, user) within 10 seconds {
            listed(found) {
                for each s in found.files { say "{quoted(s.name)}{" ACTIVE" if s.marked}" }
                reply OK "\"{size(found.files)} scripts\""
                stay
            }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The scripts cannot be read\""  stay }
        }
    }

    on "HAVESPACE {name: string at most 64} {n: number}" {
        require name is not empty else NO "\"A script has a name\""
        require n <= settings.script else NO "(QUOTA/MAXSIZE) \"A script has {settings.script} octets at the most\""
        ask file_list(settings.scripts, user) within 10 seconds {
            listed(found) {
                # One of that name would be replaced: it takes neither a place nor room of its own.
                find former in found.files where former.name == name
                if former is present {
                    require found.octets - former.octets + n <= settings.all else NO "(QUOTA) \"There is no room for so much\""
                } else {
                    require size(found.files) < settings.count else NO "(QUOTA/MAXSCRIPTS) \"There are {settings.count} scripts already\""
                    require found.octets + n <= settings.all else NO "(QUOTA) \"There is no room for so much\""
                }
                reply OK "\"There is room\""
                stay
            }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The scripts cannot be read\""  stay }
        }
    }

    on "PUTSCRIPT {name: string at most 64}"
        followed by literal as text at most settings.script
        else NO "(QUOTA/MAXSIZE) \"A script has {settings.script} octets at the most\""
        failed(why) NO "(TRYLATER) \"The script cannot be kept\""
    {
        require name is not empty else NO "\"A script has a name\""
        ask file_list(settings.scripts, user) within 10 seconds {
            listed(found) {
                find former in found.files where former.name == name
                if former is present {
                    require found.octets - former.octets + size(text) <= settings.all else NO "(QUOTA) \"There is no room for so much\""
                } else {
                    require size(found.files) < settings.count else NO "(QUOTA/MAXSCRIPTS) \"There are {settings.count} scripts already\""
                    require found.octets + size(text) <= settings.all else NO "(QUOTA) \"There is no room for so much\""
                }
            }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The scripts cannot be read\""  stay }
        }
        ask file_write(settings.scripts, user, name, text) within 30 seconds {
            written     { reply OK "\"It is kept\""  stay }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The script cannot be kept\""  stay }
        }
    }
    on "PUTSCRIPT {name: string at most 64} {text: quoted}" {
        require name is not empty else NO "\"A script has a name\""
        require size(text) <= settings.script else NO "(QUOTA/MAXSIZE) \"A script has {settings.script} octets at the most\""
        ask file_list(settings.scripts, user) within 10 seconds {
            listed(found) {
                find former in found.files where former.name == name
                if former is present {
                    require found.octets - former.octets + size(text) <= settings.all else NO "(QUOTA) \"There is no room for so much\""
                } else {
                    require size(found.files) < settings.count else NO "(QUOTA/MAXSCRIPTS) \"There are {settings.count} scripts already\""
                    require found.octets + size(text) <= settings.all else NO "(QUOTA) \"There is no room for so much\""
                }
            }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The scripts cannot be read\""  stay }
        }
        ask file_write(settings.scripts, user, name, text) within 30 seconds {
            written     { reply OK "\"It is kept\""  stay }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The script cannot be kept\""  stay }
        }
    }

    # What may be kept is fine; that nobody has read it is said as a warning (RFC 5804 section 1.3).
    on "CHECKSCRIPT"
        followed by literal as text at most settings.script
        else NO "(QUOTA/MAXSIZE) \"A script has {settings.script} octets at the most\""
        failed(why) NO "(TRYLATER) \"The script cannot be read\""
        -> OK "(WARNINGS) \"This server keeps scripts and reads none; {size(text)} octets came\""
    on "CHECKSCRIPT {text: quoted}" {
        require size(text) <= settings.script else NO "(QUOTA/MAXSIZE) \"A script has {settings.script} octets at the most\""
        reply OK "(WARNINGS) \"This server keeps scripts and reads none; {size(text)} octets came\""
        stay
    }

    on "GETSCRIPT {name: string at most 64}" {
        ask file_fetch(settings.scripts, user, name) within 10 seconds {
            found(text) { say "{{{size(text)}}}" octets text then crlf  reply OK "\"That is it\""  stay }
            none        { reply NO "(NONEXISTENT) \"There is no such script\""  stay }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The script cannot be read\""  stay }
        }
    }

    on "SETACTIVE {name: string at most 64}" {
        ask file_mark(settings.scripts, user, name) within 10 seconds {
            marked      { reply OK "\"So be it\""  stay }
            none        { reply NO "(NONEXISTENT) \"There is no such script\""  stay }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"That cannot be written down\""  stay }
        }
    }

    on "DELETESCRIPT {name: string at most 64}" {
        ask file_list(settings.scripts, user) within 10 seconds {
            listed(found) {
                find s in found.files where s.name == name else NO "(NONEXISTENT) \"There is no such script\""
                require not s.marked else NO "(ACTIVE) \"The active script stays\""
            }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The scripts cannot be read\""  stay }
        }
        ask file_delete(settings.scripts, user, name) within 10 seconds {
            deleted     { reply OK "\"It is gone\""  stay }
            none        { reply NO "(NONEXISTENT) \"There is no such script\""  stay }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The script cannot be removed\""  stay }
        }
    }

    on "RENAMESCRIPT {name: string at most 64} {new: string at most 64}" {
        require new is not empty else NO "\"A script has a name\""
        ask file_rename(settings.scripts, user, name, new) within 10 seconds {
            renamed     { reply OK "\"It is\""  stay }
            none        { reply NO "(NONEXISTENT) \"There is no such script\""  stay }
            taken       { reply NO "(ALREADYEXISTS) \"Another script has that name\""  stay }
            failed(why) { log error "{why}"  reply NO "(TRYLATER) \"The script cannot be renamed\""  stay }
        }
    }

    on "UNAUTHENTICATE" -> OK "\"Who are you?\"" goto stranger
}

during stranger, inside {
    on "CAPABILITY" { reply OK { each capabilities  "\"That is all\"" }  stay }
    on "NOOP[ {tag: string}]" {
        if tag is present { reply OK "(TAG {quoted(tag)}) \"Here\""  stay }
        reply OK "\"Here\""
        stay
    }
}
anytime { on "LOGOUT" -> OK "\"Goodbye\"" close }

# ---- everything else -----------------------------------------------------------------------------------------------

unexpected {
    out of order    { count mistakes per flight  reply NO "\"Not now; try {expected}\""  stay }
    bad arguments   { count mistakes per flight  reply NO "{quoted("Usage: {usage}")}"  stay }
    unknown command { count mistakes  reply NO "\"I know {commands}\""  stay }
    cancelled       -> NO "\"As you like\""
    bad answer      { count mistakes  reply NO "\"That is no string\""  stay }
    jumped queue    -> BYE "\"Wait for the answer to STARTTLS\"" close
    foreign "GET" "HEAD" "POST" "PUT" "PATCH" "DELETE" "OPTIONS" "TRACE" "CONNECT" "PRI"
        -> BYE "\"I speak no HTTP\"" close
}

limits {
    line                -> BYE "\"The line is too long\"" close
    idle     30 minutes -> BYE "\"Idle for too long\"" close  # RFC 5804 section 1.2
    session  8 hours    -> BYE "\"The session has lasted long enough\"" close
    logins   3          -> BYE "\"Too many failed logins\"" close
    mistakes 20         -> BYE "\"Too many mistakes\"" close
    shutdown            -> BYE "(TRYLATER) \"The server is closing down\"" close
    full                -> BYE "(TRYLATER) \"Too many sessions\"" close
    broken              -> BYE "(TRYLATER) \"A fault of ours\"" close
}

promise "passwords travel only under TLS, unless the operator says otherwise" {
    never ask validate_plain unless tls is present or settings.clear
}
promise "no script is kept for a stranger"             { never ask file_write unless user is present }
promise "no script is shown to a stranger"             { never ask file_fetch unless user is present }
promise "what is to bear the mark belongs to somebody" { never ask file_mark unless user is present }
