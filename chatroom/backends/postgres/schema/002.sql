-- TLS certificates by which the owners of accounts log in. A daemon of the version before, which does not know them,
-- drops them together with the account.
CREATE TABLE certificate (
    fingerprint text COLLATE "C" PRIMARY KEY,  -- SHA-256 of the certificate, 64 small hexadecimal digits
    account text COLLATE "C" NOT NULL REFERENCES account (key) ON DELETE CASCADE,
    added double precision NOT NULL,
    used double precision NOT NULL       -- 0: nobody has logged in by it
);

CREATE INDEX certificate_by_account ON certificate (account, added);
