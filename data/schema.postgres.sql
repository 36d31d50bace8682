-- The tables of data/schema.sql for PostgreSQL.

-- Logins and addresses are the same in any case.
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

-- Who may log in. `pw_hash` is a line of crypt(3), or {SCHEME}hash; `saywhen passwd` makes one.
CREATE TABLE accounts (
    login    text COLLATE nocase PRIMARY KEY,
    pw_hash  text NOT NULL
);

-- Who receives mail, where a listener sets `check_mailbox`. A mailbox without a quota is never full.
CREATE TABLE mailboxes (
    address  text COLLATE nocase PRIMARY KEY,
    active   smallint NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    quota    bigint CHECK (quota >= 0),
    used     bigint NOT NULL DEFAULT 0 CHECK (used >= 0)
);
