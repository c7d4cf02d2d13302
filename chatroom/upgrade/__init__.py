"""
Upgrades in which nobody is dropped: a new process with new code takes over from the old one.

The old process starts the new one, with a socket between them (L{chatroom.upgrade.channel}). When the new one has read
its settings and is willing, the old one stops listening to people, finishes what is under way, lets go of the database
and hands over ports, connections and their state (L{chatroom.upgrade.predecessor}). The new one opens the database,
says that it has taken everything, and goes on (L{chatroom.upgrade.successor}). Until then the old one can go on as if
nothing had been. docs/adr/0021 says why it is so.
"""
