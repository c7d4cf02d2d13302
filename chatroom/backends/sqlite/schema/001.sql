-- Times of events are whole milliseconds since 1970 in UTC, as on the wire; all other times are seconds.

-- Every room that ever had an event, and the house, whose name is empty.
CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    last INTEGER NOT NULL,               -- no number up to this one is ever given again
    closed INTEGER NOT NULL DEFAULT 0    -- 1: nobody may read it any more; it is deleted piece by piece
);

CREATE UNIQUE INDEX room_by_name ON room (name) WHERE NOT closed;

-- The last event of every slot that holds, but for those that say who is on line.
CREATE TABLE slot (
    id INTEGER PRIMARY KEY,              -- grows in the order in which slots were set
    room INTEGER NOT NULL REFERENCES room (id),
    name TEXT NOT NULL,
    event TEXT NOT NULL,                 -- JSON as in chatroom.wire, secrets included
    UNIQUE (room, name)
);

-- A room's history is made of two tables with one numbering. What people said:
CREATE TABLE talk (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the row of its words in the table word; never used again
    room INTEGER NOT NULL REFERENCES room (id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    nick TEXT NOT NULL,
    text TEXT NOT NULL
);

CREATE UNIQUE INDEX talk_by_number ON talk (room, seq);

-- And everything else that happened:
CREATE TABLE happening (
    room INTEGER NOT NULL REFERENCES room (id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,                 -- JSON as in chatroom.wire, secrets included
    PRIMARY KEY (room, seq)
) WITHOUT ROWID;

-- Which words each row of talk has, written down some time after it. The first word is the room's: U+E000 and its id.
CREATE VIRTUAL TABLE word USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii');

CREATE TABLE indexed (
    talk INTEGER NOT NULL                -- the words of rows up to this id are in the table word
);

INSERT INTO indexed VALUES (0);

CREATE TABLE account (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    password TEXT NOT NULL,              -- its hash
    created REAL NOT NULL,
    ignored TEXT NOT NULL                -- a JSON list of keys
) WITHOUT ROWID;

CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    created REAL NOT NULL,
    used REAL NOT NULL,
    expires REAL NOT NULL,
    label TEXT NOT NULL
);

CREATE INDEX token_by_account ON token (account, used);

CREATE TABLE mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    at REAL NOT NULL,
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    read INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX mail_by_account ON mail (account, read, id);

-- Up to which number somebody has read a room.
CREATE TABLE mark (
    account TEXT NOT NULL,
    room TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (account, room)
) WITHOUT ROWID;
