-- 1: its owner has asked to keep the session. 0: it ends soon after its connection.
ALTER TABLE token ADD COLUMN kept INTEGER NOT NULL DEFAULT 1;
