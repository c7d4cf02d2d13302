"""
Every seam of the server: what each part promises the others, in units, errors and who calls it.

Doors, commands and backends know each other only through this package, and import from it, not from its modules. It
holds no behaviour beyond a few values that cross the seams, and knows events, records, errors and limits.

Methods that may wait are C{async def}. Callers of anything that is not run to its end must end the
chain in a logging errback.
"""

from __future__ import annotations

from chatroom.events import Role, ServerRole  # values that cross the seams
from chatroom.folding import fold
from chatroom.interfaces.backend import IBackend
from chatroom.interfaces.caller import ICaller
from chatroom.interfaces.contract import Contract, interface, provides
from chatroom.interfaces.credentials import Asker, ICredentials, IPasswords
from chatroom.interfaces.identity import IIdentity
from chatroom.interfaces.moderation import IModeration
from chatroom.interfaces.plugin_services import (
    IPluginServer,
    IPluginService,
    OptionValue,
    PageAnswer,
    PageRequest,
    PluginOption,
    Wish,
)
from chatroom.interfaces.plugin_store import IPluginStore
from chatroom.interfaces.plugins import (
    FIRST_PLUGIN_API,
    PLUGIN_API,
    ICommand,
    IFilterFactory,
    ITalkFilter,
    Utterance,
    usage,
)
from chatroom.interfaces.reading import IReading
from chatroom.interfaces.rooms import IRooms
from chatroom.interfaces.running import RunningCommand
from chatroom.interfaces.server import IEar, IForm, IListener, IServer
from chatroom.interfaces.session import ISession
from chatroom.interfaces.talk import ITalk
from chatroom.interfaces.values import (
    MISSED,
    SHOWN,
    AccountInfo,
    Answer,
    CertificateInfo,
    Drawn,
    Login,
    Outcome,
    Page,
    Parameter,
    Person,
    Receipt,
    RoomSummary,
    RoomView,
    SessionInfo,
    Soundness,
    Standing,
    Then,
)

__all__ = [
    "AccountInfo",
    "Answer",
    "CertificateInfo",
    "Drawn",
    "Asker",
    "Contract",
    "ServerRole",
    "IBackend",
    "ICaller",
    "ICommand",
    "ICredentials",
    "IEar",
    "IFilterFactory",
    "IForm",
    "IIdentity",
    "IListener",
    "IModeration",
    "IPasswords",
    "IReading",
    "IPluginServer",
    "IPluginService",
    "IPluginStore",
    "IRooms",
    "IServer",
    "ISession",
    "ITalk",
    "ITalkFilter",
    "Login",
    "Outcome",
    "OptionValue",
    "Page",
    "PageAnswer",
    "PageRequest",
    "Parameter",
    "Person",
    "PluginOption",
    "Receipt",
    "Role",
    "RoomSummary",
    "RoomView",
    "RunningCommand",
    "MISSED",
    "FIRST_PLUGIN_API",
    "PLUGIN_API",
    "SHOWN",
    "SessionInfo",
    "Soundness",
    "Standing",
    "Then",
    "Utterance",
    "Wish",
    "interface",
    "provides",
    "fold",
    "usage",
]
