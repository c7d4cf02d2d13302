-- The time zone in which the owner of the account reads times, such as 'Europe/Rome'; '' is UTC.
ALTER TABLE account ADD COLUMN zone TEXT NOT NULL DEFAULT '';
