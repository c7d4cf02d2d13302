-- TLS certificates by which the owners of accounts log in.
CREATE TABLE certificate (
    fingerprint TEXT PRIMARY KEY,        -- SHA-256 of the certificate, 64 small hexadecimal digits
    account TEXT NOT NULL,               -- the key of the account
    added REAL NOT NULL,                 -- seconds since 1970
    used REAL NOT NULL                   -- seconds since 1970; 0: nobody has logged in by it
) WITHOUT ROWID;

CREATE INDEX certificate_by_account ON certificate (account, added);
