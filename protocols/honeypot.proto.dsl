# Answers everything and keeps everything: every login is right, every recipient is ours, every command is known, and
# all of it is in the log.  Nothing is ever sent on.  Passwords are no secrets here: nobody has an account.

protocol honeypot from smtp "A honeypot" version 1 edition 1

settings {
    most_mistakes: number = 1000  # whoever makes more is no man and no mail server
}

before on "RCPT" {
    if size(mail.recipients) < settings.max_recipients {
        log info "{peer.ip} would send to <{recipient}>"
        add recipient to mail.recipients
        reply 250 2.1.5 "Recipient <{recipient}> accepted"
        stay
    }
}

# Logins are taken in the clear, too: who steals passwords tries them anywhere.
during ready {
    override on "AUTH PLAIN[ {initial: base64 at most 12288 octets}]" alone {
        let blob = initial else prompt 334 "" for base64 at most 12288 octets
        log info "{peer.ip} tries AUTH PLAIN {blob}"
        reply 235 2.7.0 "Welcome"
        stay with user = "nobody"
    }
    override on "AUTH LOGIN[ {initial: base64 at most 400 octets}]" alone {
        let name  = initial else prompt 334 "VXNlcm5hbWU6" for base64 at most 400 octets
        let guess = prompt 334 "UGFzc3dvcmQ6" for base64 at most 400 octets
        log info "{peer.ip} tries AUTH LOGIN {name} {guess}"
        reply 235 2.7.0 "Welcome"
        stay with user = "nobody"
    }
    override on "AUTH {mechanism: mechanism}[ {response: text}]" -> 504 5.5.4 "I know PLAIN and LOGIN, not {mechanism}"
}

during fresh, ready, filling, chunking {
    override on "VRFY {who: text}"  { log info "{peer.ip} asks for {who}"  reply 252 2.5.0 "Send mail and see"  stay }
    override on "EXPN {list: text}" { log info "{peer.ip} asks for {list}"  reply 252 2.5.0 "Send mail and see"  stay }
}

override unexpected {
    unknown command { log info "{peer.ip} says {line}"  reply 250 2.0.0 "OK"  stay }
}

override limits {
    mistakes settings.most_mistakes -> 421 4.7.0 "Too many mistakes" close
}

# Who steals passwords is asked for them in the clear, is welcome with any, and as often as he likes.
remove promise "nobody is asked for one in the clear", "welcome is who was checked", "nobody logs in twice"

override promise "not an open relay" { never ask deliver unless away is absent }
