"""Signals end a run with 75 on every rank and nothing is published, whenever they come and whichever rank gets them."""

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

import harness

STOPPED = 75


def catches(pid, number):
    """Whether a process has installed a handler for a signal, as the system tells it."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as status:
            masks = dict(line.split(":\t", 1) for line in status.read().splitlines() if ":\t" in line)
        return bool(int(masks["SigCgt"], 16) >> (number - 1) & 1)
    except (FileNotFoundError, ProcessLookupError):
        return False


class Stop(harness.Case):
    def setUp(self):
        super().setUp()
        harness.make_input("long", self.folder / "in.nc")  # 1.6 GB, read for the mean, then read again and written
        harness.make_input("small", self.folder / "small.nc")

    def wait_until(self, what, condition, started):
        while not condition():
            self.assertIsNone(started.ended(), f"ended before {what}")
            self.assertLess(time.monotonic() - started.began, 60, f"no {what} within a minute")
            time.sleep(0.01)

    def written(self):
        return any(p.is_file() for p in (self.folder / ".out.zarr.partial").glob("sst*/c/**/*"))

    def check(self, send, ranks, early, *options):
        """Starts a long run, calls send(started, pids) early in it or amid writing, and sees how it ends."""
        before = harness.tree(self.folder)
        started = harness.start("anomaly", "--codec", "zstd:19", "--memory", "400M", *options, "in.nc", "out.zarr",
                                folder=self.folder, ranks=ranks)
        self.addCleanup(started.kill)
        count = ranks or 1
        self.wait_until("all ranks run", lambda: len(started.pids()) == count, started)
        self.wait_until("signals are caught",
                        lambda: all(catches(pid, signal.SIGUSR1) for pid in started.pids().values()), started)
        if not early:
            self.wait_until("a chunk is written", self.written, started)
        send(started, started.pids())
        stopped = started.finish(60)
        self.assertEqual(set(stopped.codes.values()), {STOPPED}, stopped)
        self.assertEqual(len(stopped.error_lines()), 1, stopped)
        self.assertEqual(harness.tree(self.folder), before, "something was left behind or changed")
        return stopped

    def test_one_process(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            for early in (True, False):
                with self.subTest(number=number, early=early):
                    self.check(lambda started, pids, n=number: os.kill(pids[0], n), None, early)

    def test_the_launcher_passes_it_on(self):
        self.check(lambda started, pids: os.kill(started.process.pid, signal.SIGUSR1), 2, True)
        self.check(lambda started, pids: os.kill(started.process.pid, signal.SIGUSR1), 2, False)

    def test_one_rank_of_three_is_enough(self):
        for rank in (0, 2):
            with self.subTest(rank=rank):
                self.check(lambda started, pids, r=rank: os.kill(pids[r], signal.SIGTERM), 3, False)

    def test_an_old_output_stays(self):
        self.assert_done("anomaly", "small.nc", "out.zarr")
        self.check(lambda started, pids: os.kill(pids[1], signal.SIGUSR1), 2, False, "--overwrite")

    def test_what_a_killed_run_leaves_is_replaced_by_the_next(self):
        self.assert_done("anomaly", "small.nc", "old.zarr", environment={"SOURCE_DATE_EPOCH": "0"})
        for ranks in (None, 2):
            with self.subTest(ranks=ranks):
                before = harness.tree(self.folder)
                started = harness.start("anomaly", "--memory", "400M", "--trace", "t.json", "in.nc", "out.zarr",
                                        folder=self.folder, ranks=ranks)
                self.addCleanup(started.kill)
                self.wait_until("a chunk is written", self.written, started)
                for pid in started.pids().values():
                    os.kill(pid, signal.SIGKILL)
                started.finish(60)
                self.assertFalse((self.folder / "out.zarr").exists(), "half an output under the final name")
                self.assertFalse((self.folder / "t.json").exists(), "half a trace under the final name")
                self.assertTrue((self.folder / ".out.zarr.partial").exists(), "the run was killed too late")
                self.assert_done("anomaly", "small.nc", "out.zarr", ranks=ranks,
                                 environment={"SOURCE_DATE_EPOCH": "0"})
                for left in self.folder.glob(".t.json.*.partial"):
                    left.unlink()  # its name has the number of the process that is gone
                self.assertEqual({p.name for p in self.folder.iterdir()},
                                 {"in.nc", "small.nc", "old.zarr", "out.zarr"})
                chunks = lambda name: {k: v for k, v in harness.tree(self.folder / name).items() if k != "zarr.json"}
                self.assertEqual(chunks("out.zarr"), chunks("old.zarr"))
                harness.shutil.rmtree(self.folder / "out.zarr")
                self.assertEqual(harness.tree(self.folder), before)

    def test_info_is_ended_by_a_signal_as_any_program(self):
        # Its output goes into a pipe that is full, so it waits there for ever.
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        os.write(writer, b"x" * fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ))
        process = subprocess.Popen([harness.DUNLIN, "info", "small.nc"], cwd=self.folder, stdout=writer)
        self.addCleanup(process.kill)
        os.close(writer)
        while "State:\tS" not in Path(f"/proc/{process.pid}/status").read_text():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), -signal.SIGINT)


if __name__ == "__main__":
    harness.main()
