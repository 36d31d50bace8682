# Tells what somebody has written about themselves (RFC 1288): one line, one answer, and the connection ends.
#
# Whoever has a file in the folder is known by its name.  Who is here is told to nobody, and nothing is asked elsewhere.

protocol finger "The Finger User Information Protocol" version 1 edition 1

settings {
    plans: text = "plans"  # one of the folders of the configuration
}

wire {
    lines   crlf at most 512 octets
    reply   "{text}"
    listing plain
}

type user      = 1*64(ALPHA / DIGIT / "-" / "_" / ".")
type elsewhere = *VCHAR "@" *VCHAR

start state asking {
    on "[{who: user}]" {
        require who is present else "Whom do you mean? Nobody is told who is here" close
        goto telling with name = who
    }
    on "/W[ {who: user}]" {  # more, for who has more to tell; there is no more here (RFC 1288 section 2.5.4)
        require who is present else "Whom do you mean? Nobody is told who is here" close
        goto telling with name = who
    }
    on "{where: elsewhere}"    -> "Finger forwarding service denied" close  # RFC 1288 section 3.2.1
    on "/W {where: elsewhere}" -> "Finger forwarding service denied" close
}

state telling has name {
    enter {
        ask file_read(settings.plans, name) within 5 seconds {
            found(plan) { reply "{name} says:" listing plan  close }
            none        { reply "{name}: no such user"  close }
            failed(why) { log error "{why}"  reply "{name}: cannot be asked just now"  close }
        }
    }
}

unexpected {
    bad arguments -> "That is the name of nobody" close
}

limits {
    line               -> "That is the name of nobody" close
    idle    30 seconds -> "You ask nothing" close
    session 45 seconds -> "You ask nothing" close
    shutdown           -> "Cannot be asked just now" close
    full               -> "Cannot be asked just now" close
    broken             -> "Cannot be asked just now" close
}

promise "only who is named is looked up" {
    never ask file_read unless name is present
}
promise "nobody is told of without a name" {
    never in telling unless name is present
}
