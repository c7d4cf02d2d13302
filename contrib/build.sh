#!/bin/bash
# Writes the wheel and the source distribution of what git has committed: make dist. Arguments: python, folder.
# The same commit gives the same bytes, on any day and any machine with the same versions of setuptools and build.
set -euo pipefail
umask 022
python=$(realpath -s "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# What git tracks, as it is now, with the rights that a clean clone would have.
mkdir "$work/source" "$work/made"
git ls-files -z | xargs -0 cp --parents -t "$work/source"
chmod -R u=rwX,go=rX "$work/source"
"$python" -m build --outdir "$work/made" "$work/source" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# setuptools takes SOURCE_DATE_EPOCH for wheels alone: pack the other one again, without times, owners and chance.
sdist=$(basename "$work"/made/*.tar.gz .tar.gz)
tar -C "$work" -xf "$work/made/$sdist.tar.gz"
tar -C "$work" --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    -cf - "$sdist" | gzip -9 -n >"$out/$sdist.tar.gz"
cp "$work"/made/*.whl "$out"
