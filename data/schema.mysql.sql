-- The tables of data/schema.sql for MySQL and MariaDB.

-- Who may log in. `pw_hash` is a line of crypt(3), or {SCHEME}hash; `saywhen passwd` makes one.
CREATE TABLE accounts (
    login    VARCHAR(255) COLLATE utf8mb4_general_ci PRIMARY KEY,
    pw_hash  VARCHAR(255) NOT NULL
);

-- Who receives mail, where a listener sets `check_mailbox`. A mailbox without a quota is never full.
CREATE TABLE mailboxes (
    address  VARCHAR(255) COLLATE utf8mb4_general_ci PRIMARY KEY,
    active   TINYINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    quota    BIGINT CHECK (quota >= 0),
    used     BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0)
);
