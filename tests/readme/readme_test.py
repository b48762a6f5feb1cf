"""Every command of README.md runs, its example compiles and computes, and it names no file or option that is not there.

SOURCE and BUILD, in the environment, are the source tree and a finished build. Each block of commands runs in a folder
that looks like a fresh clone with a build and an input in it.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import netCDF4
import numpy as np
import xarray

import readme

SOURCE, BUILD = Path(os.environ["SOURCE"]), Path(os.environ["BUILD"])
README = (SOURCE / "README.md").read_text()
DUNLIN = BUILD / "bin/dunlin"

# Commands that are not run here: why not, and which file holds the step that runs or checks them instead.
ELSEWHERE = {
    "bash jobscripts/quickstart.sh": ("installs packages and builds", ".ci/run", "bash jobscripts/quickstart.sh"),
    "bash tests/run.sh": ("runs this very test", ".ci/run", "bash tests/run.sh"),
    "spack env activate -d . && spack install": ("needs Spack, and hours", "tests/install/CMakeLists.txt",
                                                 "spack_environment_names_every_package"),
    "cmake --preset release -DDUNLIN_BUILD_TESTS=OFF": ("configures the build that is tested here",
                                                        "jobscripts/quickstart.sh",
                                                        "cmake --preset release -DDUNLIN_BUILD_TESTS=OFF"),
    "cmake --build --preset release": ("builds what is tested here", "tests/run.sh",
                                       'cmake --build --preset "$preset"'),
}

# Slurm where there is none: sbatch runs the script here, srun starts two ranks. Both drop their options.
SBATCH = """#!/bin/bash
while [[ $1 == -* ]]; do shift; done
SLURM_SUBMIT_DIR=$PWD SLURM_CPUS_PER_TASK=1 exec bash "$@"
"""
SRUN = """#!/bin/bash
while [[ $1 == -* ]]; do shift; done
exec mpirun -n 2 "$@"
"""

# Names of the reader's own files, and of places that stand for many.
PLACEHOLDERS = {"sst.nc", "anomaly.zarr", "run.json", "sst_anomaly.cpp", "ROOM/include/dunlin/ROOM/"}


def make_input(path):
    """(time unlimited 4, lat 3, lon 5): packed sst, one cell missing at times and one always."""
    with netCDF4.Dataset(path, "w") as file:
        for name, length in (("time", None), ("lat", 3), ("lon", 5)):
            file.createDimension(name, length)
        time = file.createVariable("time", "f8", ("time",))
        time.units = "days since 2000-01-01"
        time[:] = [0, 1, 2, 3]
        sst = file.createVariable("sst", "i2", ("time", "lat", "lon"), fill_value=-1)
        sst.set_auto_maskandscale(False)
        sst.setncatts({"scale_factor": np.float32(0.01), "units": "degC"})
        values = np.arange(60).reshape(4, 3, 5) ** 2
        values[0, 0, 0] = values[:, 1, 1] = -1
        sst[:] = values


class Clone:
    """A folder as README's reader has it, with stand-ins for Slurm in front of the PATH."""

    def __init__(self, home):
        self.folder = Path(tempfile.mkdtemp(prefix="dunlin-readme-"))
        for entry in SOURCE.iterdir():
            if not entry.name.startswith("build"):
                (self.folder / entry.name).symlink_to(entry)
        (self.folder / "build").symlink_to(BUILD)
        make_input(self.folder / "sst.nc")
        for name, text in (("sbatch", SBATCH), ("srun", SRUN)):
            (home / name).write_text(text)
            (home / name).chmod(0o755)
        python = Path(os.environ.get("DUNLIN_VENV", SOURCE / "build/venv")) / "bin"
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("PMIX_", "PMI_", "SLURM_"))}
        self.environment.update(HOME=str(home), PATH=f"{home}:{DUNLIN.parent}:{python}:{os.environ['PATH']}",
                                OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                                OMPI_MCA_rmaps_base_oversubscribe="1")

    def run(self, command, cwd=None):
        return subprocess.run(["bash", "-c", command], cwd=cwd or self.folder, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200)

    def remove(self):
        shutil.rmtree(self.folder)


class Case(unittest.TestCase):
    def setUp(self):
        self.home = Path(tempfile.mkdtemp(prefix="dunlin-home-"))
        self.addCleanup(shutil.rmtree, self.home)

    def clone(self):
        clone = Clone(self.home)
        self.addCleanup(clone.remove)
        return clone

    def assert_runs(self, clone, command, cwd=None):
        done = clone.run(command, cwd)
        self.assertEqual(done.returncode, 0, f"README says `{command}`, which ends with:\n{done.stdout}")
        return done.stdout


class Commands(Case):
    def test_every_command_runs(self):
        for block in readme.blocks(README, "bash"):
            clone = self.clone()
            for command in readme.commands(block):
                if command not in ELSEWHERE:
                    with self.subTest(command):
                        self.assert_runs(clone, command)

    def test_what_is_not_run_here_is_run_by_the_step_that_we_name(self):
        every = [command for block in readme.blocks(README, "bash") for command in readme.commands(block)]
        for command, (_, file, step) in ELSEWHERE.items():
            self.assertIn(command, every, "README does not say this any more: take it out of ELSEWHERE")
            self.assertIn(step, (SOURCE / file).read_text(), f"{file} should run `{command}`")

    def test_the_codecs_and_chunks_of_the_table_are_taken(self):
        clone = self.clone()
        rows = {row[0]: row for row in readme.table(README, "option of")}
        codecs = readme.spans(rows["`--codec CODEC`"][1])
        self.assertGreater(len(codecs), 3)
        for codec in codecs:
            self.assert_runs(clone, f"dunlin anomaly --plan --codec {codec} sst.nc anomaly.zarr")
        chunks = next(name for name in rows if "--chunks" in name)
        self.assert_runs(clone, f"dunlin anomaly --plan {chunks.strip('`')} sst.nc anomaly.zarr")


class Names(Case):
    def help_text(self, *words):
        return subprocess.run([DUNLIN, *words, "--help"], text=True, stdout=subprocess.PIPE, check=True).stdout

    def known_options(self):
        options = {"--version"}
        for words in ([], ["anomaly"], ["info"]):
            options |= set(readme.OPTION.findall(self.help_text(*words)))
        return options

    def test_the_table_of_options_is_that_of_the_help(self):
        told = {option for row in readme.table(README, "option of") for option in readme.OPTION.findall(row[0])}
        self.assertEqual(told, set(readme.OPTION.findall(self.help_text("anomaly"))) - {"--help"})

    def test_no_option_is_named_that_nobody_has(self):
        self.assertEqual(readme.unknown_options(README, self.known_options()), [])

    def test_no_file_is_named_that_is_not_there(self):
        self.assertEqual(readme.unknown_files(README, self.is_there), [])

    def is_there(self, name):
        if name in PLACEHOLDERS:
            return True
        if name.startswith("$HOME/dunlin/"):  # what was installed: the example's test looks
            return True
        if name.startswith("build/"):
            return (BUILD / name[6:]).exists()
        return (SOURCE / name).exists()

    def test_the_room_map_shows_every_room(self):
        for row in readme.table(README, "folder"):
            for folder in readme.spans(row[0]):
                if folder in ("runtime/", "collections/"):
                    rooms = {path.parent.name for path in (SOURCE / folder).glob("*/CMakeLists.txt")}
                    self.assertEqual(set(readme.spans(row[1])), rooms, folder)

    def test_the_exit_codes_are_those_of_the_program(self):
        told = [row[0] for row in readme.table(README, "exit code")]
        text = self.help_text().split("Exit codes:")[1]
        self.assertEqual(told, re.findall(r"(?<!\w)\d+(?= )", text))

    def test_exit_codes_mean_what_the_table_says(self):
        clone = self.clone()
        for code, command in ((2, "dunlin anomaly --dim"), (3, "dunlin anomaly none.nc out.zarr"),
                              (4, "dunlin anomaly sst.nc /proc/out.zarr"),
                              (5, "dunlin anomaly --memory 100 sst.nc out.zarr")):
            done = clone.run(command)
            self.assertEqual(done.returncode, code, f"{command}\n{done.stdout}")


class Example(Case):
    def test_the_example_is_built_against_an_install_and_computes(self):
        clone = self.clone()
        install = next(command for block in readme.blocks(README, "bash") for command in readme.commands(block)
                       if command.startswith("cmake --install"))
        self.assert_runs(clone, install)
        for name in re.findall(r"`(\$HOME/dunlin/[^`]+)`", README):
            self.assert_runs(clone, f"test -e {name}")
        (program,), (cmake,) = readme.blocks(README, "cpp"), readme.blocks(README, "cmake")
        work = self.home / "work"
        work.mkdir()
        (work / "sst_anomaly.cpp").write_text(program)
        (work / "CMakeLists.txt").write_text(cmake)
        prefix = next(span for span in readme.spans(README) if span.startswith("-DCMAKE_PREFIX_PATH"))
        self.assert_runs(clone, f"cmake -S . -B build -G Ninja {prefix} && cmake --build build", work)
        self.assert_runs(clone, f"mpirun -n 2 {work}/build/sst_anomaly sst.nc anomaly.zarr")
        with xarray.open_dataset(clone.folder / "sst.nc") as given, \
                xarray.open_zarr(clone.folder / "anomaly.zarr") as found:
            expected = given.sst - given.sst.mean("time")
            np.testing.assert_allclose(found.sst, expected, rtol=0, atol=1e-5)
            self.assertEqual(found.sst.dims, ("time", "lat", "lon"))
            np.testing.assert_array_equal(found.time, given.time)
        done = clone.run(f"mpirun -n 2 {work}/build/sst_anomaly none.nc other.zarr")
        self.assertEqual(done.stdout.count("none.nc"), 1, "one rank speaks")


class Checks(Case):
    """The checks find what is wrong: a README with one breach each."""

    def test_an_option_that_nobody_has(self):
        known = {"--dim"}
        self.assertEqual(readme.unknown_options("`--dim x`, `--dimm`", known), ["--dimm"])
        self.assertEqual(readme.unknown_options("```bash\nmpirun -n 2 dunlin info --no a\n```\n", known), ["--no"])
        self.assertEqual(readme.unknown_options("```bash\ncmake --preset release\n```\n", known), [])

    def test_a_file_that_is_not_there(self):
        there = {"jobscripts/", "tests/run.sh", "README.md"}
        text = "`jobscripts/` `tests/run.sh` `tests/walk.sh` `HISTORY.md` `PATH` [a](README.md) [b](gone.md) `1/2 of x`"
        self.assertEqual(readme.unknown_files(text, there.__contains__), ["tests/walk.sh", "HISTORY.md", "gone.md"])

    def test_comments_and_joined_lines_of_commands(self):
        self.assertEqual(readme.commands("a 'b' # why\n# all\n\nc \\\n  d\n"), ["a 'b'", "c    d"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
