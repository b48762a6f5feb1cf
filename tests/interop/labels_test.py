"""What stands beside the numbers: coordinates, dates, attributes, text, groups; carried as they are, shown by xarray."""

import itertools
import json
import shutil
import warnings

import netCDF4
import numpy as np
import xarray
import zarr

import support

CALENDARS = ["standard", "proleptic_gregorian", "julian", "noleap", "all_leap", "360_day"]


class Labels(support.Case):
    def write(self, fill, path="in.nc", **dimensions):
        """A file with dimensions (time unlimited) and the variable v(time, …), then what `fill(file)` adds."""
        with netCDF4.Dataset(self.folder / path, "w") as file:
            for name, length in (dict(time=None) | dimensions).items():
                file.createDimension(name, length)
            shape = (4, *dimensions.values())
            v = file.createVariable("v", "f4", ("time", *dimensions))
            v[:] = np.arange(np.prod(shape)).reshape(shape)
            fill(file)

    def check(self, names=("v",), **how):
        """Through our program and back: as the oracle says of the input."""
        expected = support.anomaly(support.open_input(self.folder / "in.nc"), names)
        with self.anomaly("in.nc", **how) as found:
            self.assert_same(found, expected)
            return found

    def test_dates_of_all_calendars(self):
        for calendar, dtype in itertools.product(CALENDARS, ("f8", "i4", "i8", "f4")):
            def fill(file):
                time = file.createVariable("time", dtype, ("time",))
                time.setncatts({"units": "days since 1999-12-30 06:00", "calendar": calendar, "axis": "T"})
                time[:] = [0, 30, 59, 400]
            with self.subTest(calendar, dtype=dtype):
                self.write(fill, x=3)
                found = self.check()
                if calendar not in ("standard", "proleptic_gregorian"):
                    self.assertEqual(found.time.dt.calendar, calendar)

    def test_two_dimensional_and_scalar_coordinates_bounds_and_measures(self):
        def fill(file):
            for name, dims in (("lat", ("y", "x")), ("lon", ("y", "x")), ("height", ()), ("period", ("time",)),
                               ("area", ("y", "x")), ("crs", ()), ("lat_bnds", ("y", "x", "nv"))):
                variable = file.createVariable(name, "f8", dims)
                variable[...] = np.arange(variable.size).reshape(variable.shape)
                variable.long_name = name
            file["lat"].bounds = "lat_bnds"
            file["crs"].grid_mapping_name = "rotated_latitude_longitude"
            file["v"].setncatts({"coordinates": "lat lon height period", "grid_mapping": "crs", "extra": "x",
                                 "cell_measures": "area: area", "cell_methods": "time: mean"})
        self.write(fill, y=5, x=6, nv=4)
        with netCDF4.Dataset(self.folder / "in.nc", "a") as file:  # v has no axis nv
            file.renameVariable("v", "v4")
            v = file.createVariable("v", "f4", ("time", "y", "x"), fill_value=-1)
            v[:] = np.arange(120).reshape(4, 5, 6)
            v.setncatts({key: file["v4"].getncattr(key) for key in file["v4"].ncattrs()})
        found = self.check(["v", "v4"], ranks=2)
        self.assertEqual(set(found.coords), {"lat", "lon", "height", "period"})
        self.assertEqual(found.v.attrs["cell_methods"], "time: mean")
        with self.shown("out.zarr", decode_coords="all") as found:
            self.assertEqual(set(found.data_vars), {"v", "v4"})

    def test_a_reference_to_what_is_not_there_goes(self):
        def fill(file):
            file.createVariable("lat", "f4", ("x",))[:] = 1
            file["v"].setncatts({"coordinates": "lat gone", "grid_mapping": "crs", "ancillary_variables": "quality",
                                 "cell_measures": "area: areacella", "kept": "quality"})
        self.write(fill, x=3)
        with self.anomaly("in.nc") as found:
            self.assertEqual(found.v.attrs, {"kept": "quality"})
            self.assertEqual(list(found.coords), ["lat"])

    def test_a_reference_to_what_another_file_holds_stays(self):
        def fill(file):
            file.external_variables = "areacella"
            file["v"].cell_measures = "area: areacella"
        self.write(fill, x=3)
        self.check()

    def test_attributes_of_every_kind(self):
        def fill(file):
            for owner in (file, file["v"]):
                owner.setncatts({"text": "Łódź, 東京, a \"quote\" \\ and\nlines", "empty": "", "one": np.int32(-7),
                                 "several": np.array([1, 2, 3], "i2"), "real": 0.1, "single": np.float32(0.1),
                                 "reals": np.array([1.5, -2.5, 1e300]), "large": np.int64(2**62),
                                 "unsigned": np.uint64(2**64 - 1), "byte": np.int8(-1), "name with spaces": "x",
                                 "infinite": np.array([np.inf, -np.inf]), "nan": np.nan})
                owner.setncattr_string("words", ["a", "bc", "", "d"])
                owner.setncattr_string("word", "alone")
        self.write(fill, x=3)
        self.check()

    def test_numbers_in_attributes_keep_their_value_exactly(self):
        values = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, float(np.float32(1e-45)), 2.0**60]
        self.write(lambda file: file["v"].setncatts({f"a{k}": value for k, value in enumerate(values)}), x=3)
        with self.anomaly("in.nc") as found:
            self.assertEqual([found.v.attrs[f"a{k}"] for k in range(len(values))], values)

    def test_what_is_not_computed_keeps_stored_values_and_encoding(self):
        def fill(file):
            packed = file.createVariable("packed", "i2", ("x",), fill_value=-9)
            packed.set_auto_maskandscale(False)
            packed.setncatts({"scale_factor": 0.1, "add_offset": 5.0, "valid_min": np.int16(0)})
            packed[:] = [-9, 0, 32767]
            for name, dtype, fill_value in (("f4", "f4", 1e20), ("f8", "f8", -9e99), ("nan", "f4", np.nan),
                                            ("i8", "i8", -2**62), ("u1", "u1", 255), ("inf", "f8", np.inf)):
                variable = file.createVariable(f"fill_{name}", dtype, ("x",), fill_value=fill_value)
                variable.set_auto_maskandscale(False)
                variable[:] = [fill_value, 1, 2]
            file.createVariable("several", "f4", ("x",)).missing_value = np.array([-1, -2], "f4")
            file["several"][:] = [-1, 5, -2]
            file.createVariable("scalar", "i4", ())[...] = 5
        self.write(fill, x=3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # two markers
            expected = support.anomaly(support.open_input(self.folder / "in.nc"), ["v"])
        self.run_done("anomaly", "in.nc", "out.zarr", ranks=3)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "variable 'several' has multiple fill values")
            with xarray.open_zarr(self.folder / "out.zarr") as found:
                self.assert_same(found.load(), expected)
        raw = support.open_input(self.folder / "in.nc", mask_and_scale=False)
        with self.shown("out.zarr", mask_and_scale=False) as found:
            for name in set(raw.variables) - {"v"}:
                np.testing.assert_array_equal(found[name], raw[name], err_msg=name)
                self.assertEqual(found[name].dtype, raw[name].dtype, name)

    def test_packing_in_single_precision_is_carried_exactly_as_json_has_only_doubles(self):
        def fill(file):
            packed = file.createVariable("packed", "i2", ("x",))
            packed.set_auto_maskandscale(False)
            packed.setncatts({"scale_factor": np.float32(0.1), "add_offset": np.float32(5)})
            packed[:] = [-9, 0, 32767]
        self.write(fill, x=3)
        given = support.open_input(self.folder / "in.nc")
        with self.anomaly("in.nc") as found:
            self.assertEqual(found.packed.encoding["scale_factor"], float(np.float32(0.1)))
            np.testing.assert_array_equal(found.packed.astype("f4"), given.packed)

    def test_text_of_fixed_length(self):
        def fill(file):
            file.createDimension("length", 6)
            file.createVariable("name", "S1", ("x", "length"))[:] = netCDF4.stringtochar(np.array(["ab", "", "abcdef"],
                                                                                                "S6"))
            file.createVariable("label", "S1", ("time", "length"))[:] = netCDF4.stringtochar(np.array(["t"] * 4, "S6"))
            file["v"].coordinates = "name"
        self.write(fill, x=3)
        found = self.check(ranks=2)
        self.assertEqual(found.name.values.tolist(), [b"ab", b"", b"abcdef"])

    def test_text_of_any_length_is_left_out_with_a_warning(self):
        def fill(file):
            file.createVariable("notes", str, ("x",))[:] = np.array(["a", "bcd", "e"], object)
            file["v"].coordinates = "notes"
        self.write(fill, x=3)
        done = self.run_done("anomaly", "in.nc", "out.zarr", ranks=2, expected_warnings=1)
        self.assertIn("'notes'", done.stderr)
        with self.shown("out.zarr") as found:
            self.assertEqual(list(found.variables), ["v"])
            self.assertNotIn("coordinates", found.v.encoding)
        self.assertIn("notes", support.run("info", "in.nc", folder=self.folder).stdout)
        self.assert_refused(3, "variable-length text", "anomaly", "in.nc:notes", "other.zarr")

    def test_a_variable_with_the_name_of_a_dimension_is_a_coordinate(self):
        def fill(file):
            file.createVariable("x", "f8", ("time",))[:] = [1, 2, 6, 7]
        self.write(fill, x=3)
        self.check()
        with self.anomaly("in.nc", "--var", "x") as found:  # asked for by name it is data like any other
            self.assertEqual(found.x.values.tolist(), [-3, -2, 2, 3])

    def test_truth_values_that_xarray_wrote_are_carried(self):
        given = xarray.Dataset({"wet": (("time", "x"), np.array([[True, False], [False, False]])),
                                "v": (("time", "x"), np.array([[1.0, 2.0], [3.0, 4.0]]))})
        given.to_netcdf(self.folder / "in.nc")
        given.to_zarr(self.folder / "in.zarr", zarr_format=3, consolidated=False)
        for source in ("in.nc", "in.zarr"):
            with self.subTest(source):
                with self.anomaly(source, ranks=2) as found:
                    self.assert_same(found, support.anomaly(given, ["v"]))
                    self.assertEqual(found.wet.dtype, bool)

    def test_surface_pressure_of_hybrid_levels_gets_its_anomaly(self):
        def fill(file):
            for name, dims in (("lev", ("lev",)), ("ap", ("lev",)), ("b", ("lev",)), ("p0", ()), ("lev_bnds", ("lev", "nv")),
                               ("ap_bnds", ("lev", "nv")), ("ps", ("time", "x")), ("ta", ("time", "lev", "x"))):
                variable = file.createVariable(name, "f8", dims)
                shape = tuple(4 if dim == "time" else file.dimensions[dim].size for dim in dims)
                variable[...] = (np.arange(np.prod(shape)).reshape(shape) % 13) ** 2
            file["lev"].setncatts({"formula_terms": "p0: p0 ap: ap b: b ps: ps", "bounds": "lev_bnds"})
            file["lev_bnds"].formula_terms = "p0: p0 ap: ap_bnds b: b ps: ps"
        self.write(fill, x=3, lev=2, nv=2)
        with netCDF4.Dataset(self.folder / "in.nc", "a") as file:
            file.renameVariable("v", "tracer")  # (time, x, lev, nv)
        self.check(["tracer", "ps", "ta"], ranks=2)
        with self.anomaly("in.nc", "--var", "ps") as found:
            np.testing.assert_array_equal(
                found.ps, support.anomaly(support.open_input(self.folder / "in.nc"), ["ps"]).ps)
        done = self.run_done("anomaly", "--overwrite", "in.nc:ta", "out.zarr")
        self.assertIn("carried unchanged along time: ps\n", done.stderr)

    def test_ancillary_variables_get_their_anomaly_and_flags_are_carried(self):
        def fill(file):
            file["v"].ancillary_variables = "ice quality error"
            for name, dtype in (("ice", "i1"), ("quality", "i1"), ("error", "i2")):
                variable = file.createVariable(name, dtype, ("time", "x"), fill_value=-1)
                variable.set_auto_maskandscale(False)
                variable[:] = np.arange(12).reshape(4, 3) - 1
            for name in ("ice", "error"):
                file[name].setncatts({"scale_factor": 0.01, "add_offset": 0.0})
            file["quality"].setncatts({"flag_values": np.array([0, 1], "i1"), "flag_meanings": "good bad"})
        self.write(fill, x=3)
        given = support.open_input(self.folder / "in.nc")
        done = self.run_done("anomaly", "in.nc", "out.zarr", ranks=2)
        self.assertEqual(done.stderr.count("carried unchanged along time: quality\n"), 1, done.stderr)
        with self.shown("out.zarr") as found:
            for name in ("v", "ice", "error"):
                expected = support.anomaly(given, [name])[name]
                np.testing.assert_allclose(found[name], expected, atol=1e-12, err_msg=name)
            np.testing.assert_array_equal(found.quality, given.quality)

    def test_a_dataset_that_xarray_wrote(self):
        times = np.array(["2001-01-01", "2001-01-02T12:00"], "M8[ns]")
        given = xarray.Dataset(
            {"v": (("time", "x"), [[1.0, np.nan, 3.0], [2.0, 5.0, 9.0]]), "s": ((), 5), "lags": ("time", [1.5, np.nan]),
             "level": (("x",), np.array([1, 2, 3], "u2"))},
            {"time": times, "x": [1.0, 2.0, 4.0], "lat": ("x", [4.0, np.nan, 6.0]), "start": times[0],
             "alone": ("time", [7, 8])}, {"title": "xarray's"})
        given.v.attrs["units"] = "K"
        given.to_netcdf(self.folder / "in.nc", unlimited_dims=["time"])
        self.check(["v", "lags"], ranks=2, threads=2)

    def test_names_of_other_alphabets(self):
        def fill(file):
            file.createDimension("länge", 2)
            file.createVariable("größe", "f8", ("time", "länge"))[:] = [[1, 2], [3, 4], [5, 6], [7, 8]]
        self.write(fill, x=3)
        self.check(["v", "größe"])

    def test_the_dimension_by_its_axis_and_standard_name(self):
        def fill(file):
            time = file.createVariable("time", "f8", ("time",))
            time.setncatts({"axis": "T", "standard_name": "time", "units": "days since 2000-01-01"})
            time[:] = range(4)
            with netCDF4.Dataset(self.folder / "other.nc", "w") as other:
                other.createDimension("t", None)
                clock = other.createVariable("t", "f8", ("t",))
                clock.setncatts({"standard_name": "time", "units": "days since 2000-01-01"})
                clock[:] = range(3)
                other.createVariable("v", "f8", ("t",))[:] = [1, 2, 6]
        self.write(fill, x=3)
        self.check(dim="T")
        with self.anomaly("other.nc", dim="time") as found:
            np.testing.assert_array_equal(found.v, [-2, -1, 3])

    def test_chosen_variables_come_with_their_coordinates_alone(self):
        def fill(file):
            for name in ("a", "b", "lat", "lon"):
                file.createVariable(name, "f8", ("time", "x"))[:] = np.arange(12).reshape(4, 3)
            file["a"].coordinates = "lat"
            file["b"].coordinates = "lat lon"
        self.write(fill, x=3)
        given = support.open_input(self.folder / "in.nc")
        for options, source in ((("--var", "a"), "in.nc"), ((), "in.nc:a")):
            with self.anomaly(source, *options) as found:
                self.assertEqual(list(found.data_vars), ["a"])
                self.assertIn("lat", found.coords)
                xarray.testing.assert_equal(found.a.drop_vars(found.coords),
                                            support.anomaly(given, ["a"]).a.drop_vars(given.coords))

    def test_data_that_is_not_along_the_dimension_or_is_time_is_carried(self):
        def fill(file):
            file.createVariable("mask", "i1", ("x",))[:] = [0, 1, 1]
            file.createVariable("when", "f8", ("time",))[:] = range(4)
            file["when"].units = "hours since 2000-01-01"
        self.write(fill, x=3)
        self.check()

    def test_enumerations_are_flags(self):
        def fill(file):
            clouds = file.createEnumType(np.uint8, "cloud_t", {"clear": 0, "cumulus": 1, "missing": 255})
            cloud = file.createVariable("cloud", clouds, ("time", "x"), fill_value=255)
            cloud[:] = np.array([[0, 1, 255]] * 4, "u1")
        self.write(fill, x=3)
        with self.anomaly("in.nc", ranks=2) as found:
            np.testing.assert_array_equal(found.v, support.anomaly(support.open_input(self.folder / "in.nc"), ["v"]).v)
        with self.shown("out.zarr", mask_and_scale=False) as found:
            np.testing.assert_array_equal(found.cloud, [[0, 1, 255]] * 4)
            self.assertEqual(found.cloud.dtype, np.uint8)
            self.assertEqual(list(found.cloud.attrs["flag_values"]), [0, 1, 255])
            self.assertEqual(found.cloud.attrs["flag_meanings"], "clear cumulus missing")
        self.assert_refused(2, "it holds flags", "anomaly", "--var", "cloud", "in.nc", "other.zarr")

    def test_names_that_zarr_keeps_for_itself_are_left_out_unless_asked_for(self):
        def fill(file):
            for name in ("zarr.json", "__w"):
                file.createVariable(name, "f4", ("time", "x"))[:] = np.arange(12).reshape(4, 3)
        self.write(fill, x=3)
        given = support.open_input(self.folder / "in.nc").drop_vars(["zarr.json", "__w"])
        with self.anomaly("in.nc", ranks=2, expected_warnings=2) as found:
            self.assert_same(found, support.anomaly(given, ["v"]))
        shutil.rmtree(self.folder / "out.zarr")
        for how in (("--var", "v,__w", "in.nc"), ("in.nc:zarr.json",)):
            self.assert_refused(2, "is reserved: rename it in the input", "anomaly", *how, "out.zarr", ranks=2)


class Groups(support.Case):
    def write(self):
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            file.title = "root"
            file.createDimension("time", None)
            file.createDimension("x", 3)
            file.createVariable("time", "f8", ("time",))[:] = range(4)
            file.createVariable("v", "f4", ("time", "x"))[:] = np.arange(12).reshape(4, 3)
            ocean = file.createGroup("ocean")
            ocean.title = "ocean"
            ocean.createDimension("depth", 2)
            ocean.createVariable("depth", "f4", ("depth",))[:] = [5, 10]
            ocean.createVariable("t", "f8", ("time", "depth"))[:] = np.arange(8).reshape(4, 2) ** 2
            file.createGroup("ocean/deep").createVariable("s", "f8", ("time",))[:] = [1, 2, 3, 6]

    def test_the_root_is_meant_unless_a_group_is_named(self):
        self.write()
        with self.anomaly("in.nc", expected_warnings=2) as found:  # two groups
            self.assert_same(found, support.anomaly(support.open_input(self.folder / "in.nc"), ["v"]))

    def test_a_group_by_name(self):
        self.write()
        time = support.open_input(self.folder / "in.nc").time  # the root's, whose dimension the groups use
        given = support.open_input(self.folder / "in.nc", group="ocean").assign_coords(time=time)
        with self.anomaly("in.nc:ocean/", ranks=2, expected_warnings=1) as found:  # deep below it
            self.assert_same(found, support.anomaly(given, ["t"]))
            self.assertEqual(found.attrs["title"], "ocean")
        with self.anomaly("in.nc:ocean/deep/s") as found:
            np.testing.assert_array_equal(found.s, [-2, -1, 0, 3])
            np.testing.assert_array_equal(found.time, time)

    def test_a_group_named_as_a_variable_is_told_how(self):
        self.write()
        for command in (["anomaly", "in.nc:ocean", "out.zarr"], ["info", "in.nc:ocean"]):
            self.assert_refused(3, "name it as in.nc:ocean/", *command)
        self.assert_refused(3, "name it as in.nc:ocean/deep/", "info", "in.nc:ocean/deep")

    def test_info_names_every_group(self):
        self.write()
        text = self.run_done("info", "in.nc").stdout
        for name in ("ocean/t", "ocean/deep/s"):
            self.assertIn(name, text)
        self.assertEqual(json.loads(self.run_done("info", "--json", "in.nc").stdout)["format"], "netCDF-4")


if __name__ == "__main__":
    support.main()
