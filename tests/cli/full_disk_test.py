"""A disk that is full: exit code 4 on every rank within 10 seconds, and nothing under the output's final name.

The disk is a tmpfs of a few bytes. Mounting needs root, or a namespace of one's own (unshare -Urm), in which this
script then starts itself again; without both the tests are skipped by name.
"""

import os
import subprocess
import sys
import unittest

import harness

STORAGE = 4


def mount(folder, size):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False,
                          capture_output=True).returncode == 0


class FullDisk(harness.Case):
    def disk(self, size):
        disk = self.folder / f"disk{size}"
        if disk.exists():
            return disk
        disk.mkdir()
        if not mount(disk, size):
            raise unittest.SkipTest("no right to mount a tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)], check=False)
        return disk

    def test_every_rank_ends_with_4_and_nothing_is_left(self):
        harness.make_input("noise", self.folder / "in.nc")  # 50 MiB that no codec makes smaller
        for size, why in (("4k", "no room for metadata"), ("1m", "no room for a chunk"), ("24m", "room for one chunk")):
            for ranks in (None, 2, 3):
                with self.subTest(why, ranks=ranks):
                    disk = self.disk(size)
                    failed = self.assert_fails(STORAGE, ["No space left on device", f"disk{size}"], "anomaly", "in.nc",
                                               f"disk{size}/out.zarr", ranks=ranks, timeout=10)
                    self.assertEqual(list(disk.iterdir()), [], failed)

    def test_an_old_output_stays(self):
        harness.make_input("noise", self.folder / "in.nc")
        harness.make_input("small", self.folder / "small.nc")
        disk = self.disk("2m")
        self.assert_done("anomaly", "small.nc", "disk2m/out.zarr")
        before = harness.tree(disk)
        self.assert_fails(STORAGE, "No space left on device", "anomaly", "--overwrite", "in.nc", "disk2m/out.zarr",
                          ranks=2, timeout=10)
        self.assertEqual(harness.tree(disk), before)

    def test_a_trace_without_room_ends_the_run_before_it_begins(self):
        harness.make_input("small", self.folder / "in.nc")
        self.disk("4k")
        filler = self.folder / "disk4k" / "filler"
        try:
            filler.write_bytes(b"x" * 8192)
        except OSError:
            pass
        before = harness.tree(self.folder)
        failed = self.run_dunlin("anomaly", "--trace", "disk4k/t.json", "in.nc", "out.zarr", ranks=2)
        self.assertEqual(set(failed.codes.values()), {STORAGE}, failed)
        self.assertIn("disk4k/t.json", failed.error_lines()[0])
        self.assertEqual(harness.tree(self.folder), before)

    def test_a_trace_that_outgrows_its_disk_is_a_warning_since_the_output_is_there(self):
        harness.make_input("small", self.folder / "in.nc")
        self.disk("8k")
        done = self.assert_done("anomaly", "--chunks", "time=1,lat=1", "--trace", "disk8k/t.json", "in.nc", "out.zarr",
                                ranks=2)
        warned = [line for line in done.err.splitlines() if line.startswith("warning: there is no trace: ")]
        self.assertEqual(len(warned), 1, done)
        self.assertIn("No space left on device", warned[0])
        self.assertEqual(list((self.folder / "disk8k").iterdir()), [], "no half of a trace")
        self.assertIn("out.zarr", done.out)
        self.assert_done("info", "out.zarr")


if __name__ == "__main__":
    if os.geteuid() != 0 and "DUNLIN_OWN_NAMESPACE" not in os.environ:
        inside = ["unshare", "-Urm", sys.executable, *sys.argv]
        if subprocess.run(["unshare", "-Urm", "true"], check=False, capture_output=True).returncode == 0:
            os.execvpe(inside[0], inside, {**os.environ, "DUNLIN_OWN_NAMESPACE": "1", "OMPI_ALLOW_RUN_AS_ROOT": "1",
                                           "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
    harness.main()
