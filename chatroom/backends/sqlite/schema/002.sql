-- What an account is in the whole house: a name of chatroom.events.HouseRole in lower case.
ALTER TABLE account ADD COLUMN role TEXT NOT NULL DEFAULT 'none';

-- Who did what to whom by the powers of the house. No password, token or talk is in it.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    who TEXT NOT NULL,                   -- as shown; '(shell)' for chatroom-admin
    who_key TEXT NOT NULL,               -- folded, as is the next one
    target_key TEXT NOT NULL,
    act TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE INDEX audit_by_time ON audit (at);
