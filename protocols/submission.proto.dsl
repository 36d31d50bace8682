# Take mail from our own users, for anywhere (RFC 6409): under TLS, and after a login.

protocol submission from smtp "Mail submission" version 1 edition 1

settings {
    outbound = "outbound"  # where mail for elsewhere goes: a sink of that name must be there
}

before on "MAIL" {
    require tls is present else 530 5.7.0 "Say STARTTLS first"  # RFC 3207 section 4
    require user is present else 530 5.7.0 "Log in first"       # RFC 4954 section 6
}

override promise "not an open relay" { never add to mail.recipients unless user is present }
