-- What became of each message, a row for each of its recipients. Read by SQLite, MariaDB and PostgreSQL alike.
CREATE TABLE journal (
    at         BIGINT NOT NULL,          -- seconds since 1970
    session    VARCHAR(100) NOT NULL,    -- as in the log
    peer       VARCHAR(45) NOT NULL,     -- the address it came from
    name       VARCHAR(255),             -- the name of that address, where it leads back to it
    helo       VARCHAR(255) NOT NULL,    -- the name that it gave itself
    tls        VARCHAR(20),              -- the version; NULL: in the clear
    sender     VARCHAR(320) NOT NULL,    -- empty: nobody
    recipient  VARCHAR(320) NOT NULL,
    octets     BIGINT NOT NULL,
    result     VARCHAR(20) NOT NULL,     -- stored, refused, too big, failed
    id         VARCHAR(255)              -- where it was stored
);
