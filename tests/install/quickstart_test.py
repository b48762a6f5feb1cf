"""quickstart.sh where nothing is missing: a plain user gets to the end, and neither apt nor sudo is called.

It runs in a folder of its own that looks like a built checkout with its input fetched: the scripts, the built program,
the sample files. `cmake --build` is answered by a stand-in; apt, apt-get and sudo by ones that write down that they
were called, and fail.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import iris_sample_data

SOURCE, DUNLIN = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
TIERS = "tools library headers program"


def missing():
    script = f"source jobscripts/packages.sh; missing_packages cmake/packages.txt {TIERS}"
    return subprocess.run(["bash", "-c", script], cwd=SOURCE, capture_output=True, text=True, check=True).stdout.split()


def tool(path, text):
    path.write_text("#!/bin/bash\n" + text)
    path.chmod(0o755)


class Quickstart(unittest.TestCase):
    def setUp(self):
        lacking = missing()
        if lacking:
            self.skipTest(f"packages are missing here: {' '.join(lacking)}")
        self.root = Path(tempfile.mkdtemp(prefix="dunlin-quickstart-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        shutil.copytree(SOURCE / "jobscripts", self.root / "jobscripts")
        for folder in ("cmake", "tools", "build/bin", "build/quickstart"):
            (self.root / folder).mkdir(parents=True)
        shutil.copy(SOURCE / "cmake" / "packages.txt", self.root / "cmake")
        shutil.copy(DUNLIN, self.root / "build" / "bin" / "dunlin")
        (self.root / "build" / "CMakeCache.txt").touch()
        for name in ("E1_north_america.nc", "ostia_monthly.nc"):
            shutil.copy(Path(iris_sample_data.path) / name, self.root / "build" / "quickstart")
        for name in ("apt", "apt-get", "sudo"):
            tool(self.root / "tools" / name, f'echo {name} "$@" >> {self.root}/called\nexit 1\n')
        tool(self.root / "tools" / "cmake", f'echo cmake "$@" >> {self.root}/built\n')

    def test_a_plain_user_needs_neither_apt_nor_sudo(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMPI_", "PMIX_"))}
        environment |= {"PATH": f"{self.root / 'tools'}:{os.environ['PATH']}", "HOME": str(self.root),
                        "TMPDIR": str(self.root)}
        user = {}
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "nobody:nogroup", str(self.root)], check=True)
            user = dict(user="nobody", group="nogroup", extra_groups=[])
        done = subprocess.run(["bash", "jobscripts/quickstart.sh", "--no-big"], cwd=self.root, env=environment,
                              capture_output=True, text=True, timeout=200, **user)
        told = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, told)
        self.assertFalse((self.root / "called").exists(), told)
        self.assertIn("cmake --build build", (self.root / "built").read_text())
        for name in ("E1_north_america", "ostia_monthly"):
            self.assertTrue((self.root / "build" / "quickstart" / f"{name}_anomaly.zarr" / "zarr.json").exists(), told)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    sys.exit(77 if result.wasSuccessful() and result.skipped else not result.wasSuccessful())
