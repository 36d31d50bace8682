-- The tables of data/schema.sql for MySQL and MariaDB.

-- Who may log in. `pw_hash` is a line of crypt(3), or {SCHEME}hash; `saywhen passwd` makes one.
CREATE TABLE accounts (
    login    VARCHAR(255) COLLATE utf8mb4_general_ci PRIMARY KEY,
    pw_hash  VARCHAR(255) NOT NULL
);

-- For protocols/policy.proto.dsl: who asked to send what, and when; whose mail went to how many recipients.
CREATE TABLE greylist (
    net        VARCHAR(64) NOT NULL,
    sender     VARCHAR(255) NOT NULL,
    recipient  VARCHAR(255) NOT NULL,
    seen_at    BIGINT NOT NULL
);
CREATE INDEX greylist_by_network ON greylist (net, sender, recipient);
CREATE INDEX greylist_by_age ON greylist (seen_at);
CREATE TABLE sent (
    login    VARCHAR(255) COLLATE utf8mb4_general_ci NOT NULL,
    sent_at  BIGINT NOT NULL
);
CREATE INDEX sent_by_login ON sent (login, sent_at);
CREATE INDEX sent_by_age ON sent (sent_at);

-- Who receives mail, where a listener sets `check_mailbox`. A mailbox without a quota is never full.
CREATE TABLE mailboxes (
    address  VARCHAR(255) COLLATE utf8mb4_general_ci PRIMARY KEY,
    active   TINYINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    quota    BIGINT CHECK (quota >= 0),
    used     BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0)
);

-- Who wants to be told that a message has come (RFC 3461), where a listener sets `dsn`. Whoever tells them deletes the row.
CREATE TABLE notices (
    number     BIGINT AUTO_INCREMENT PRIMARY KEY,
    stored_at  TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    sender     VARCHAR(1000) NOT NULL,
    recipient  VARCHAR(1000) NOT NULL,
    orcpt      VARCHAR(1600) NOT NULL,
    envid      VARCHAR(300) NOT NULL,
    ret        VARCHAR(4) NOT NULL,
    message    VARCHAR(255) NOT NULL
);
