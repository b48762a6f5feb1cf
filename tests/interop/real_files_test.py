"""Real netCDF-4 files, through `dunlin anomaly` and back into xarray: the numbers, and every label beside them.

The files are those of the package iris-sample-data. All of them hold float32 or int32 of such a range that their sums
are exact in float64: the oracle's bits are the only right ones.
"""

import itertools
import warnings

import numpy as np
import xarray
import zarr

import support

SAMPLES = support.SAMPLES
NEMO = [f"NEMO/nemo_1m_2015{months}_grid-T.nc" for months in ("0101-20150201", "0201-20150301", "0301-20150401")]

# file, dimension, data variables, attributes that name what is not in the file, variables that cannot be carried.
FILES = [
    ("E1_north_america.nc", "time", ["air_temperature"], {}, []),
    ("A1B_north_america.nc", "time", ["air_temperature"], {}, []),
    ("ostia_monthly.nc", "time", ["surface_temperature"], {}, []),
    ("SOI_Darwin.nc", "time", ["SOI_Darwin"], {}, []),
    ("vlstr_type.nc", "time", ["wind"], {}, ["expver"]),
    *[(name, "time_counter", ["tos"], {"tos": "cell_measures"}, []) for name in NEMO],
    # No time axis, but missing values, rotated grids, formula terms and two-dimensional coordinates.
    ("hybrid_height.nc", "model_level_number", ["air_potential_temperature"], {}, []),
    ("atlantic_profiles.nc", "depth", ["salinity", "theta"], {}, []),
    ("rotated_pole.nc", "grid_latitude", ["air_pressure_at_sea_level"], {}, []),
    ("toa_brightness_stereographic.nc", "y", ["data"], {}, []),
    ("orca2_votemper.nc", "dim0", ["votemper"], {}, []),
]


def expected_of(name, dim, variables, dangling, skipped):
    given = support.open_input(SAMPLES / name).drop_vars(skipped)
    expected = support.anomaly(given, variables, dim)
    for variable, attribute in dangling.items():
        del expected[variable].attrs[attribute]
    return expected


class RealFiles(support.Case):
    def test_the_anomaly_of_every_file_is_the_oracles_with_every_label(self):
        shapes = itertools.cycle([(1, 1), (2, 2), (3, 1), (4, 2), (2, 4), (1, 3)])
        for name, dim, variables, dangling, skipped in FILES:
            ranks, threads = next(shapes)
            with self.subTest(name, ranks=ranks, threads=threads):
                expected = expected_of(name, dim, variables, dangling, skipped)
                with self.anomaly(SAMPLES / name, ranks=ranks, threads=threads, dim=dim,
                                  expected_warnings=len(skipped)) as found:
                    self.assert_same(found, expected)
                    self.assertEqual(list(found.dims), list(expected.dims))

    def test_the_main_job_at_every_number_of_ranks_and_threads(self):
        for name, variable in (("E1_north_america.nc", "air_temperature"), ("ostia_monthly.nc", "surface_temperature")):
            expected = expected_of(name, "time", [variable], {}, [])
            for ranks, threads in itertools.product((1, 2, 3, 4), (1, 4)):
                with self.subTest(name, ranks=ranks, threads=threads):
                    with self.anomaly(SAMPLES / name, ranks=ranks, threads=threads) as found:
                        self.assert_same(found, expected)

    def test_dates_are_those_of_the_input(self):
        with self.anomaly(SAMPLES / "E1_north_america.nc") as found:
            self.assertEqual(found.time.dt.calendar, "360_day")
            self.assertEqual(str(found.time.values[0]), "1860-06-01 00:00:00")
            self.assertEqual(found.time.encoding["units"], "hours since 1970-01-01 00:00:00")
        with self.anomaly(SAMPLES / "ostia_monthly.nc") as found:
            self.assertEqual(found.time.values[0], np.datetime64("2006-04-16"))

    def test_land_is_missing_and_nothing_else(self):
        with self.anomaly(SAMPLES / "ostia_monthly.nc") as found:
            given = support.open_input(SAMPLES / "ostia_monthly.nc")
            land = np.isnan(given.surface_temperature.values)
            self.assertGreater(land.sum(), 0)
            np.testing.assert_array_equal(np.isnan(found.surface_temperature.values), land)

    def test_scalar_coordinates_bounds_and_grid_mapping_are_carried(self):
        with self.anomaly(SAMPLES / "E1_north_america.nc"), self.shown("out.zarr", decode_coords="all") as found:
            for name in ("height", "forecast_reference_time", "time_bnds", "latitude_longitude"):
                self.assertIn(name, found.coords)
            self.assertEqual(found.height.ndim, 0)
            self.assertEqual(found.air_temperature.encoding["grid_mapping"], "latitude_longitude")
            self.assertEqual(found.time.encoding["bounds"], "time_bnds")

    def test_with_and_without_consolidated_metadata_it_is_the_same(self):
        for name, *_ in FILES[:3]:
            with self.anomaly(SAMPLES / name) as found:
                for consolidated in (True, False):
                    with self.shown("out.zarr", consolidated=consolidated) as again:
                        self.assert_same(again, found, but_history=False)
                        self.assertEqual(again.attrs, found.attrs)

    def test_zarr_python_opens_every_array(self):
        for name, dim, _, _, skipped in FILES:
            self.run_done("anomaly", "--dim", dim, "--overwrite", SAMPLES / name, "out.zarr",
                          expected_warnings=len(skipped))
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                group = zarr.open_group(self.folder / "out.zarr", mode="r")
                with xarray.open_dataset(SAMPLES / name, decode_times=False) as given:
                    self.assertEqual(sorted(group.array_keys()), sorted(set(given.variables) - set(skipped)))
                for key, array in group.arrays():
                    self.assertEqual(array.metadata.zarr_format, 3, key)
                    self.assertEqual(array[...].shape, array.shape, key)

    def test_history_names_the_command_in_front_of_what_was_there(self):
        with self.anomaly(SAMPLES / "SOI_Darwin.nc", environment={"SOURCE_DATE_EPOCH": "86400"}) as found:
            first, *rest = found.attrs["history"].split("\n")
            self.assertTrue(first.startswith("1970-01-02T00:00:00Z: dunlin anomaly --dim time "), first)
            given = support.open_input(SAMPLES / "SOI_Darwin.nc")
            self.assertEqual("\n".join(rest), given.attrs.get("history", ""))

    def test_classic_files_are_refused_with_the_way_out(self):
        for name in ("space_weather.nc", "mesh_C4_synthetic_float.nc"):
            self.assert_refused(3, "nccopy -k nc4", "anomaly", SAMPLES / name, "out.zarr", ranks=2)


if __name__ == "__main__":
    support.main()
