-- One server of several daemons. Times of events are whole milliseconds since 1970 in UTC, as on the wire; times of
-- accounts, sessions, letters and the audit log are seconds; those of nodes are the database's own.
-- All text is compared by its code points, as Python does.

-- The one row that orders everything: who changes the log locks it, so what is visible is complete up to pos.
CREATE TABLE server (
    id integer PRIMARY KEY,
    pos bigint NOT NULL,                 -- of the last turn that was kept
    -- Where nodes are notified: anybody who may connect may listen, so that no other user may know the name.
    channel text COLLATE "C" NOT NULL DEFAULT 'chatroom_' || replace(gen_random_uuid()::text, '-', '')
) WITH (fillfactor = 10);

INSERT INTO server VALUES (0, 0);

-- The daemons that live.
CREATE SEQUENCE epoch;

CREATE TABLE node (
    name text COLLATE "C" PRIMARY KEY,
    epoch bigint NOT NULL UNIQUE,        -- grows with each start, so that who was away too long is known
    until timestamptz NOT NULL,          -- the end of its lease: then another node may bury it
    beat timestamptz NOT NULL DEFAULT clock_timestamp(),  -- when it has extended its lease
    read bigint NOT NULL,                -- it has told all turns up to this one
    handed bigint,                       -- where it was handed over, for the process that takes over
    version integer NOT NULL,            -- of the kinds of events that its program knows
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
    body text COLLATE "C" NOT NULL,      -- see turn.py
    seqs bigint[] NOT NULL,              -- of each event: its number in its room; 0: it has none; -1: it did not happen
    UNIQUE (epoch, turn)
);

-- To pack it would cost the turn more than it saves: it is read at once by each node, and then deleted.
ALTER TABLE log ALTER COLUMN body SET STORAGE EXTERNAL;

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
    room bigint NOT NULL,                -- no REFERENCES, which would cost each line as much as to write it
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

-- Talk of a turn, which has eleven parts with U+001E between them, each a list with U+001F between its items: the names of
-- its rooms, and how many lines each gets; then of each line: the place of its room among those names, how many lines of
-- the turn that room has up to it, at, kind, nick, nick_key, text, nonce, and whether it is a bot's. To take that apart
-- costs a fifth of what JSON costs. Result: the numbers of the lines.
CREATE FUNCTION keep_talk_1(body text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    part text[] := string_to_array(body, E'\x1e');
    names text[] := string_to_array(part[1], E'\x1f');
    counts bigint[] := string_to_array(part[2], E'\x1f')::bigint[];
    places integer[] := string_to_array(part[3], E'\x1f')::integer[];
    ids bigint[];
    before bigint[];
    seqs bigint[];
BEGIN
    INSERT INTO room (name, last) SELECT made.name, 0 FROM unnest(names) AS made (name)
        WHERE NOT EXISTS (SELECT FROM room WHERE room.name = made.name AND NOT closed);
    WITH moved AS (
        UPDATE room SET last = room.last + many.lines
        FROM unnest(names, counts) WITH ORDINALITY AS many (name, lines, nth)
        WHERE room.name = many.name AND NOT room.closed
        RETURNING many.nth, room.id, room.last - many.lines AS before
    )
    SELECT array_agg(moved.id ORDER BY moved.nth), array_agg(moved.before ORDER BY moved.nth) FROM moved
        INTO ids, before;
    seqs := array(
        SELECT before[line.place] + line.nth
        FROM unnest(places, string_to_array(part[4], E'\x1f')::bigint[]) AS line (place, nth)
    );
    INSERT INTO talk (room, seq, at, kind, nick, nick_key, text, nonce, bot)
        SELECT ids[line.place], line.seq, line.at, line.kind, line.nick, line.nick_key, line.text, line.nonce, line.bot <> ''
        FROM unnest(
            places, seqs, string_to_array(part[5], E'\x1f')::bigint[], string_to_array(part[6], E'\x1f'),
            string_to_array(part[7], E'\x1f'), string_to_array(part[8], E'\x1f'), string_to_array(part[9], E'\x1f'),
            string_to_array(part[10], E'\x1f'), string_to_array(part[11], E'\x1f')
        ) AS line (place, seq, at, kind, nick, nick_key, text, nonce, bot);
    RETURN seqs;
END $$;

-- Whether an event's condition holds, after all that went before it.
CREATE FUNCTION holds_1(here bigint, item json) RETURNS boolean LANGUAGE sql AS $$
    SELECT CASE item ->> 'if'
        WHEN 'absent' THEN NOT EXISTS (SELECT FROM slot WHERE room = here AND name = item ->> 'sets')
        WHEN 'empty' THEN NOT EXISTS (SELECT FROM slot WHERE room = here AND name >= 'member:' AND name < 'member;')
        WHEN 'member' THEN EXISTS (SELECT FROM slot WHERE room = here AND name = item ->> 'member')
        WHEN 'made' THEN EXISTS (SELECT FROM slot WHERE room = here AND name = 'room')
        WHEN 'owned' THEN EXISTS (SELECT FROM slot WHERE room = here AND name = 'room') AND (
            SELECT coalesce(array_agg(name), '{}') FROM slot
            WHERE room = here AND name >= 'role:' AND name < 'role;' AND event::json ->> 'role' = 'owner'
        ) <> ARRAY[item ->> 'role']
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
    ELSIF (item -> 'begins') IS NOT NULL AND (
        EXISTS (SELECT FROM talk WHERE room = here) OR EXISTS (SELECT FROM happening WHERE room = here)
    ) THEN  -- a line has crossed with the closing of the room before
        UPDATE room SET closed = true WHERE id = here;
        DELETE FROM slot WHERE room = here;
        INSERT INTO room (name, last) SELECT name, last FROM room WHERE id = here RETURNING id INTO here;
    END IF;
    IF (item -> 'recorded') IS NOT NULL THEN
        UPDATE room SET last = last + 1 WHERE id = here RETURNING last INTO seq;
        IF line IS NULL THEN
            INSERT INTO happening (room, seq, at, event) VALUES (here, seq, (item ->> 'recorded')::bigint, event);
        ELSE
            INSERT INTO talk (room, seq, at, kind, nick, nick_key, text, nonce, bot)
                VALUES (here, seq, (line ->> 0)::bigint, line ->> 1, line ->> 2, line ->> 3, line ->> 4, line ->> 5,
                    (line ->> 6)::boolean);
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

-- A turn, kept whole: what it is (one line of talk, talk, or anything), and its body: see above, and turn.py. It begins
-- with the lock, the next place in the log, and whether the node may write at all. At its end it stands in the log, and
-- other nodes are notified: of the turn itself if it is small enough (place, epoch, numbers and body), else of place and
-- epoch, and they read the log. To call a function for each of these steps would cost a line a fifth more.
CREATE FUNCTION keep_turn_1(
    me bigint, my_turn bigint, what text, body text, OUT place bigint, OUT seqs bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    part text[];
    here bigint;
    seq bigint;
    item json;
    lives boolean;
    others boolean;
    news text;
BEGIN
    UPDATE server SET pos = pos + 1 WHERE id = 0 RETURNING pos, channel INTO place, news;
    SELECT coalesce(bool_or(epoch = me), false), coalesce(bool_or(epoch <> me), false) FROM node INTO lives, others;
    IF NOT lives THEN
        RAISE EXCEPTION 'the node of epoch % was buried', me USING ERRCODE = 'CR001';
    END IF;
    IF what = 'one' THEN
        part := string_to_array(body, E'\x1e');
        UPDATE room SET last = last + 1 WHERE name = part[1] AND NOT closed RETURNING id, last INTO here, seq;
        IF here IS NULL THEN
            INSERT INTO room (name, last) VALUES (part[1], 1) RETURNING id, last INTO here, seq;
        END IF;
        INSERT INTO talk (room, seq, at, kind, nick, nick_key, text, nonce, bot)
            VALUES (here, seq, part[5]::bigint, part[6], part[7], part[8], part[9], part[10], part[11] <> '');
        seqs := ARRAY[seq];
    ELSIF what = 'talk' THEN
        seqs := keep_talk_1(body);
    ELSE
        seqs := '{}';
        FOR item IN SELECT json_array_elements(body::json) LOOP
            seqs := seqs || keep_event_1(item);
        END LOOP;
    END IF;
    INSERT INTO log (pos, epoch, turn, body, seqs) VALUES (place, me, my_turn, body, seqs);
    IF others THEN
        PERFORM pg_notify(news, concat_ws(' ', place, me,
            CASE WHEN octet_length(body) + 20 * cardinality(seqs) < 7900 THEN array_to_string(seqs, ',') || ' ' || body END));
    END IF;
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
