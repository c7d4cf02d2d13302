"""
The built-in words, where twisted.plugin finds them: one object each and nothing else.

Every twistd and trial on the machine may import this file, so what it imports is light.
"""

from __future__ import annotations

from chatroom.commands import (
    accounts,
    certificates,
    help,
    moderation,
    people,
    protection,
    reading,
    room_rules,
    rooms,
    sanctions,
    staff,
    talk,
    zone,
)

plugin_api = 1

say = talk.Say()
me = talk.Me()
whisper = talk.Whisper()
reply = talk.Reply()
tell_ops = talk.TellOps()

list_rooms = rooms.Rooms()
join = rooms.Join()
leave = rooms.Leave()
look = rooms.Look()
topic = rooms.Topic()
open_topic = rooms.OpenTopic()
create = rooms.Create()
invite = rooms.Invite()
password = rooms.Password()
private = rooms.Private()
public = rooms.Public()
moderated = room_rules.Moderated()
unlisted = room_rules.Unlisted()
capacity = room_rules.Capacity()
voice = room_rules.Voice()
unvoice = room_rules.Unvoice()
admit = room_rules.Admit()
unadmit = room_rules.Unadmit()
admitted = room_rules.Admitted()

who = people.Who()
nick = people.Nick()
whoami = people.WhoAmI()
away = people.Away()
back = people.Back()
info = people.Info()
ignore = people.Ignore()
unignore = people.Unignore()
set_zone = zone.Zone()

hello = accounts.Hello()
signup = accounts.Signup()
login = accounts.LogIn()
logout = accounts.LogOut()
session = accounts.Session()
cert = certificates.Cert()
resume = accounts.Resume()
bot = accounts.Bot()
passwd = accounts.Passwd()
quit_server = accounts.Quit()

inbox = reading.Inbox()
missed = reading.MissedTalk()
history = reading.History()
search = reading.Search()

kick = moderation.Kick()
mute = moderation.Mute()
unmute = moderation.Unmute()
ban = moderation.Ban()
unban = moderation.Unban()
bans = moderation.Bans()
op = moderation.Op()
deop = moderation.Deop()

slow = protection.Slow()
lock = protection.Lock()
unlock = protection.Unlock()
lockdown = protection.Lockdown()
report = protection.Report()
reports = protection.Reports()

list_staff = staff.Staff()
promote = staff.Promote()
oper = staff.Oper()
unoper = staff.Unoper()
wallops = staff.Wallops()
demote = staff.Demote()
audit = staff.Audit()
gkick = sanctions.KickFromServer()
gmute = sanctions.MuteInServer()
gunmute = sanctions.UnmuteInServer()
gban = sanctions.BanFromServer()
gunban = sanctions.UnbanFromServer()
gbans = sanctions.BansOfServer()
close = sanctions.Close()

explain = help.Help()
motd = help.Motd()
