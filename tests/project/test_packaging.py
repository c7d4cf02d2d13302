"""
What makes an installed chatroom whole: twistd finds it, its data files come along, its needs are declared.

That a wheel and an editable install really work is proved by .ci/run, in clean environments. These tests
hold the reasons why they do, so that a change which breaks them fails here and now.
"""

from __future__ import annotations

import re
from configparser import ConfigParser
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, distributions, files
from sys import stdlib_module_names

from twisted.application.service import IServiceMaker, ServiceMaker
from twisted.plugin import getPlugins
from twisted.trial.unittest import SynchronousTestCase

from tests.arrows import ROOT, Trees, imports_of


def read_setup() -> ConfigParser:
    """setup.cfg as setuptools sees it."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return setup


def distribution_of(requirement: str) -> str:
    """C{"Twisted[tls] >= 26.10"} asks for C{"twisted"}."""
    name = re.match(r"[\w.-]+", requirement)
    assert name is not None, requirement
    return normal(name.group())


def normal(name: str) -> str:
    """A distribution's name as the packaging tools compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def packages_of(distribution: str) -> set[str]:
    """Top-level packages and modules that an installed distribution brought; none where it is not installed."""
    try:
        return {path.parts[0].removesuffix(".py") for path in files(distribution) or ()}
    except PackageNotFoundError:
        return set()


class PluginFolderTests(SynchronousTestCase):
    """How twistd finds chatroom."""

    def test_twistd_lists_chatroom_once(self) -> None:
        """C{twistd chatroom} exists, and is loaded by name only when it is asked for."""
        found = [
            maker.module
            for maker in getPlugins(IServiceMaker)
            if isinstance(maker, ServiceMaker) and maker.tapname == "chatroom"
        ]
        self.assertEqual(["chatroom.tap"], found)

    def test_plugin_folders_are_not_packages(self) -> None:
        """
        An __init__.py there would overwrite Twisted's own at the next install, and hide every plugin
        from twistd in an editable one.
        """
        self.assertEqual([], [str(path) for path in (ROOT / "twisted").rglob("__init__.py")])

    def test_plugin_files_carry_our_name(self) -> None:
        """All projects share that folder: a file without our name could overwrite another's."""
        for path in (ROOT / "twisted" / "plugins").glob("*.py"):
            self.assertTrue(path.name.startswith("chatroom_"), path.name)

    def test_editable_installs_are_plain_paths(self) -> None:
        """Without this very setting setuptools uses an import hook, which twisted.plugin cannot see."""
        self.assertEqual("= .", read_setup()["options"]["package_dir"].strip())

    def test_plugin_folder_is_installed(self) -> None:
        """The folder has no __init__.py, so it has to be named, and searched for as a name space."""
        setup = read_setup()
        self.assertEqual("find_namespace:", setup["options"]["packages"].strip())
        self.assertIn("twisted.plugins", setup["options.packages.find"]["include"].split())


class ContentsTests(SynchronousTestCase):
    """What an installation needs besides modules."""

    def test_data_files_are_installed(self) -> None:
        """Every schema, page and marker file in the package is named in setup.cfg."""
        named = [
            f"{package.replace('.', '/')}/{pattern}"
            for package, patterns in read_setup()["options.package_data"].items()
            for pattern in patterns.split()
        ]
        left_out = []
        for path in (ROOT / "chatroom").rglob("*"):
            data = path.is_file() and path.suffix not in (".py", ".pyc")
            name = path.relative_to(ROOT).as_posix()
            if data and not any(fnmatch(name, pattern) for pattern in named):
                left_out.append(name)
        self.assertEqual([], left_out)

    def test_every_folder_of_modules_is_a_package(self) -> None:
        """A folder without __init__.py would be installed, but mypy and people would not know it as ours."""
        folders = {path.parent for path in (ROOT / "chatroom").rglob("*.py")}
        self.assertEqual([], [str(folder) for folder in folders if not (folder / "__init__.py").exists()])

    def test_needs_are_declared(self) -> None:
        """Whatever chatroom imports comes from a distribution that setup.cfg asks for."""
        setup = read_setup()
        asked = setup["options"]["install_requires"].strip().splitlines()
        for extra in ("tls", "web", "metrics", "postgres"):
            asked += setup["options.extras_require"][extra].strip().splitlines()
        provided = {package for line in asked for package in packages_of(distribution_of(line))}
        missing = {
            f"{package} ({name})"
            for name, tree in Trees("chatroom", "twisted").items()
            for package in {each.name.partition(".")[0] for each in imports_of(tree)}
            if package not in stdlib_module_names and package != "chatroom" and package not in provided
        }
        self.assertEqual(set(), missing)

    def test_passlib_is_there_once(self) -> None:
        """passlib and its fork libpass install the same files: with both, the last one wins by accident."""
        installed = {normal(found.metadata["Name"]) for found in distributions()}
        self.assertEqual(1, len(installed & {"passlib", "libpass"}))


class NewsTests(SynchronousTestCase):
    """What towncrier would otherwise leave out in silence."""

    def test_fragments_have_lawful_names(self) -> None:
        """Each news fragment is called ISSUE.KIND.rst or +WORD.KIND.rst, and says something."""
        kinds = re.findall(r'^directory = "(\w+)"', (ROOT / "towncrier.toml").read_text(), re.MULTILINE)
        lawful = re.compile(rf"(\d+|\+[\w-]+)\.({'|'.join(set(kinds) - {'newsfragments'})})(\.\d+)?\.rst")
        for path in (ROOT / "newsfragments").iterdir():
            if path.name != "README.rst":
                self.assertRegex(path.name, lawful)
                self.assertNotEqual("", path.read_text(encoding="utf-8").strip(), path.name)
