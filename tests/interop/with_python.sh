#!/bin/bash
# Runs a Python script with the packages of requirements.txt beside this file: with_python.sh SCRIPT ARGUMENTS…
# The environment is build/venv, or the folder in DUNLIN_VENV. Ends with 77, a skipped test, where there is none.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=${DUNLIN_VENV:-$root/build/venv}
if [ ! -x "$venv/bin/python" ]; then
  echo "skipped: $venv holds no Python environment (bash tests/run.sh makes it)"
  exit 77
fi
exec "$venv/bin/python" "$@"
