-- 1: nobody may log in to the account, until it is enabled again.
ALTER TABLE account ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
