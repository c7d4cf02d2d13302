"""
L{ISession<chatroom.interfaces.ISession>}: all that a command or a door may ask of the server, for one connection.

L{chatroom.server.session.base} is what a connection is. The families of wishes stand on it side by side: C{talk},
C{rooms}, C{reading}, C{room_moderation}, C{staff}, C{protection}, C{identity}, C{account} and C{snapshot}. None knows
another; L{chatroom.server.session.caller} is all of them. What two of them need is in the base, or a function that is
given the caller: C{arriving}, C{leaving}, C{tokens}, C{pages}, C{views}.
"""
