"""
TLS certificates by which a client logs in to an account without its password.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands import shapes
from chatroom.commands.base import Command
from chatroom.commands.times import ago, count, stamp
from chatroom.errors import BadArguments
from chatroom.interfaces import Answer, CertificateInfo, ICaller, Parameter, Standing

_USAGE = "Usage: /cert list, /cert add, /cert add FINGERPRINT, or /cert remove FINGERPRINT."

_REMOVE = ("remove", "del", "delete")
"""Words for it: those behind ours are what people type to NickServ of other networks."""


class Cert(Command):
    """Which certificates log in to one's account."""

    name = "cert"
    aliases = ("certs",)
    family = "Accounts"
    summary = "list, add or remove the TLS certificates that log in to your account"
    details = (
        "A client that presents one of them over TLS needs no password: IRC clients log in by SASL EXTERNAL, others by "
        "your nickname alone. /cert add takes the certificate of this connection; /cert add FINGERPRINT takes another "
        "one, by its SHA-256. /cert remove FINGERPRINT, or its first 8 digits, removes one, /cert remove all all."
    )
    parameters = (
        Parameter("action", required=False, help="list, add or remove"),
        Parameter("fingerprint", required=False, rest=True, help="SHA-256 of the certificate; for remove also all"),
    )
    standing = Standing.ACCOUNT
    facts = (shapes.CertificatesFacts, shapes.AddedCertificateFacts, shapes.RemovedCertificatesFacts)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.certificates}, L{ICaller.add_certificate} and L{ICaller.remove_certificate}.

        @raise BadArguments: it is another action, or to remove nothing.
        """
        action, fingerprint = arguments.get("action", "list").casefold(), arguments.get("fingerprint", "").strip()
        if action == "list" and not fingerprint:
            found = await caller.certificates()
            lines = tuple(_line(each, caller.now()) for each in found) or ("No certificate logs in to your account.",)
            return Answer(lines, {"certificates": [_facts(each) for each in found]})
        if action == "add":
            added = await caller.add_certificate(fingerprint)
            return Answer((f"This certificate logs in to {caller.nick} now: {added}",), {"fingerprint": added})
        if action in _REMOVE and fingerprint:
            removed = await caller.remove_certificate(fingerprint)
            return Answer(
                (f"{count(removed, 'certificate')} removed. /session lists your sessions.",), {"removed": removed}
            )
        raise BadArguments(_USAGE)


def _line(certificate: CertificateInfo, now: float) -> str:
    mark = " (this one)" if certificate.current else ""
    used = f"last used {ago(now, certificate.used)}" if certificate.used else "never used"
    return f"{certificate.fingerprint}{mark}, added {ago(now, certificate.added)}, {used}."


def _facts(certificate: CertificateInfo) -> dict[str, object]:
    return {
        "fingerprint": certificate.fingerprint,
        "current": certificate.current,
        "added": stamp(certificate.added),
        "used": stamp(certificate.used) if certificate.used else None,
    }
