# The mistakes of the Ruby ancestors, transcribed; every one must be refused.
protocol smtp_ruby "ssltransportagent/net-receiver, transcribed" version 1
settings { hostname : domain = "mail.example.com" }
wire { lines crlf at most 1000 octets   reply "{code} {text}" continued "{code}-{text}" }
sql hash_of(login: text) gives { hash: secret text } as "SELECT h AS hash FROM a WHERE login = :login"
record message { sender : text  recipients : list of text  body : octets }

start state level1 { enter { reply 220 2.0.0 "{settings.hostname} ESMTP"  goto level1b } }
state level0
state level1b
state level2 has client
state level3 has client, mail
state level9

during level1b, level2, level3 {
    on "EHLO{name: text}" { reply 250 "Hello"  goto level2 with client = name }
    on "RSET" { reply 250 2.0.0 "Reset OK"  goto level0 }
    on "VRFY {who: text}" { log info "252 2.5.1 Administrative prohibition"  stay }
    on "AUTH PLAIN {blob: base64}" {
        ask validate_plain(blob) using hash_of within 10 seconds {
            accepted(who) { reply 235 2.0.0 "Authentication succeeded"  stay }
            rejected      { reply 530 5.7.5 "Authentication failed"  stay }
        }
    }
}
during level2 {
    on "STARTTLS" { reply 220 2.0.0 "TLS go ahead"  start tls then goto level2 }
    on "MAIL FROM:{s: text}" { reply 250 2.0.0 "OK"  goto level3 }
}
during level3 {
    on "RCPT TO:{r: text}" { add r to mail.recipients  reply 250 2.0.0 "OK"  stay }
    on "DATA" {
        if mail.recipients is empty { reply 501 5.5.1 "no valid recipient" }
        say 354 "Enter message"
        receive dotted lines into mail.body at most 10 MB { complete { reply 250 "OK"  goto level2 } }
    }
}
anytime { on "QUIT" -> 221 2.0.0 "closing" close }
promise "passwords travel only under TLS" { never ask validate_plain unless tls is present }
