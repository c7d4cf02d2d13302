-- Parts of the index are put together by chatroom, a few pages at a time, and never by a commit that people wait for.
INSERT INTO word (word, rank) VALUES ('automerge', 0);
INSERT INTO word (word, rank) VALUES ('crisismerge', 1999);
