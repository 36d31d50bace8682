-- The tables of the embedded database. Applied once, when its file is made.

-- Who may log in. `pw_hash` is a line of crypt(3), or {SCHEME}hash; `saywhen passwd` makes one.
CREATE TABLE accounts (
    login    TEXT PRIMARY KEY COLLATE NOCASE,
    pw_hash  TEXT NOT NULL
);

-- For protocols/policy.proto.dsl: who asked to send what, and when; whose mail went to how many recipients.
CREATE TABLE greylist (
    net        TEXT NOT NULL,
    sender     TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    seen_at    INTEGER NOT NULL
);
CREATE INDEX greylist_by_network ON greylist (net, sender, recipient);
CREATE INDEX greylist_by_age ON greylist (seen_at);
CREATE TABLE sent (
    login    TEXT NOT NULL COLLATE NOCASE,
    sent_at  INTEGER NOT NULL
);
CREATE INDEX sent_by_login ON sent (login, sent_at);
CREATE INDEX sent_by_age ON sent (sent_at);

-- Who receives mail, where a listener sets `check_mailbox`. A mailbox without a quota is never full.
CREATE TABLE mailboxes (
    address  TEXT PRIMARY KEY COLLATE NOCASE,
    active   INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    quota    INTEGER CHECK (quota >= 0),
    used     INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0)
);

-- Who wants to be told that a message has come (RFC 3461), where a listener sets `dsn`. Whoever tells them deletes the row.
CREATE TABLE notices (
    number     INTEGER PRIMARY KEY,
    stored_at  TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    sender     TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    orcpt      TEXT NOT NULL,
    envid      TEXT NOT NULL,
    ret        TEXT NOT NULL,
    message    TEXT NOT NULL
);
