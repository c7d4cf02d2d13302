"""A bot that repeats what begins with !echo, in plain Python: python examples/echo_bot_raw.py localhost 64700 echo"""

import json
import socket
import sys


def main(host="localhost", port="64700", nick="echo", token=None):
    """Connect once, and answer in the room where it was said."""
    connection = socket.create_connection((host, int(port)))

    def ask(**request):
        connection.sendall(json.dumps(request).encode() + b"\n")

    ask(id="hello", do="hello", nick=nick, token=token)
    for line in connection.makefile(encoding="utf-8", newline="\n"):
        made = json.loads(line) if line.startswith("{") else {}  # other lines are a greeting for people
        text = made.get("text", "")
        if made.get("event") == "said" and not made.get("bot") and text.startswith("!echo "):
            ask(id=made["seq"], do="say", room=made["room"], text=text.removeprefix("!echo "))
        elif made.get("ok") is False:
            sys.exit(made["sentence"])


if __name__ == "__main__":
    main(*sys.argv[1:])
