-- The tables of the embedded database. Applied once, when its file is made.

-- Who may log in. `pw_hash` is a line of crypt(3), or {SCHEME}hash; `saywhen passwd` makes one.
CREATE TABLE accounts (
    login    TEXT PRIMARY KEY COLLATE NOCASE,
    pw_hash  TEXT NOT NULL
);

-- Who receives mail, where a listener sets `check_mailbox`. A mailbox without a quota is never full.
CREATE TABLE mailboxes (
    address  TEXT PRIMARY KEY COLLATE NOCASE,
    active   INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    quota    INTEGER CHECK (quota >= 0),
    used     INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0)
);
