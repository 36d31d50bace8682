-- The tables of data/schema.sql for PostgreSQL.

-- Logins and addresses are the same in any case.
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

-- Who may log in. `pw_hash` is a line of crypt(3), or {SCHEME}hash; `saywhen passwd` makes one.
CREATE TABLE accounts (
    login    text COLLATE nocase PRIMARY KEY,
    pw_hash  text NOT NULL
);

-- For protocols/policy.proto.dsl: who asked to send what, and when; whose mail went to how many recipients.
CREATE TABLE greylist (
    net        text NOT NULL,
    sender     text NOT NULL,
    recipient  text NOT NULL,
    seen_at    bigint NOT NULL
);
CREATE INDEX greylist_by_network ON greylist (net, sender, recipient);
CREATE INDEX greylist_by_age ON greylist (seen_at);
CREATE TABLE sent (
    login    text COLLATE nocase NOT NULL,
    sent_at  bigint NOT NULL
);
CREATE INDEX sent_by_login ON sent (login, sent_at);
CREATE INDEX sent_by_age ON sent (sent_at);

-- Who receives mail, where a listener sets `check_mailbox`. A mailbox without a quota is never full.
CREATE TABLE mailboxes (
    address  text COLLATE nocase PRIMARY KEY,
    active   smallint NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    quota    bigint CHECK (quota >= 0),
    used     bigint NOT NULL DEFAULT 0 CHECK (used >= 0)
);

-- Who wants to be told that a message has come (RFC 3461), where a listener sets `dsn`. Whoever tells them deletes the row.
CREATE TABLE notices (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stored_at  timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    sender     text NOT NULL,
    recipient  text NOT NULL,
    orcpt      text NOT NULL,
    envid      text NOT NULL,
    ret        text NOT NULL,
    message    text NOT NULL
);
