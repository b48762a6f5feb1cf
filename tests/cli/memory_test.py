"""Memory: a run over 1 GB stays within its budget and within what the plan said, on every rank."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

import harness

MIB = 2**20
MEASURE = Path(__file__).resolve().parents[2] / "jobscripts" / "measure.py"


def free_disk(folder):
    return harness.shutil.disk_usage(folder).free


class Memory(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = Path(harness.tempfile.mkdtemp(prefix="dunlin-series-"))
        cls.addClassCleanup(harness.shutil.rmtree, cls.shared, ignore_errors=True)
        if free_disk(cls.shared) < 4 * 2**30:
            raise unittest.SkipTest("needs 4 GiB of free disk")
        harness.make_input("series", cls.shared / "in.nc")

    def planned_peak(self, options, ranks):
        text = self.assert_done("anomaly", *options, "--plan-ranks", ranks, self.shared / "in.nc", "out.zarr").out
        rows = re.findall(r"(?m)^ +\d+ +\d+ +([\d.]+) (B|KiB|MiB|GiB) ", text)
        self.assertEqual(len(rows), ranks, text)
        return max(float(number) * {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[unit] for number, unit in rows)

    def measured_peak(self, options, ranks):
        """Largest resident memory of any rank, as the operating system counted it."""
        file = self.folder / "measured"
        command = [sys.executable, MEASURE, file, *harness.LAUNCHER, "-n", str(ranks), harness.DUNLIN, "anomaly",
                   *options, self.shared / "in.nc", "out.zarr"]
        done = subprocess.run(list(map(str, command)), cwd=self.folder, capture_output=True, timeout=200, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        harness.shutil.rmtree(self.folder / "out.zarr")
        return int(file.read_text().split()[1])

    def test_a_budget_of_200M_is_kept(self):
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                options = ["--memory", "200M", "--threads", "1"]
                self.assertLessEqual(self.planned_peak(options, ranks), 200 * MIB)
                self.assertLessEqual(self.measured_peak(options, ranks), 1.1 * 200 * MIB + 64 * MIB)

    def test_the_plan_tells_the_peak_whatever_the_budget(self):
        for options in (["--threads", "1"], ["--threads", "2"], ["--memory", "900M", "--threads", "1"]):
            with self.subTest(options=options):
                planned = self.planned_peak(options, 2)
                self.assertLessEqual(self.measured_peak(options, 2), 1.1 * planned + 64 * MIB)


if __name__ == "__main__":
    harness.main()
