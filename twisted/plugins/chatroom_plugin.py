"""Tells twistd that there is a server called chatroom, and where it is made.

Every `twistd` and `trial` on the machine may import this file, so it imports nothing of ours: the dotted
name below is loaded only once somebody asks for `twistd chatroom`.
"""

from __future__ import annotations

from twisted.application.service import ServiceMaker

chatroom = ServiceMaker("chatroom", "chatroom.tap", "A chat room for nc and telnet", "chatroom")
