#!/bin/bash
# Writes contrib/constraints.txt and contrib/requirements.txt with the newest versions that setup.cfg allows, on every
# Python that chatroom runs on: make lock. Argument: uv.
set -euo pipefail
cd "$(dirname "$0")/.."
# Like the file that pip would resolve for a full installation: all extras that an operator may want.
options=(pip compile --quiet --universal --python-version 3.10 --extra tls --extra web --extra metrics --extra postgres
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links setup.cfg)

{
    echo "# The versions that CI has tried: pip install -c contrib/constraints.txt '.[tls,web,metrics,postgres]'. Made by make lock."
    "$1" "${options[@]}"
} >contrib/constraints.txt
{
    echo "# The same with hashes: pip install --require-hashes -r contrib/requirements.txt. Made by make lock."
    "$1" "${options[@]}" --generate-hashes
} >contrib/requirements.txt
