-- One server of several daemons. Times of events are whole milliseconds since 1970 in UTC, as on the wire; times of
-- accounts, sessions, letters and the audit log are seconds; those of nodes are the database's own.
-- All text is compared by its code points, as Python does.

-- The one row that orders everything: who changes the log locks it, so what is visible is complete up to pos.
CREATE TABLE server (
    id integer PRIMARY KEY,
    pos bigint NOT NULL                  -- of the last turn that was kept
) WITH (fillfactor = 10);

INSERT INTO server VALUES (0, 0);

-- The daemons that live.
CREATE SEQUENCE epoch;

CREATE TABLE node (
    name text COLLATE "C" PRIMARY KEY,
    epoch bigint NOT NULL UNIQUE,        -- grows with each start, so that who was away too long is known
    until timestamptz NOT NULL,          -- the end of its lease: then another node may bury it
    read bigint NOT NULL,                -- it has told all turns up to this one
    handed bigint,                       -- where it was handed over, for the process that takes over
    version integer NOT NULL,            -- of the schema that its program knows
    settings text COLLATE "C" NOT NULL   -- what the others may know of its settings
) WITH (fillfactor = 50);

-- Nodes that died and whose people were not all said goodbye to yet.
CREATE TABLE burial (
    epoch bigint PRIMARY KEY,            -- of the dead
    name text COLLATE "C" NOT NULL,
    executor bigint NOT NULL             -- the node that says goodbye
);

-- All that was kept lately, a turn a row: how nodes hear of each other. Rows that all have read are deleted.
CREATE TABLE log (
    pos bigint PRIMARY KEY,
    epoch bigint NOT NULL,
    turn bigint NOT NULL,                -- counted by the node: what is sent again is found, and not kept twice
    body text COLLATE "C" NOT NULL,      -- JSON: see turn.py
    seqs bigint[] NOT NULL,              -- of each event: its number in its room; 0: it has none; -1: it did not happen
    UNIQUE (epoch, turn)
);

-- Every room that ever had an event, and the server, whose name is empty.
CREATE TABLE room (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    last bigint NOT NULL,                -- the last number given in it
    closed boolean NOT NULL DEFAULT false  -- nobody may read it any more; it is deleted piece by piece
) WITH (fillfactor = 50);

CREATE UNIQUE INDEX room_by_name ON room (name) WHERE NOT closed;
CREATE INDEX room_closed ON room (id) WHERE closed;

-- The last event of every slot that holds.
CREATE TABLE slot (
    id bigint GENERATED ALWAYS AS IDENTITY,  -- grows in the order in which slots were set
    room bigint NOT NULL REFERENCES room (id),
    name text COLLATE "C" NOT NULL,
    presence boolean NOT NULL,           -- it says who is on line
    event text COLLATE "C" NOT NULL,     -- JSON as in chatroom.wire, secrets included, without its number
    seq bigint NOT NULL,
    PRIMARY KEY (room, name)
);

CREATE INDEX slot_of_who_is_there ON slot (id) WHERE presence;

-- A room's history is made of two tables with one numbering. What people said:
CREATE TABLE talk (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- the row of its words in the table word
    room bigint NOT NULL REFERENCES room (id),
    seq bigint NOT NULL,
    at bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    nick text COLLATE "C" NOT NULL,
    nick_key text COLLATE "C" NOT NULL,  -- folded
    text text COLLATE "C" NOT NULL,
    nonce text COLLATE "C" NOT NULL DEFAULT '',  -- what the program that sent it calls it
    bot boolean NOT NULL DEFAULT false   -- its account was marked as a bot's
);

CREATE UNIQUE INDEX talk_by_number ON talk (room, seq);
CREATE INDEX talk_by_nick ON talk (nick_key, id);

-- And everything else that happened:
CREATE TABLE happening (
    room bigint NOT NULL REFERENCES room (id),
    seq bigint NOT NULL,
    at bigint NOT NULL,
    event text COLLATE "C" NOT NULL,     -- as in slot
    PRIMARY KEY (room, seq)
);

-- Which words each row of talk has, written down some time after it, as chatroom.backends.words finds them: each
-- between two spaces. The first word is the room's: U+E000 and its id.
CREATE TABLE word (
    talk bigint PRIMARY KEY,
    words text COLLATE "C" NOT NULL
);

-- What is looked for in the index: words, cut where they are too long for it.
CREATE FUNCTION keys_1(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT left(each, 100)), '{}') FROM unnest(string_to_array(btrim(words), ' ')) AS each
$$;

CREATE INDEX word_by_key ON word USING gin (keys_1(words));

CREATE TABLE indexed (
    talk bigint NOT NULL                 -- the words of rows up to this id are in the table word
);

INSERT INTO indexed VALUES (0);

-- Nicknames that somebody has now, and through which nodes.
CREATE TABLE claim (
    key text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL
);

CREATE TABLE held (
    key text COLLATE "C" NOT NULL REFERENCES claim (key) ON DELETE CASCADE,
    epoch bigint NOT NULL,               -- of a node that lives, or of one in burial
    PRIMARY KEY (key, epoch)
);

CREATE INDEX held_by_node ON held (epoch);

CREATE TABLE account (
    key text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    password text COLLATE "C" NOT NULL,  -- its hash
    created double precision NOT NULL,
    ignored text COLLATE "C" NOT NULL,   -- a JSON list of keys
    role text COLLATE "C" NOT NULL DEFAULT 'none',
    disabled boolean NOT NULL DEFAULT false,
    zone text COLLATE "C" NOT NULL DEFAULT '',
    bot boolean NOT NULL DEFAULT false   -- a program uses the account
);

CREATE INDEX account_of_staff ON account (key) WHERE role <> 'none';

CREATE TABLE token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest text COLLATE "C" NOT NULL UNIQUE,
    account text COLLATE "C" NOT NULL,
    created double precision NOT NULL,
    used double precision NOT NULL,
    expires double precision NOT NULL,
    label text COLLATE "C" NOT NULL,
    kept boolean NOT NULL,
    service text COLLATE "C" NOT NULL DEFAULT ''  -- the name that the owner gave a session for a program
);

CREATE INDEX token_by_account ON token (account, used);

CREATE TABLE mail (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    at double precision NOT NULL,
    sender text COLLATE "C" NOT NULL,
    sender_key text COLLATE "C" NOT NULL,
    text text COLLATE "C" NOT NULL,
    read boolean NOT NULL DEFAULT false
);

CREATE INDEX mail_by_account ON mail (account, read, id);
CREATE INDEX mail_by_sender ON mail (sender_key);

-- Up to which number somebody has read a room.
CREATE TABLE mark (
    account text COLLATE "C" NOT NULL,
    room text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (account, room)
) WITH (fillfactor = 80);

-- Who did what to whom by the powers of the server. No password, token or talk is in it.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at double precision NOT NULL,
    who text COLLATE "C" NOT NULL,
    who_key text COLLATE "C" NOT NULL,
    target_key text COLLATE "C" NOT NULL,
    act text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL
);

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_who ON audit (who_key);
CREATE INDEX audit_by_target ON audit (target_key);

-- The end of every turn: it stands in the log, and other nodes are woken. Only who has locked the row of server calls it.
CREATE FUNCTION end_turn_1(me bigint, my_turn bigint, place bigint, body text, seqs bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log (pos, epoch, turn, body, seqs) VALUES (place, me, my_turn, body, seqs);
    IF EXISTS (SELECT FROM node WHERE epoch <> me) THEN
        PERFORM pg_notify('chatroom', '');
    END IF;
END $$;

-- The beginning: the lock, the next place in the log, and whether the node may write at all.
CREATE FUNCTION begin_turn_1(me bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
BEGIN
    UPDATE server SET pos = pos + 1 WHERE id = 0 RETURNING pos INTO place;
    IF NOT EXISTS (SELECT FROM node WHERE epoch = me) THEN
        RAISE EXCEPTION 'the node of epoch % was buried', me USING ERRCODE = 'CR001';
    END IF;
    RETURN place;
END $$;

-- A turn of one line of talk. Its body: [[room, at, kind, nick, nick_key, text]], and a nonce and
-- the mark of a bot behind them where there is either.
CREATE FUNCTION keep_one_1(me bigint, my_turn bigint, body text, OUT place bigint, OUT seqs bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    line json := body::json -> 0;
    here bigint;
    seq bigint;
BEGIN
    place := begin_turn_1(me);
    UPDATE room SET last = last + 1 WHERE name = line ->> 0 AND NOT closed RETURNING id, last INTO here, seq;
    IF here IS NULL THEN
        INSERT INTO room (name, last) VALUES (line ->> 0, 1) RETURNING id, last INTO here, seq;
    END IF;
    INSERT INTO talk (room, seq, at, kind, nick, nick_key, text, nonce, bot)
        VALUES (here, seq, (line ->> 1)::bigint, line ->> 2, line ->> 3, line ->> 4, line ->> 5,
            coalesce(line ->> 6, ''), coalesce((line ->> 7)::boolean, false));
    seqs := ARRAY[seq];
    PERFORM end_turn_1(me, my_turn, place, body, seqs);
END $$;

-- A turn of any number of lines of talk.
CREATE FUNCTION keep_talk_1(me bigint, my_turn bigint, body text, OUT place bigint, OUT seqs bigint[])
LANGUAGE plpgsql AS $$
BEGIN
    place := begin_turn_1(me);
    INSERT INTO room (name, last)
        SELECT DISTINCT line ->> 0, 0 FROM json_array_elements(body::json) AS line
        WHERE NOT EXISTS (SELECT FROM room WHERE name = line ->> 0 AND NOT closed);
    WITH line AS MATERIALIZED (
        SELECT value ->> 0 AS room, value, nth FROM json_array_elements(body::json) WITH ORDINALITY AS each (value, nth)
    ), moved AS (
        UPDATE room SET last = room.last + many.lines
        FROM (SELECT line.room, count(*) AS lines FROM line GROUP BY line.room) AS many
        WHERE room.name = many.room AND NOT room.closed
        RETURNING room.id, room.name, room.last - many.lines AS before
    ), numbered AS (
        SELECT line.nth, moved.id, moved.before + row_number() OVER (PARTITION BY line.room ORDER BY line.nth) AS seq,
            line.value
        FROM line JOIN moved ON moved.name = line.room
    ), written AS (
        INSERT INTO talk (room, seq, at, kind, nick, nick_key, text, nonce, bot)
        SELECT numbered.id, numbered.seq, (value ->> 1)::bigint, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
            coalesce(value ->> 6, ''), coalesce((value ->> 7)::boolean, false)
        FROM numbered ORDER BY numbered.nth
    )
    SELECT array_agg(numbered.seq ORDER BY numbered.nth) FROM numbered INTO seqs;
    PERFORM end_turn_1(me, my_turn, place, body, seqs);
END $$;

-- Whether an event's condition holds, after all that went before it.
CREATE FUNCTION holds_1(here bigint, item json) RETURNS boolean LANGUAGE sql AS $$
    SELECT CASE item ->> 'if'
        WHEN 'absent' THEN NOT EXISTS (SELECT FROM slot WHERE room = here AND name = item ->> 'sets')
        WHEN 'empty' THEN NOT EXISTS (SELECT FROM slot WHERE room = here AND name >= 'member:' AND name < 'member;')
        WHEN 'member' THEN EXISTS (SELECT FROM slot WHERE room = here AND name = item ->> 'member')
        ELSE true
    END
$$;

-- One event of a turn: -1 where it did not happen, else its number in its room, or 0 where it has none.
CREATE FUNCTION keep_event_1(item json) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    event text := item ->> 'event';
    line json := item -> 'talk';
    here bigint;
    seq bigint := 0;
    clear text;
BEGIN
    SELECT id FROM room WHERE name = item ->> 'room' AND NOT closed INTO here;
    IF NOT holds_1(coalesce(here, 0), item) THEN
        RETURN -1;
    END IF;
    IF here IS NULL THEN
        INSERT INTO room (name, last) VALUES (item ->> 'room', 0) RETURNING id INTO here;
    END IF;
    IF (item -> 'recorded') IS NOT NULL THEN
        UPDATE room SET last = last + 1 WHERE id = here RETURNING last INTO seq;
        IF line IS NULL THEN
            INSERT INTO happening (room, seq, at, event) VALUES (here, seq, (item ->> 'recorded')::bigint, event);
        ELSE
            INSERT INTO talk (room, seq, at, kind, nick, nick_key, text, nonce, bot)
                VALUES (here, seq, (line ->> 1)::bigint, line ->> 2, line ->> 3, line ->> 4, line ->> 5,
                    coalesce(line ->> 6, ''), coalesce((line ->> 7)::boolean, false));
        END IF;
    END IF;
    IF (item -> 'audit') IS NOT NULL THEN
        INSERT INTO audit (at, who, who_key, target_key, act, target, detail) SELECT
            (item -> 'audit' ->> 0)::double precision, item -> 'audit' ->> 1, item -> 'audit' ->> 2,
            item -> 'audit' ->> 3, item -> 'audit' ->> 4, item -> 'audit' ->> 5, item -> 'audit' ->> 6;
    END IF;
    FOR clear IN SELECT json_array_elements_text(item -> 'clears') LOOP
        IF clear = '*' THEN
            UPDATE room SET closed = true WHERE id = here;
            DELETE FROM slot WHERE room = here;
            INSERT INTO room (name, last) SELECT name, last FROM room WHERE id = here RETURNING id INTO here;
        ELSE
            DELETE FROM slot WHERE room = here AND name = clear;
        END IF;
    END LOOP;
    IF (item ->> 'sets') IS NOT NULL THEN
        DELETE FROM slot WHERE room = here AND name = item ->> 'sets';
        INSERT INTO slot (room, name, presence, event, seq)
            VALUES (here, item ->> 'sets', coalesce((item ->> 'presence')::boolean, false), event, seq);
    END IF;
    RETURN seq;
END $$;

-- A turn of anything, in order. Its body: a list of what turn.py makes of each event.
CREATE FUNCTION keep_any_1(me bigint, my_turn bigint, body text, OUT place bigint, OUT seqs bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    item json;
BEGIN
    place := begin_turn_1(me);
    seqs := '{}';
    FOR item IN SELECT json_array_elements(body::json) LOOP
        seqs := seqs || keep_event_1(item);
    END LOOP;
    PERFORM end_turn_1(me, my_turn, place, body, seqs);
END $$;

-- Hold a nickname for a node; asked again, it does no harm. False: another holder has it.
CREATE FUNCTION claim_1(me bigint, wanted text, whose text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    has text;
BEGIN
    PERFORM FROM node WHERE epoch = me FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the node of epoch % was buried', me USING ERRCODE = 'CR001';
    END IF;
    INSERT INTO claim (key, holder) VALUES (wanted, whose) ON CONFLICT (key) DO NOTHING;
    SELECT holder FROM claim WHERE key = wanted INTO has FOR UPDATE;
    IF has IS NULL THEN
        RETURN claim_1(me, wanted, whose);  -- released in between
    ELSIF has <> whose THEN
        RETURN false;
    END IF;
    INSERT INTO held (key, epoch) VALUES (wanted, me) ON CONFLICT DO NOTHING;
    RETURN true;
END $$;

-- Free some nicknames of a node, which may be a dead one; those that another node holds as well stay.
CREATE FUNCTION release_1(whom bigint, keys text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM claim WHERE key = ANY (keys) ORDER BY key FOR UPDATE;
    DELETE FROM held WHERE epoch = whom AND key = ANY (keys);
    DELETE FROM claim WHERE key = ANY (keys) AND NOT EXISTS (SELECT FROM held WHERE held.key = claim.key);
END $$;
