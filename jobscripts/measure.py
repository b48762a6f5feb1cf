#!/usr/bin/env python3
"""Runs a command and appends one line to a file: `seconds peak_bytes`.

    measure.py FILE COMMAND ARGUMENTS…

peak_bytes is the largest resident memory of any single process of the command (of one rank, under mpirun). The exit code
is the command's.
"""

import resource
import subprocess
import sys
import time


def main():
    begin = time.monotonic()
    code = subprocess.run(sys.argv[2:], check=False).returncode
    seconds = time.monotonic() - begin
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    with open(sys.argv[1], "a", encoding="utf-8") as file:
        file.write(f"{seconds:.2f} {peak}\n")
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
