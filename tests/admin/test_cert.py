"""
C{chatroom-admin cert}: a pair of files that TLS can be tried out with.
"""

from __future__ import annotations

import io
import stat
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path

from cryptography.x509 import SubjectAlternativeName, load_pem_x509_certificate
from twisted.trial.unittest import SynchronousTestCase

from chatroom.admin.cert import make_pair
from chatroom.admin.main import main
from chatroom.daemon.tls import Certificates
from tests.daemon.secrecy import TODAY


class CertTests(SynchronousTestCase):
    """As it is used in a shell."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())

    def admin(self, *arguments: str) -> tuple[int, str]:
        """Exit status and what it wrote."""
        written = io.StringIO()
        with redirect_stdout(written), redirect_stderr(written):
            status = main(["cert", str(self.folder), *arguments])
        return status, written.getvalue()

    def test_can_be_served(self) -> None:
        """What it makes is what --tls wants, and nobody else can read the key."""
        status, said = self.admin()
        self.assertEqual(0, status)
        self.assertIn("localhost, 127.0.0.1, ::1", said)
        Certificates(str(self.folder))
        self.assertEqual(0o600, stat.S_IMODE((self.folder / "privkey.pem").stat().st_mode))

    def test_never_overwrites(self) -> None:
        """A pair that is there stays, and the status says that nothing was made."""
        self.admin()
        before = [path.read_bytes() for path in sorted(self.folder.iterdir())]
        status, said = self.admin()
        self.assertEqual(1, status)
        self.assertIn("the file already exists", said)
        self.assertEqual(before, [path.read_bytes() for path in sorted(self.folder.iterdir())])

    def test_names(self) -> None:
        """It is for the names it was asked for, host names of any script and addresses."""
        pair = make_pair(["chat.example", "bücher.example", "192.0.2.1"], TODAY, 30)
        certificate = load_pem_x509_certificate(pair[0])
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
        self.assertEqual(["chat.example", "xn--bcher-kva.example", "192.0.2.1"], [str(name.value) for name in names])
        self.assertEqual(TODAY + timedelta(days=30), certificate.not_valid_after_utc)

    def test_bad_name(self) -> None:
        """What cannot be a host name ends with one sentence."""
        status, said = self.admin("--name", "x" * 64)
        self.assertEqual((1, 1), (status, said.count("\n")), said)
        self.assertFalse(self.folder.exists())

    def test_bad_days(self) -> None:
        """A number of days that is none is a matter of usage."""
        for days in ("0", "4000", "many"):
            error = self.assertRaises(SystemExit, self.admin, "--days", days)
            self.assertEqual(2, error.code)
