"""CDO's anomaly and ours are the same within the rounding of float32."""

import shutil
import subprocess
import unittest

import numpy as np

import support


@unittest.skipUnless(shutil.which("cdo"), "there is no cdo here")
class Cdo(support.Case):
    def test_the_values_are_those_of_sub_timmean(self):
        for name, variable in (("E1_north_america.nc", "air_temperature"), ("ostia_monthly.nc", "surface_temperature"),
                               ("SOI_Darwin.nc", "SOI_Darwin")):
            source = support.SAMPLES / name
            subprocess.run(["cdo", "-s", "-O", "-L", "-b", "F64", "sub", source, "-timmean", source,
                            self.folder / "cdo.nc"], check=True, stderr=subprocess.PIPE)
            theirs = support.open_input(self.folder / "cdo.nc")[variable].values
            with self.subTest(name), self.anomaly(source, ranks=2) as found:
                ours = found[variable].values
                np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
                # CDO subtracts a mean that it has rounded to the values' own type: half an ulp of them, at most.
                given = support.open_input(source)[variable].values
                with np.errstate(invalid="ignore"):
                    self.assertLessEqual(np.nanmax(np.abs(ours - theirs)), np.spacing(np.nanmax(np.abs(given))))


if __name__ == "__main__":
    support.main()
