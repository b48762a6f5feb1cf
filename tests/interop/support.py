"""What the interoperability tests share: the program run as users run it, and xarray as the judge.

    class Decoding(support.Case):
        def test_packed(self):
            self.write("in.nc")
            with self.anomaly("in.nc", ranks=2, threads=2) as found:        # the output, as xarray.open_zarr shows it
                self.assert_anomaly(found, expected=support.anomaly("in.nc"), names=["sst"])

The *oracle* is xarray's decoding and a mean in float64, rounded once. Where every partial sum of the values is exact in
float64 (numbers of 24 bits and similar size: temperatures in float32, integers, multiples of 1/1024), the order of
summation does not show, and results are compared bit by bit.
"""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import iris_sample_data
import numpy as np
import xarray

DUNLIN = os.environ["DUNLIN"]
LAUNCHER = shlex.split(os.environ["LAUNCHER"])
SAMPLES = Path(iris_sample_data.path)

# Attributes that describe stored values or their range, and are untrue of a result.
GONE = {"scale_factor", "add_offset", "_FillValue", "missing_value", "valid_min", "valid_max", "valid_range",
        "actual_range", "_Unsigned"}
# We ask for more threads than some machines have cores, and are told so.
OF_THE_MACHINE = "they will wait for one another"
# Integers of 64 bits may lose digits in float64.
OF_DIGITS = "is taken in float64"


def run(*arguments, ranks=None, folder=None, environment=None, timeout=120):
    """The finished program, alone or as so many ranks under the launcher."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("OMPI_COMM_", "PMIX_", "PMI_", "SLURM_")) and name != "SOURCE_DATE_EPOCH"}
    launch = [] if ranks is None else [*LAUNCHER, "-n", str(ranks)]
    return subprocess.run([*launch, DUNLIN, *map(str, arguments)], cwd=folder, env=clean | (environment or {}),
                          text=True, capture_output=True, timeout=timeout)


def open_input(path, **options):
    """What xarray makes of an input: decoded, loaded, times as cftime where the calendar asks for it."""
    with xarray.open_dataset(path, decode_timedelta=False, **options) as dataset:
        return dataset.load()


def result_type(variable):
    """An anomaly has the floating type of its decoded input, float64 for integers."""
    return np.float32 if variable.dtype == np.float32 else np.float64


def anomaly(given, names, dim="time"):
    """The oracle: a dataset minus the means of the named variables, without `history`."""
    result = given.copy()
    for name in names:
        wide = given[name].astype(np.float64)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # cells without values
            difference = wide - wide.mean(dim)
        result[name] = difference.transpose(*given[name].dims).astype(result_type(given[name]))
        result[name].attrs = {key: value for key, value in given[name].attrs.items() if key not in GONE}
    result.attrs = {key: value for key, value in given.attrs.items() if key != "history"}
    return result


def tree(folder):
    """Everything below a folder: path → bytes, None for folders."""
    return {path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))}


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="dunlin-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_done(self, *arguments, **options):
        """Runs to the end without a complaint on standard error, beside warnings that are `expected_warnings`, and
        those that do not count."""
        expected = options.pop("expected_warnings", 0)
        done = run(*arguments, folder=self.folder, **options)
        told = f"{' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}"
        self.assertEqual(done.returncode, 0, told)
        warned = [line for line in done.stderr.splitlines()
                  if line.startswith("warning:") and OF_THE_MACHINE not in line and OF_DIGITS not in line]
        self.assertEqual(len(warned), expected, told)
        return done

    def assert_refused(self, code, says, *arguments, **options):
        """One line says why; nothing is left behind."""
        before = sorted(tree(self.folder))
        done = run(*arguments, folder=self.folder, **options)
        lines = [line for line in done.stderr.splitlines() if line.startswith("dunlin:")]
        self.assertEqual((done.returncode, len(lines)), (code, 1), f"{done.stdout}{done.stderr}")
        self.assertIn(says, lines[0])
        self.assertEqual(sorted(tree(self.folder)), before)

    @contextlib.contextmanager
    def anomaly(self, source, *options, out="out.zarr", dim="time", **how):
        """Runs `dunlin anomaly`; yields what xarray shows of the output, without a warning of it or zarr."""
        threads = how.pop("threads", 1)
        self.run_done("anomaly", "--dim", dim, "--overwrite", "--threads", threads, "--progress", "off", *options,
                      source, out, **how)
        with self.shown(out) as found:
            yield found

    @contextlib.contextmanager
    def shown(self, out, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with xarray.open_zarr(self.folder / out, decode_timedelta=False, **options) as found:
                yield found.load()

    def assert_same(self, found, expected, but_history=True):
        """Variables, coordinates, dimensions, types, attributes, values (missing where missing), all bit by bit."""
        found = found.copy()
        if but_history:
            found.attrs = {key: value for key, value in found.attrs.items() if key != "history"}
        xarray.testing.assert_identical(found, expected)
        self.assertEqual({name: found[name].dtype for name in found.variables},
                         {name: expected[name].dtype for name in expected.variables})
        for name in expected.variables:
            if expected[name].dtype.kind == "f":  # assert_identical takes −0 for 0
                self.assert_same_bits(found[name].values, expected[name].values, name)

    def assert_same_bits(self, found, expected, name=""):
        self.assertEqual((found.dtype, found.shape), (expected.dtype, expected.shape), name)
        there = ~np.isnan(expected)
        np.testing.assert_array_equal(np.isnan(found), ~there, err_msg=f"missing values of {name}")
        bits = f"u{expected.dtype.itemsize}"
        np.testing.assert_array_equal(found[there].view(bits), expected[there].view(bits), err_msg=f"bits of {name}")


def main():
    """Runs the file's tests; where all of them were skipped, ends with ctest's code for that."""
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun and len(result.skipped) == result.testsRun else 0)
