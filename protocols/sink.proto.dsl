# A server for tests: takes every message for every address, and keeps it where `inbox` says; a sink that discards
# makes it the other end of a null client.  Two addresses are refused by their names, so that a client can be tried.

protocol sink from smtp "A server for tests" version 1 edition 1

settings {
    accounts = no  # whoever comes may write to everybody
}

before on "RCPT" {
    require recipient.local != "refused" else 550 5.1.1 "<{recipient}> is refused, as its name says"
    require recipient.local != "later" else 451 4.3.0 "<{recipient}> comes later, as its name says"
    if parameters.unknown is empty and (settings.dsn or (parameters.notify is absent and parameters.orcpt is absent))
        and size(mail.recipients) < settings.max_recipients and (ascii(recipient) or mail.utf8) {
        add recipient to mail.recipients
        reply 250 2.1.5 "Recipient <{recipient}> accepted"
        stay
    }
}

override promise "not an open relay" { never ask deliver unless away is absent }
