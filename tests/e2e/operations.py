"""
Every block of docs/operations.rst and of the pages that it sends operators to, done on a clean Debian with a real
systemd: C{python -m tests.e2e.operations [OPTIONS]}, some minutes. L{tests.e2e.debian} says what it needs; without
that, it says so and ends with status 0.

Each function follows one section and is handed its blocks in order; tests/docs/test_operations_page.py finds those that
nobody follows. What cannot be done here is a constant with the reason. The module is as long as the pages are.
"""

from __future__ import annotations

import json
import re
import shlex
import time

from tests.e2e.blocks import Block, commands
from tests.e2e.container import entry, health, inside, options, steps
from tests.e2e.daemon import until
from tests.e2e.debian import PORT, SOURCES, main, say
from tests.e2e.operator import BIN, PASSWORD, READY, Operator, Pages
from tests.e2e.people import Peer

PAGES = Pages()

OPERATIONS = "docs/operations.rst"

SETTINGS = "/etc/chatroom/chatroom.ini"

DATA = "/var/lib/chatroom"

READY_PROXIED = "Will wait for client messages at port"


@PAGES.section(OPERATIONS, "Installing")
def installing(root: Operator, block: Block) -> None:
    """twistd has learned a word."""
    root.types("apt-get -qq update && apt-get -qq install --yes python3-venv openssl")
    root.follows(block)
    root.types("useradd --create-home --shell /bin/bash keeper")
    root.becomes("keeper", "/home/keeper")
    root.expects("A chat room" in root.user_types("twistd --help"), "twistd does not know the word chatroom.")


@PAGES.section(OPERATIONS, "Limits of the system")
def plugins(root: Operator, block: Block) -> None:
    """Before, twistd complains at every start; afterwards it does not."""
    root.expects(complains(root), "There is nothing to complain of.")
    root.follows(block)
    root.expects(not complains(root), "It still complains.")


def complains(root: Operator) -> bool:
    """Whether a daemon that starts says that it cannot write its cache."""
    daemon = root.begins(f"twistd -n --pidfile= chatroom --port {PORT} --backend memory")
    daemon.says(READY)
    root.ends(daemon)
    return "Unable to write to plugin cache" in daemon.log.read_text()


@PAGES.section(OPERATIONS, "Starting and stopping")
def starting(root: Operator, block: Block) -> None:
    """In the foreground and in the background; stopped, killed, and with its port taken."""
    daemon = root.starts(block)
    daemon.says(READY)
    sentence = root.is_refused(f"twistd -n --pidfile= chatroom --port {PORT} --data elsewhere 2>&1")
    root.expects("use" in sentence and "Traceback" not in sentence, sentence)
    alice = root.comes("alice")
    alice.sends(b"The first line.\n")
    status = root.ends(daemon)
    root.expects(status == 0, f"SIGTERM ended it with {status}.")
    root.expects(b"clos" in alice.reads_to_the_end(), f"Nobody was told: {alice.received!r}")

    root.user_types(f"twistd chatroom --port {PORT}")
    until("twistd.log", lambda: READY in root.reads("/home/keeper/twistd.log"))
    bob = root.comes("bob")
    bob.reads(b"The first line.")
    bob.sends(b"The second line.\n/who\n")
    bob.reads(b"bob")
    root.user_types("kill -9 $(cat twistd.pid)")
    bob.reads_to_the_end()
    root.user_types(f"twistd chatroom --port {PORT}")
    until("a port", lambda: reads_history(b"The second line."))
    root.user_types("kill $(cat twistd.pid)")
    until("its end", lambda: not (root.debian.root / "home/keeper/twistd.pid").exists())


def leaves(peer: Peer) -> None:
    """Says goodbye, so that the name is free."""
    peer.sends(b"\nQUIT\n")
    peer.reads_to_the_end()
    peer.close()


def reads_history(text: bytes) -> bool:
    """Whether a newcomer is shown this; False where nobody is let in yet."""
    try:
        peer = Peer(PORT)
    except ConnectionRefusedError:
        return False
    peer.sends(b"carol\n")
    peer.reads(text)
    peer.close()
    return True


@PAGES.section(OPERATIONS, "As a service")
def service(root: Operator, unit: Block, block: Block) -> None:
    """The unit that the page shows is the one that is installed; it is ready, alive, reloaded, and safe."""
    said = root.follows(block)
    root.expects(READY in said, said)
    installed = root.reads("/etc/systemd/system/chatroom.service")
    root.expects(installed == root.reads(f"/root/chatroom/{unit.text.strip()}"), "It is another unit.")
    first = root.main_process()
    leaves(root.comes("alice"))

    root.types("systemctl reload chatroom")
    root.debian.logs("Reload")

    root.types("kill -STOP $(systemctl show --property=MainPID --value chatroom)")
    until("systemd to start it again", lambda: root.main_process() not in (0, first), 90)
    until("a port again", lambda: reads_history(b"nickname"))
    root.debian.logs("Watchdog timeout")
    exposure = root.types("systemd-analyze security --no-pager chatroom | tail -n 1")
    root.expects("OK" in exposure, exposure)


@PAGES.section(OPERATIONS, "Settings in a file")
def settings(root: Operator, file: Block, block: Block) -> None:
    """The file is lawful, what it says counts, and what --check shows is a file as well."""
    root.types("systemctl stop chatroom")
    root.types(f"{BIN}/pip install --quiet '.[tls,web,metrics]'")
    root.types("install -d -o chatroom /etc/chatroom/certs")
    root.becomes("chatroom", DATA)
    root.user_types("chatroom-admin cert /etc/chatroom/certs")
    root.writes(SETTINGS, file.text + "tls-port = 64701\n")  # that is the default
    root.types(f"chmod 644 {SETTINGS}")
    root.follows(block)  # its first line shows the settings, its second one goes into the background
    until("a port", lambda: reads_history(b"The Tea House"))
    root.user_types("echo QUIT | nc -N -U chat.sock | grep 'The Tea House'")
    root.user_types("kill $(cat twistd.pid)")
    until("its end", lambda: not (root.debian.root / "var/lib/chatroom/twistd.pid").exists())

    shown = root.user_types(f"twistd chatroom --config {SETTINGS} --check")
    for line in ("name = The Tea House", f"data = {DATA}", "talk-rate = off", "connections = 10000"):
        root.expects(line in shown.splitlines(), f"Not shown: {line}\n{shown}")
    root.user_types(f"twistd chatroom --config {SETTINGS} --check > shown.ini")
    root.expects(root.user_types("twistd chatroom --config shown.ini --check") == shown, "It is not the same.")
    typed = root.user_types(f"twistd chatroom --config {SETTINGS} --port 7000 --check")
    root.expects("port = tcp:7000\n" in typed or "port = 7000\n" in typed, typed)
    root.user_types("printf '[chatroom]\\nprot = 7000\\n' > wrong.ini")
    sentence = root.is_refused("twistd chatroom --config wrong.ini --check 2>&1")
    root.expects("'prot'" in sentence and "'port'" in sentence, sentence)


@PAGES.section(OPERATIONS, "What can change without a restart")
def reload(root: Operator, log: Block) -> None:
    """The journal says just these lines; a file with a mistake changes nothing."""
    root.types("systemctl start chatroom")
    frank = root.comes("frank")
    text = root.reads(SETTINGS).replace("talk-rate = off", "talk-rate = 2\nconnections = 500")
    root.writes(SETTINGS, text.replace("The Tea House", "The Coffee Server"))
    root.types("systemctl reload chatroom")
    for line in log.text.splitlines():
        root.debian.logs(line)
    root.writes(SETTINGS, text.replace("500", "many"))
    root.types("systemctl reload chatroom")
    root.debian.logs("connections")
    root.writes(SETTINGS, text)
    frank.sends(b"/who\n")
    frank.reads(b"frank")
    leaves(frank)


@PAGES.section(OPERATIONS, "Backup")
def backup(root: Operator, place: Block, making: Block, restoring: Block) -> None:
    """What was said before is there again, what was said later is not, and a file is never replaced."""
    dave = root.comes("dave")
    dave.sends(b"Before the backup.\n/who\n")
    dave.reads(b"Here (")
    root.follows(place)
    root.follows(making)
    (command,) = [line[2:] for line in making.text.splitlines() if line.startswith("$ ")]
    root.is_refused(f"{command} 2>&1")
    copy = command.split()[-1]
    root.expects(root.types(f"stat -c %a:%U {copy}") == "600:chatroom\n", "Others can read it.")
    dave.sends(b"After the backup.\n")
    leaves(dave)
    restore = restoring.text.splitlines()[0][2:]
    root.is_refused(f"{restore} 2>&1")
    root.types(f"systemctl stop chatroom && mkdir {DATA}.old && mv {DATA}/* {DATA}.old/")
    root.follows(restoring)
    root.types("systemctl start chatroom")
    gina = root.comes("gina")
    gina.reads(b"Before the backup.")
    gina.sends(b"/history\n")
    gina.reads_next(b"Before the backup.")
    gina.reads_next(b"Before the backup.")
    root.expects(b"After the backup" not in gina.received, "It is not the backup.")
    leaves(gina)


@PAGES.section(OPERATIONS, "Delete old history")
def vacuum(root: Operator, block: Block) -> None:
    """It is done beside a daemon that runs, and nobody is dropped."""
    dave = root.comes("dave")
    root.follows(block)
    dave.sends(b"/who\n")
    dave.reads(b"Here (")
    leaves(dave)


@PAGES.section(OPERATIONS, "Upgrade")
def upgrade(root: Operator, block: Block) -> None:
    """
    The unit's main process is another one, of the new version; people, half a line, reload, watchdog and the journal go
    on, several times; a version that does not start changes nothing.
    """
    first = root.main_process()
    alice, bob = root.comes("alice"), root.comes("bob")
    alice.sends(b"half a li")
    root.types("sed -i 's/^__version__ = .*/__version__ = \"99.1\"/' chatroom/__init__.py")
    root.follows(block)
    second = root.main_process()
    root.expects(second != first, "systemd does not know of it.")
    root.user_types("chatroom-admin --version | grep 99.1")
    alice.sends(b"ne\n")
    bob.reads(b"<alice> half a line")
    root.types("systemctl reload chatroom")
    root.types("systemctl kill --signal=USR2 --kill-whom=main chatroom")
    until("another main process", lambda: root.main_process() not in (0, second))
    third = root.main_process()
    bob.sends(b"Still here.\n")
    alice.reads(b"<bob> Still here.")

    program = "/opt/chatroom/lib/python3*/site-packages/chatroom/tap.py"
    root.types(f"echo 'raise RuntimeError(\"a mistake\")' | tee -a {program}")
    said = root.debian.tries(f"{BIN}/chatroom-admin upgrade --data {DATA}")
    root.expects(said.returncode == 1 and "a mistake" in said.stdout, said.stdout)
    root.types(f"sed -i '$d' {program}")
    root.expects(root.main_process() == third, "It is another process all the same.")
    root.debian.logs("There was no upgrade")
    alice.sends(b"And still.\n")
    bob.reads(b"<alice> And still.")
    time.sleep(35)  # longer than WatchdogSec, with nothing going on
    root.expects(root.main_process() == third, "systemd has ended it.")
    root.types("systemctl restart chatroom")
    alice.reads_to_the_end()


@PAGES.section(OPERATIONS, "The log")
def log(root: Operator, block: Block, rotation: Block) -> None:
    """fail2ban bans who guesses, also after an upgrade; logrotate reads its file; JSON is JSON."""
    root.types("apt-get -qq install --yes logrotate && install -d -o chatroom /var/log/chatroom")
    root.writes("/etc/logrotate.d/chatroom", rotation.text)
    root.types("logrotate --debug /etc/logrotate.d/chatroom")
    root.count += 1
    root.types("apt-get -qq install --yes fail2ban python3-systemd nftables")
    root.types("printf '%s\\n' '[sshd]' 'backend = systemd' > /etc/fail2ban/jail.d/sshd-journal.conf")
    root.types("systemctl restart fail2ban; sleep 2; fail2ban-client ping")
    # fail2ban spares the machine's own addresses, and here nobody comes from another one.
    root.follows(block)
    root.types("fail2ban-client set chatroom ignoreself false; fail2ban-client set chatroom bantime 1")
    root.types("fail2ban-client set chatroom maxretry 10")
    for number in range(10):  # of one account, chatroom itself lets nobody try so many
        guesser = Peer(PORT)
        guesser.sends(b"/login nobody%d wrong-password\n" % number)
        guesser.reads(b"! ")
        guesser.close()
    root.debian.logs("Failed login from 127.0.0.1")
    status = "fail2ban-client status chatroom"
    until("fail2ban to count them", lambda: "Total failed:\t10" in root.debian.types(status))
    until("the ban", lambda: "[chatroom] Ban 127.0.0.1" in root.reads("/var/log/fail2ban.log"))
    root.types("systemctl stop fail2ban")

    daemon = root.begins(
        f"twistd -n --pidfile= --logger chatroom.daemon.jsonlog.observer chatroom --port {PORT + 9} --backend memory"
    )
    until("a line of JSON", lambda: b"}" in daemon.log.read_bytes())
    guesser = Peer(PORT + 9)
    guesser.sends(b"/login nobody wrong-password\n")
    guesser.reads(b"! ")
    root.ends(daemon)
    events = [json.loads(line) for line in daemon.log.read_text().splitlines()]
    (failed,) = [event for event in events if event.get("log_namespace") == "chatroom.auth.entrance"]
    root.expects(failed["address"] == "127.0.0.1", repr(failed))


MONITORING = "docs/monitoring.rst"


@PAGES.section(MONITORING, "Monitor a server")
def watching(root: Operator, block: Block, scraping: Block) -> None:
    """The page is what Prometheus expects, at the place that its settings name; promtool accepts both."""
    root.types("apt-get -qq install --yes --no-install-recommends prometheus")
    root.types("systemctl stop chatroom prometheus")
    installing, running = commands(block)
    root.types(installing.typed)
    daemon = root.begins(f"{running.typed} --port {PORT}")
    root.count += 2
    daemon.says(READY)
    alice = root.comes("alice")
    root.writes("/etc/prometheus/chatroom.yml", scraping.text)
    root.types("promtool check config /etc/prometheus/chatroom.yml")
    (target,) = re.findall(r'targets: \["(.+)"\]', scraping.text)
    root.fetches(f"http://{target}/metrics", "/tmp/metrics")
    root.types("promtool check metrics < /tmp/metrics")
    root.types("grep -x 'chatroom_people 1.0' /tmp/metrics")
    root.fetches(f"http://{target}/healthz", "/tmp/health")
    root.types("grep -x ok /tmp/health")
    leaves(alice)
    root.ends(daemon)


TLS = "docs/tls.rst"


@PAGES.section(TLS, "Start with a certificate")
def certificate(root: Operator, trying: Block, certbot: Block) -> None:
    """openssl trusts the certificate when it is told to, and people can talk over it."""
    installing, making, running, coming = commands(trying)
    root.types(installing.typed)
    root.types(f"rm -rf {DATA}/certs")
    said = root.user_types(making.typed)
    root.expects(said.splitlines() == list(making.answers), said)
    daemon = root.begins(f"{running.typed} --port {PORT} --tls-port 64701")
    daemon.says("over TLS")
    said = root.user_types(f"(sleep 2; printf 'alice\\nQUIT\\n'; sleep 3) | {coming.typed} 2>&1")
    root.expects("Registration successful" in said, said)
    root.types(f"rm {DATA}/certs/*.pem")
    root.user_types("chatroom-admin cert certs --name chat.example.org")
    root.types("pkill -HUP -u chatroom twistd")
    said = root.user_types("openssl s_client -connect localhost:64701 < /dev/null 2>&1 | grep subject")
    daemon.says("expires")
    root.ends(daemon)
    (command,) = commands(certbot)
    folder = command.typed.split()[-1]
    root.types(f"install -d {folder} && cp {DATA}/certs/privkey.pem {folder}")
    root.types(f"cp {DATA}/certs/cert.pem {folder}/fullchain.pem")
    root.types(f"{BIN}/{command.typed} --check")
    root.count += 5


@PAGES.section(TLS, "Renew the certificate")
def renewal(root: Operator, certbot: Block) -> None:
    """
    certbot's hook, run as certbot would: certbot itself needs an authority, which the network here has none of. The
    running daemon, which could not read the files of root, shows the new certificate after it.
    """
    root.types("systemctl start chatroom")
    (command,) = commands(certbot)
    hook = shlex.split(command.typed)[-1]
    root.types("rm -rf /tmp/lineage && " + f"{BIN}/chatroom-admin cert /tmp/lineage --name renewed.example.org")
    root.types("cd /tmp/lineage && mv cert.pem fullchain.pem")
    root.types(f"RENEWED_LINEAGE=/tmp/lineage sh -c '{hook}'")
    root.count += 1
    root.types("systemctl reload chatroom")
    root.debian.logs("expires")
    root.types("openssl s_client -connect localhost:64701 < /dev/null 2>&1 | grep renewed.example.org")


@PAGES.section(TLS, "Behind a proxy")
def proxied(root: Operator, block: Block) -> None:
    """The address that the proxy names is the one that is logged."""
    (command,) = commands(block)
    root.types("systemctl stop chatroom")
    root.user_types(f"rm -f twistd.log; {command.typed}")
    root.count += 1
    until("a port", lambda: READY_PROXIED in root.reads(f"{DATA}/twistd.log"))
    guesser = Peer(PORT)
    guesser.sends(b"PROXY TCP4 198.51.100.7 127.0.0.1 4711 64700\r\n/login nobody wrong-password\n")
    guesser.reads(b"! ")
    until("the log", lambda: "Failed login from 198.51.100.7" in root.reads(f"{DATA}/twistd.log"))
    root.user_types("kill $(cat twistd.pid)")
    until("its end", lambda: not (root.debian.root / "var/lib/chatroom/twistd.pid").exists())


SHELL = "docs/shell.rst"


@PAGES.section(SHELL, "chatroom-admin: administration from the shell")
def shell(root: Operator, block: Block) -> None:
    """Each word that the page explains, beside a daemon of systemd that does it, as its user and as root."""
    root.types("systemctl start chatroom")
    server = f"--data {DATA}"
    root.user_types(f"echo '{PASSWORD}' | chatroom-admin accounts create alice {server}")
    root.user_types(f"echo '{PASSWORD}' | chatroom-admin accounts create mallory {server}")
    root.follows(block)
    mallory = Peer(PORT)
    mallory.sends(f"/login mallory {PASSWORD}\nWords of mallory.\n".encode())
    mallory.reads(b"Here (")
    root.types(f"{BIN}/chatroom-admin post {server} 'Good morning.'")
    mallory.reads(b"Good morning.")
    tail = root.begins(f"chatroom-admin tail lobby {server}")
    tail.says("Words of mallory.")
    mallory.sends(b"More of it.\n")
    tail.says("<mallory> More of it.")
    root.ends(tail)
    root.user_types(f"chatroom-admin accounts list {server} | grep '^mallory .*on line'")
    root.user_types(f"chatroom-admin tokens list mallory {server}")
    root.user_types(f"chatroom-admin export mallory mallory.json {server}")
    kept = root.user_types("cat mallory.json")
    root.expects("Words of mallory." in kept and "argon2" not in kept, kept)
    root.user_types(f"chatroom-admin bans add mallory --for 1h --reason flooding {server}")
    mallory.reads_to_the_end()
    root.user_types(f"chatroom-admin bans list {server} | grep mallory")
    root.user_types(f"chatroom-admin bans lift mallory {server}")
    root.user_types(f"chatroom-admin erase mallory --yes {server}")
    root.is_refused(f"chatroom-admin export mallory again.json {server} 2>&1")
    audit = root.user_types(f"chatroom-admin audit {server}")
    root.expects("(shell: " in audit and PASSWORD not in audit, audit)
    root.types("systemctl stop chatroom")
    root.types(f"echo 'another {PASSWORD}' | {BIN}/chatroom-admin accounts password alice {server}")
    root.expects("root" not in root.types(f"stat -c %U {DATA}/*"), "root has a file of the daemon's.")
    root.types("systemctl start chatroom")


@PAGES.section(SHELL, "Talk")
def talk(root: Operator, crontab: Block) -> None:
    """The line of a crontab: its sixth word is the user, and what is behind it is done."""
    user, command = crontab.text.split(None, 5)[5].split(None, 1)
    alice = root.comes("harry")
    root.types(f"ln -sf {BIN}/chatroom-admin /usr/local/bin/ && runuser -u {user} -- {command}")
    alice.reads(b"Good morning.")
    leaves(alice)


CONTAINER = "docs/container.rst"

NO_IMAGES = (
    "Building an image begins with one from a registry, which may be out of reach, and takes podman minutes in here. "
    "So the steps of contrib/Containerfile are done one by one instead."
)


@PAGES.section(CONTAINER, "Run the server in a container")
def container(root: Operator, block: Block) -> None:
    """What each RUN says can be done, and what ENTRYPOINT says is healthy, as its user, and lets people in."""
    say(NO_IMAGES)
    building, running = commands(block)
    (path,) = re.findall(r" -f (\S+) ", building.typed)
    made = steps(root.reads(f"{SOURCES}/{path}"))
    said = {step.word: step.argument for step in made}
    root.types("systemctl disable --now chatroom && userdel chatroom && rm -rf /opt/chatroom")
    root.types(f"ln -s /usr/bin/python3 /usr/local/bin/python && cp -r {SOURCES} /source")
    for step in made:
        if step.word == "RUN":
            root.types(step.argument)
    root.becomes(said["USER"], said["WORKDIR"])
    daemon = root.begins(shlex.join([*entry(made), *options(running.typed), "--port", "64700"]))
    daemon.says(READY)
    root.user_types(shlex.join(health(made)))
    peer = root.comes("alice")
    root.expects(b"Welcome to The Tea House." in peer.received, repr(peer.received))
    peer.sends(f"/signup {PASSWORD}\n".encode())
    peer.reads(b"your account")


@PAGES.section(CONTAINER, "Make the first admin")
def container_admin(root: Operator, block: Block) -> None:
    """chatroom-admin of the image finds the server that runs."""
    for typed in inside(command.typed for command in commands(block)):
        root.expects("alice is an admin" in root.user_types(typed), typed)


@PAGES.section(CONTAINER, "Back up and upgrade")
def container_backup(root: Operator, block: Block, upgrade: Block) -> None:
    """The backup is made beside the server that runs. What Podman itself does is not tried."""
    for typed in inside(command.typed for command in commands(block)):
        root.user_types(typed)
    root.types("test -s /data/backup.sqlite")
    running = [command for command in commands(upgrade) if command.typed.startswith("podman run")]
    root.expects(len(running) == 1, upgrade.text)


if __name__ == "__main__":
    main("Follow docs/operations.rst on a clean Debian.", PAGES.follow)
