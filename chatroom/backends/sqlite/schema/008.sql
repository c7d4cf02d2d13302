-- What the program that sent a message calls it, and 1: its account was marked as a bot's. Few rows have either.
ALTER TABLE talk ADD COLUMN nonce TEXT NOT NULL DEFAULT '';
ALTER TABLE talk ADD COLUMN bot INTEGER NOT NULL DEFAULT 0;

-- 1: a program uses the account.
ALTER TABLE account ADD COLUMN bot INTEGER NOT NULL DEFAULT 0;

-- The name that the owner of the account gave a session for a program; '' for one that began by a login.
ALTER TABLE token ADD COLUMN service TEXT NOT NULL DEFAULT '';
