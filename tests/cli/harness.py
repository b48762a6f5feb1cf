"""Runs the program as a user does and keeps what came of it.

    class Errors(harness.Case):
        def test_missing_file(self):
            self.assert_fails(3, "no such file", "anomaly", "x.nc", "out.zarr", ranks=2)

Every case has a folder of its own, which is also where the program runs. Under the launcher each rank's exit code is
written down by a wrapper (record.sh), since launchers return codes of their own; the wrapper ends with 0, so that the
launcher does not end the others early.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

DUNLIN = os.environ["DUNLIN"]
MAKE_INPUT = os.environ["MAKE_INPUT"]
LAUNCHER = shlex.split(os.environ["LAUNCHER"])
RECORD = str(Path(__file__).with_name("record.sh"))
SKIPPED = 77
LAUNCHER_VARIABLES = ("OMPI_", "PMIX_", "PMI_", "SLURM_")


class Run:
    """A finished run: exit code of every rank, output, errors, seconds."""

    def __init__(self, codes, out, err, seconds):
        self.codes, self.out, self.err, self.seconds = codes, out, err, seconds

    def error_lines(self):
        return [line for line in self.err.splitlines() if line.startswith("dunlin:")]

    def __str__(self):
        return f"codes {self.codes}\n--- output\n{self.out}\n--- errors\n{self.err}"


class Started:
    """A run that goes on. `codes` is the folder of its ranks' codes, None without a launcher."""

    def __init__(self, command, folder, environment, ranks, codes):
        self.ranks, self.codes = ranks, codes
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True)

    def pids(self):
        """Process ids of the ranks that have begun, by rank."""
        if self.codes is None:
            return {0: self.process.pid}
        return {int(p.name[4:]): int(p.read_text()) for p in self.codes.glob("pid.*") if p.read_text()}

    def ended(self):
        """The launcher's or the program's own code; None while it runs. Leaves it to be finished."""
        gone = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return None if gone is None else gone.si_status

    def kill(self):
        """Ends what is still running of it, a session of its own."""
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()

    def finish(self, timeout=60):
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)  # of the session that was started for it
            out, err = self.process.communicate()
            raise AssertionError(f"no end within {timeout} s\n{out.decode()}\n{err.decode()}") from None
        seconds = time.monotonic() - self.began
        codes = {0: self.process.returncode}
        if self.codes is not None:
            codes = {r: _number(self.codes / f"code.{r}") for r in range(self.ranks)}
        return Run(codes, out.decode(), err.decode(), seconds)


def _number(path):
    return int(path.read_text()) if path.exists() and path.read_text() else None


def start(*arguments, folder, ranks=None, environment=None):
    """Starts the program: alone, or as so many ranks under the launcher."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(LAUNCHER_VARIABLES) or k.startswith("OMPI_MCA_")}
    clean.pop("SOURCE_DATE_EPOCH", None)
    clean.update(environment or {})
    command, codes = [DUNLIN, *map(str, arguments)], None
    if ranks is not None:
        codes = Path(tempfile.mkdtemp(prefix="dunlin-codes-"))
        command = [*LAUNCHER, "-n", str(ranks), "bash", RECORD, str(codes), *command]
    return Started(command, folder, clean, ranks, codes)


def run(*arguments, folder, ranks=None, environment=None, timeout=60):
    started = start(*arguments, folder=folder, ranks=ranks, environment=environment)
    try:
        return started.finish(timeout)
    finally:
        if started.codes:
            shutil.rmtree(started.codes)


def make_input(kind, path):
    subprocess.run([MAKE_INPUT, kind, str(path)], check=True)
    return Path(path)


def tree(folder):
    """Everything below a folder, hidden things too: path → bytes (None for what is no file)."""
    folder = Path(folder)
    return {p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None
            for p in sorted(folder.rglob("*"))}


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="dunlin-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_dunlin(self, *arguments, **options):
        return run(*arguments, folder=options.pop("folder", self.folder), **options)

    def assert_done(self, *arguments, **options):
        done = self.run_dunlin(*arguments, **options)
        self.assertEqual(set(done.codes.values()), {0}, done)
        self.assertEqual(done.error_lines(), [], done)
        return done

    def assert_fails(self, code, says, *arguments, **options):
        """Every rank ends with the code, one line says why, and the folder is as it was."""
        before = tree(self.folder)
        failed = self.run_dunlin(*arguments, **options)
        self.assertEqual(set(failed.codes.values()), {code}, failed)
        self.assertEqual(len(failed.error_lines()), 1, failed)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, failed.error_lines()[0])
        self.assertEqual(failed.out, "", failed)
        self.assertEqual(tree(self.folder), before, "something was left behind or changed")
        return failed


def main():
    """Runs the file's tests; where all of them were skipped, ends with ctest's code for that."""
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun and len(result.skipped) == result.testsRun else 0)
