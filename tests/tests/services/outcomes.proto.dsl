# A verb for each action, statement and client; each outcome has an answer that names it.

protocol outcomes "every outcome by name" version 1 edition 1

settings {
    inbox   : sink = "inbox"
    next    : sink = "next"
    nowhere : sink = "nowhere"
}

wire {
    lines   crlf at most 2000 octets
    reply   "{code} {text}" continued "{code}-{text}"
    refusal 4xx 5xx
}

record note {
    sender     : reverse_path
    recipients : list of forward_path at most 10
    body       : octets at most 1 MB
}

sql hash_of(login: text) gives { hash: secret text } as "SELECT hash FROM people WHERE login = :login"
sql colour_of(login: text) gives { colour: text } as "SELECT colour FROM people WHERE login = :login"
sql logins_of(colour: text) gives list of { login: text } at most 10 as
    "SELECT login FROM people WHERE colour = :colour ORDER BY login"
sql colours_from(login: text) gives list of { colour: text } at most 10 as
    "SELECT colour FROM people WHERE login >= :login ORDER BY login"
sql insert_person(login: text, colour: text) gives nothing as
    "INSERT INTO people (login, colour) VALUES (:login, :colour)"

start state open {
    enter { reply 220 "outcomes"  stay }

    # ---- names
    on "A {name: text}" {
        ask dig("A", name) within 5 seconds {
            found(list) { reply 250 "dig found {list}"  stay }
            none        { reply 550 "dig none"  stay }
            failed(why) { reply 451 "dig failed {why}"  stay }
        }
    }
    on "AAAA {name: text}" {
        ask dig("AAAA", name) within 5 seconds {
            found(list) { reply 250 "dig found {list}"  stay }
            none        { reply 550 "dig none"  stay }
            failed(why) { reply 451 "dig failed {why}"  stay }
        }
    }
    on "MX {name: text}" {
        ask dig("MX", name) within 5 seconds {
            found(list) { reply 250 "dig found {list}"  stay }
            none        { reply 550 "dig none"  stay }
            failed(why) { reply 451 "dig failed {why}"  stay }
        }
    }
    on "TXT {name: text}" {
        ask dig("TXT", name) within 5 seconds {
            found(list) { reply 250 "dig found {list}"  stay }
            none        { reply 550 "dig none"  stay }
            failed(why) { reply 451 "dig failed {why}"  stay }
        }
    }
    on "PTR {address: ip}" {
        ask dig("PTR", address) within 5 seconds {
            found(list) { reply 250 "dig found {list}"  stay }
            none        { reply 550 "dig none"  stay }
            failed(why) { reply 451 "dig failed {why}"  stay }
        }
    }
    on "NAME {address: ip}" {
        ask verified_name(address) within 5 seconds {
            found(name) { reply 250 "verified_name found {name}"  stay }
            none        { reply 550 "verified_name none"  stay }
            failed(why) { reply 451 "verified_name failed {why}"  stay }
        }
    }
    on "LISTED {address: ip} {zone: word}" {
        ask blacklist(address, [zone]) within 5 seconds {
            listed(zone, why) { reply 250 "blacklist listed {zone} {why}"  stay }
            clean             { reply 550 "blacklist clean"  stay }
            failed(why)       { reply 451 "blacklist failed {why}"  stay }
        }
    }

    # ---- passwords
    on "PLAIN {blob: secret base64}" {
        ask validate_plain(blob) using hash_of within 10 seconds {
            accepted(login) { reply 250 "validate_plain accepted {login}"  stay }
            rejected        { reply 550 "validate_plain rejected"  stay }
            malformed       { reply 501 "validate_plain malformed"  stay }
            failed(why)     { reply 451 "validate_plain failed {why}"  stay }
        }
    }
    on "LOGIN {login: base64}" {
        let guess = prompt 334 "" for secret base64
        ask validate_login(login, guess) using hash_of within 10 seconds {
            accepted(login) { reply 250 "validate_login accepted {login}"  stay }
            rejected        { reply 550 "validate_login rejected"  stay }
            malformed       { reply 501 "validate_login malformed"  stay }
            failed(why)     { reply 451 "validate_login failed {why}"  stay }
        }
    }
    on "CHECK {login: text}" {
        let guess = prompt 334 "" for secret text
        ask check_password(login, guess) using hash_of within 10 seconds {
            accepted(login) { reply 250 "check_password accepted {login}"  stay }
            rejected        { reply 550 "check_password rejected"  stay }
            malformed       { reply 501 "check_password malformed"  stay }
            failed(why)     { reply 451 "check_password failed {why}"  stay }
        }
    }

    # ---- statements
    on "ROW {login: text}" {
        ask colour_of(login) within 5 seconds {
            row(r)      { reply 250 "row row {r.colour}"  stay }
            none        { reply 550 "row none"  stay }
            failed(why) { reply 451 "row failed {why}"  stay }
        }
    }
    on "ROWS {colour: text}" {
        ask logins_of(colour) within 5 seconds {
            rows(found) { reply 250 "rows rows {size(found)}"  stay }
            none        { reply 550 "rows none"  stay }
            failed(why) { reply 451 "rows failed {why}"  stay }
        }
    }
    on "FROM {login: text}" {
        ask colours_from(login) within 5 seconds {
            rows(found) { reply 250 "rows rows {size(found)}"  stay }
            none        { reply 550 "rows none"  stay }
            failed(why) { reply 451 "rows failed {why}"  stay }
        }
    }
    on "INSERT {login: word} {colour: word}" {
        ask insert_person(login, colour) within 5 seconds {
            done(count) { reply 250 "nothing done {count}"  stay }
            failed(why) { reply 451 "nothing failed {why}"  stay }
        }
    }

    # ---- messages
    on "HOPS {count: size}"
        followed by count octets as chunk at most 1 MB
        else 552 "too big" stay
        failed(why) 452 "{why}" stay
    {
        ask count_header(chunk, "Received") within 5 seconds {
            counted(n)  { reply 250 "count_header counted {n}"  stay }
            failed(why) { reply 451 "count_header failed {why}"  stay }
        }
    }
    on "HURRY {count: size}"
        followed by count octets as chunk at most 1 MB
        else 552 "too big" stay
        failed(why) 452 "{why}" stay
    {
        ask count_header(chunk, "Received") within 0 seconds {
            counted(n)  { reply 250 "count_header counted {n}"  stay }
            failed(why) { reply 451 "count_header failed {why}"  stay }
        }
    }
    on "KEEP {from: reverse_path} {to: forward_path} {count: size}"
        followed by count octets as chunk at most 1 MB
        else 552 "too big" stay
        failed(why) 452 "{why}" stay
    {
        ask deliver(note { sender: from, recipients: [to], body: chunk }, settings.inbox)
            within 10 seconds {
            stored(id)   { reply 250 "deliver stored {id}"  stay }
            refused(why) { reply 554 "deliver refused {why}"  stay }
            failed(why)  { reply 451 "deliver failed {why}"  stay }
        }
    }
    on "PASS {from: reverse_path} {to: forward_path} {count: size}"
        followed by count octets as chunk at most 1 MB
        else 552 "too big" stay
        failed(why) 452 "{why}" stay
    {
        ask deliver(note { sender: from, recipients: [to], body: chunk }, settings.next)
            within 10 seconds {
            stored(id)   { reply 250 "deliver stored {id}"  stay }
            refused(why) { reply 554 "deliver refused {why}"  stay }
            failed(why)  { reply 451 "deliver failed {why}"  stay }
        }
    }
    on "LOSE {from: reverse_path} {to: forward_path} {count: size}"
        followed by count octets as chunk at most 1 MB
        else 552 "too big" stay
        failed(why) 452 "{why}" stay
    {
        ask deliver(note { sender: from, recipients: [to], body: chunk }, settings.nowhere)
            within 10 seconds {
            stored(id)   { reply 250 "deliver stored {id}"  stay }
            refused(why) { reply 554 "deliver refused {why}"  stay }
            failed(why)  { reply 451 "deliver failed {why}"  stay }
        }
    }
    on "HAND {from: reverse_path} {to: forward_path} {count: size}"
        followed by count octets as chunk at most 1 MB
        else 552 "too big" stay
        failed(why) 452 "{why}" stay
    {
        ask deliver_to(note { sender: from, recipients: [to], body: chunk }, to, settings.inbox)
            within 10 seconds {
            stored(id)   { reply 250 "deliver_to stored {id}"  stay }
            refused(why) { reply 554 "deliver_to refused {why}"  stay }
            failed(why)  { reply 451 "deliver_to failed {why}"  stay }
        }
    }
    on "GIVE {from: reverse_path} {to: forward_path} {count: size}"
        followed by count octets as chunk at most 1 MB
        else 552 "too big" stay
        failed(why) 452 "{why}" stay
    {
        ask deliver_to(note { sender: from, recipients: [to], body: chunk }, to, settings.next)
            within 10 seconds {
            stored(id)   { reply 250 "deliver_to stored {id}"  stay }
            refused(why) { reply 554 "deliver_to refused {why}"  stay }
            failed(why)  { reply 451 "deliver_to failed {why}"  stay }
        }
    }
    on "DROP {from: reverse_path} {to: forward_path} {count: size}"
        followed by count octets as chunk at most 1 MB
        else 552 "too big" stay
        failed(why) 452 "{why}" stay
    {
        ask deliver_to(note { sender: from, recipients: [to], body: chunk }, to, settings.nowhere)
            within 10 seconds {
            stored(id)   { reply 250 "deliver_to stored {id}"  stay }
            refused(why) { reply 554 "deliver_to refused {why}"  stay }
            failed(why)  { reply 451 "deliver_to failed {why}"  stay }
        }
    }

    # ---- other servers
    on "ALIVE {host: word} {port: number}" {
        ask mta_live(host, port) within 5 seconds {
            alive(banner)   { reply 250 "mta_live alive {banner}"  stay }
            refused(status) { reply 550 "mta_live refused {status}"  stay }
            strange         { reply 550 "mta_live strange"  stay }
            failed(why)     { reply 451 "mta_live failed {why}"  stay }
        }
    }
    on "QUIT" -> 221 "bye" close
}

unexpected {
    out of order -> 503 "not now"  bad arguments -> 501 "{usage}"  unknown command -> 500 "what?"
    bad answer -> 501 "that is none"
}
limits {
    line -> 500 "too long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "session" close
    shutdown -> 421 "shutdown" close  full -> 421 "full" close  broken -> 421 "broken" close
}
