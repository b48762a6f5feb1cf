"""What a stored number means: packing, missing markers, `_Unsigned`, flags, byte orders and types, judged by xarray.

Two steps in time: the sum of two values is rounded once, in whatever order it is taken, so that all types can be compared
bit by bit with values from their whole range.
"""

import itertools
import warnings

import netCDF4
import numpy as np

import support

STEPS, ROWS, COLUMNS = 2, 5, 7
f4, f8 = np.float32, np.float64


class Stored:
    """A variable (time, y, x): its type, attributes, the type that it decodes to, and values to plant in it."""

    def __init__(self, dtype, decoded, markers=(), **attributes):
        self.dtype, self.decoded = np.dtype(dtype), np.dtype(decoded)
        self.markers, self.attributes = markers, attributes

    def values(self, random):
        """From all of the type's range; the first row has each marker: at one time, at both, and beside another."""
        shape = (STEPS, ROWS, COLUMNS)
        if self.dtype.kind == "f":
            values = random.normal(280, 20, shape).astype(self.dtype)
            values[1, 4, :3] = 0, -0.0, np.nan
        else:
            limits = np.iinfo(self.dtype)
            values = random.integers(limits.min, limits.max, shape, self.dtype.newbyteorder("="), endpoint=True)
        for k, marker in enumerate(self.markers):
            values[k % 2, 0, k] = marker
            values[:, 1, k] = marker
            values[:, 2, k] = marker, self.markers[-1]
        return values.astype(self.dtype)


# What xarray 2026.9 decodes as our design wants it; `decoded` is the type before the anomaly.
AS_XARRAY = {
    # packed: the type that both share
    "packed_f4": Stored("i2", f4, [-32768], _FillValue=np.int16(-32768), scale_factor=f4(0.01), add_offset=f4(273.15)),
    "packed_f8": Stored("i2", f8, [-1], _FillValue=np.int16(-1), scale_factor=f8(0.01), add_offset=f8(273.15)),
    "packed_mixed": Stored("i2", f8, scale_factor=f4(0.01), add_offset=f8(273.15)),
    "scale_f4": Stored("i2", f4, [9], missing_value=np.int16(9), scale_factor=f4(0.1)),
    "scale_f8": Stored("u1", f8, scale_factor=f8(0.1)),
    "offset_only": Stored("i2", f8, add_offset=f4(273.15)),
    "packed_i4_f4": Stored("i4", f8, [-999], _FillValue=np.int32(-999), scale_factor=f4(0.01), add_offset=f4(5)),
    "scale_i4_f4": Stored("i4", f4, scale_factor=f4(0.5)),
    "packed_float": Stored("f4", f8, [1e20], _FillValue=f4(1e20), scale_factor=f8(1.8), add_offset=f8(32)),
    # a missing marker and no packing
    "marked_i1": Stored("i1", f4, [-127], _FillValue=np.int8(-127)),
    "marked_u1": Stored("u1", f4, [255], _FillValue=np.uint8(255)),
    "marked_i2": Stored("i2", f4, [-999], missing_value=np.int16(-999)),
    "marked_u2": Stored("u2", f4, [65535], _FillValue=np.uint16(65535)),
    "marked_i4": Stored("i4", f8, [-2147483647], _FillValue=np.int32(-2147483647)),
    "marked_u4": Stored("u4", f8, [4294967295], _FillValue=np.uint32(4294967295)),
    "marked_i8": Stored("i8", f8, [-9223372036854775806], _FillValue=np.int64(-9223372036854775806)),
    "marked_u8": Stored("u8", f8, [18446744073709551614], _FillValue=np.uint64(18446744073709551614)),
    "marked_f4": Stored("f4", f4, [1e20], _FillValue=f4(1e20)),
    "marked_f8": Stored("f8", f8, [-9e33], _FillValue=f8(-9e33)),
    "nan_fill": Stored("f4", f4, [np.nan], _FillValue=f4("nan")),
    "both_markers": Stored("f4", f4, [-1e30, -999], _FillValue=f4(-1e30), missing_value=f4(-999)),
    "list_of_markers": Stored("f4", f4, [-999, -998, -997], missing_value=np.array([-999, -998, -997], f4)),
    "list_and_fill": Stored("i2", f4, [-1, -2, -3], _FillValue=np.int16(-1), missing_value=np.array([-2, -3], "i2")),
    # neither
    "plain_i1": Stored("i1", "i1"),
    "plain_i4": Stored("i4", "i4"),
    "plain_i8": Stored("i8", "i8"),
    "plain_u8": Stored("u8", "u8"),
    "plain_f4": Stored("f4", f4),
    "plain_f8": Stored("f8", f8),
    # unsigned numbers in signed types, as netCDF-3 has them
    "unsigned_i1": Stored("i1", "u1", _Unsigned="true"),
    "unsigned_marked": Stored("i1", f4, [-1], _FillValue=np.int8(-1), _Unsigned="true"),
    "unsigned_packed": Stored("i2", f4, [-1], _FillValue=np.int16(-1), _Unsigned="true", scale_factor=f4(0.1),
                              add_offset=f4(1)),
    "signed_u1": Stored("u1", "i1", _Unsigned="false"),
    # valid_* is not applied, and untrue of a result
    "valid": Stored("i2", f4, [-9], _FillValue=np.int16(-9), valid_range=np.array([0, 10], "i2"), valid_min=np.int16(0),
                    actual_range=np.array([0, 10], "i2")),
    # the other byte order
    "big_i2": Stored(">i2", f4, [-9], _FillValue=np.int16(-9), scale_factor=f4(0.01)),
    "big_i8": Stored(">i8", "i8"),
    "big_f4": Stored(">f4", f4, [1e20], missing_value=f4(1e20)),
    "big_f8": Stored(">f8", f8, [1e20], _FillValue=f8(1e20)),
}


def write(path, variables, seed=1):
    random = np.random.default_rng(seed)
    with netCDF4.Dataset(path, "w") as file:
        for name, length in (("time", None), ("y", ROWS), ("x", COLUMNS)):
            file.createDimension(name, length)
        time = file.createVariable("time", "f8", ("time",))
        time.setncatts({"units": "days since 2001-02-03", "calendar": "noleap"})
        time[:] = np.arange(STEPS)
        for name, stored in variables.items():
            attributes = dict(stored.attributes, long_name=name)
            endian = "big" if stored.dtype.byteorder == ">" else "native"
            variable = file.createVariable(name, stored.dtype, ("time", "y", "x"), endian=endian,
                                           fill_value=attributes.pop("_FillValue", None))
            variable.set_auto_maskandscale(False)
            variable.setncatts(attributes)
            variable[:] = stored.values(random)


def decoded_by_xarray(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of several markers, and goes on
        return support.open_input(path)


class Decoding(support.Case):
    def test_every_way_of_packing_and_marking_is_xarrays(self):
        write(self.folder / "in.nc", AS_XARRAY)
        given = decoded_by_xarray(self.folder / "in.nc")
        expected = support.anomaly(given, AS_XARRAY)
        for ranks, threads in ((None, 1), (1, 4), (2, 2), (3, 1), (4, 1)):
            with self.subTest(ranks=ranks, threads=threads):
                with self.anomaly("in.nc", ranks=ranks, threads=threads) as found:
                    self.assert_same(found, expected)

    def test_types_are_those_that_the_design_names(self):
        write(self.folder / "in.nc", AS_XARRAY)
        given = decoded_by_xarray(self.folder / "in.nc")
        with self.anomaly("in.nc") as found:
            for name, stored in AS_XARRAY.items():
                with self.subTest(name):
                    self.assertEqual(given[name].dtype, stored.decoded, "what xarray decodes to")
                    self.assertEqual(found[name].dtype, f4 if stored.decoded == f4 else f8)
                    self.assertEqual(set(found[name].attrs), {"long_name"})

    def test_integers_that_a_double_may_not_hold_are_warned_of_once(self):
        write(self.folder / "in.nc", {"i8": AS_XARRAY["plain_i8"], "i4": AS_XARRAY["plain_i4"],
                                      "known": Stored("i8", f8, valid_range=np.array([0, 2**40]))})
        done = self.run_done("anomaly", "in.nc", "out.zarr", ranks=2)
        (line,) = [line for line in done.stderr.splitlines() if support.OF_DIGITS in line]
        self.assertIn("the anomaly of 'i8' is", line)

    def test_a_cell_without_values_is_missing_and_one_with_a_single_value_is_zero(self):
        write(self.folder / "in.nc", {"v": AS_XARRAY["marked_i2"]})
        with self.anomaly("in.nc") as found:
            values = found.v.values
            self.assertTrue(np.isnan(values[:, 1, 0]).all())
            self.assertTrue(np.isnan(values[0, 0, 0]))
            self.assertEqual(values[1, 0, 0], 0)


class Deviations(support.Case):
    """Where the design decides otherwise than xarray 2026.9."""

    def both(self, stored):
        write(self.folder / "in.nc", {"v": stored})
        with netCDF4.Dataset(self.folder / "in.nc") as file:
            file.set_auto_maskandscale(False)
            raw = file["v"][:]
        with self.anomaly("in.nc", ranks=2) as found:
            return raw, found.v.values

    def check(self, stored, decoded):
        """`decoded`: stored values → decoded ones."""
        raw, found = self.both(stored)
        x = decoded(raw).astype(f8)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            expected = (x - np.nanmean(x, axis=0)).astype(f4 if stored.decoded == f4 else f8)
        self.assert_same_bits(found, expected)

    def test_all_integers_over_16_bits_with_scale_and_offset_are_double(self):
        self.check(Stored("i8", f8, scale_factor=f4(0.5), add_offset=f4(1)), lambda raw: raw.astype(f8) * 0.5 + 1)

    def test_a_double_under_a_single_precision_scale_keeps_its_digits(self):
        self.check(Stored("f8", f8, scale_factor=f4(0.5), add_offset=f4(1)), lambda raw: raw * 0.5 + 1)

    def test_a_scale_that_is_an_integer_gives_double(self):
        self.check(Stored("i2", f8, scale_factor=np.int32(3)), lambda raw: raw.astype(f8) * 3)

    def test_a_marker_of_a_wider_type_marks_what_it_rounds_to(self):
        def decoded(raw):
            return np.where(raw == f4(1e20), np.nan, raw)
        self.check(Stored("f4", f4, [f4(1e20)], missing_value=f8(1e20)), decoded)

    def test_a_marker_that_no_value_can_equal_marks_nothing_but_decides_the_type(self):
        self.check(Stored("u1", f4, missing_value=np.int32(-999)), lambda raw: raw)

    def test_flags_are_carried_as_they_are(self):
        flags = Stored("i1", "i1", [-1], _FillValue=np.int8(-1), flag_values=np.array([0, 1, 2], "i1"),
                       flag_meanings="sea land ice")
        write(self.folder / "in.nc", {"flags": flags, "v": AS_XARRAY["plain_f4"]})
        given = decoded_by_xarray(self.folder / "in.nc")
        with self.anomaly("in.nc") as found:
            self.assert_same(found, support.anomaly(given, ["v"]))
        raw = support.open_input(self.folder / "in.nc", mask_and_scale=False)
        with self.shown("out.zarr", mask_and_scale=False) as found:
            np.testing.assert_array_equal(found.flags, raw.flags)
            self.assertEqual(found.flags.dtype, np.int8)

    def test_a_marker_that_is_a_text_of_a_number_counts(self):
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            file.createDimension("time", 3)
            v = file.createVariable("v", "i2", ("time",))
            v.set_auto_maskandscale(False)
            v.setncattr_string("missing_value", "-999")
            v[:] = [1, -999, 3]
        with self.anomaly("in.nc", ranks=2) as found:
            np.testing.assert_array_equal(found.v, np.array([-1, np.nan, 1], "f4"))
        with netCDF4.Dataset(self.folder / "in.nc", "a") as file:
            file["v"].setncattr_string("missing_value", "none")
        done = self.run_done("anomaly", "--overwrite", "in.nc", "out.zarr", expected_warnings=1)
        self.assertIn("missing_value of 'v' is 'none', which is no number", done.stderr)

    def test_a_calendar_that_nobody_knows_is_warned_of_once(self):
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            file.createDimension("time", 3)
            for name in ("time", "other"):
                time = file.createVariable(name, "f8", ("time",))
                time.setncatts({"units": "days since 2000-01-01", "calendar": "martian"})
                time[:] = range(3)
            file.createVariable("v", "f4", ("time",))[:] = [1, 2, 6]
        done = self.run_done("anomaly", "in.nc", "out.zarr", ranks=2, expected_warnings=1)
        self.assertIn("'martian'", done.stderr)

    def test_flags_by_name_are_refused(self):
        write(self.folder / "in.nc", {"flags": Stored("i1", "i1", flag_masks=np.array([1, 2], "i1"))})
        self.assert_refused(2, "it holds flags", "anomaly", "--var", "flags", "in.nc", "out.zarr")


class Steps(support.Case):
    """Longer series, of values whose sums are exact in double: the bits do not depend on the order of summation."""

    def write(self, steps, chunks, dtype="i2", **attributes):
        random = np.random.default_rng(7)
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            for name, length in (("time", None), ("y", 11), ("x", 13)):
                file.createDimension(name, length)
            variable = file.createVariable("v", dtype, ("time", "y", "x"), fill_value=-1, chunksizes=chunks, zlib=True)
            variable.set_auto_maskandscale(False)
            variable.setncatts(attributes)
            if steps:
                values = random.integers(-1, 3000, (steps, 11, 13)).astype(dtype)
                values[:, 3, 4] = values[: steps - 1, 5, 6] = -1  # no value at all; none but the last
                variable[:] = values

    def check(self, **how):
        expected = support.anomaly(support.open_input(self.folder / "in.nc"), ["v"])
        with self.anomaly("in.nc", **how) as found:
            self.assert_same(found, expected)

    def test_lengths_and_chunks_that_do_and_do_not_divide(self):
        ranks = itertools.cycle((1, 2, 3, 4))
        for steps, chunks in ((1, (1, 11, 13)), (2, (1, 11, 13)), (7, (2, 4, 5)), (127, (128, 3, 13)),
                              (128, (16, 11, 2)), (129, (10, 11, 13)), (400, (33, 4, 4))):
            with self.subTest(steps=steps, chunks=chunks):
                self.write(steps, chunks, scale_factor=f4(0.01), add_offset=f4(250))
                self.check(ranks=next(ranks), threads=2)

    def test_no_step_yet(self):
        self.write(0, (1, 11, 13), scale_factor=f4(0.01))
        for ranks in (1, 3):
            with self.anomaly("in.nc", ranks=ranks) as found:
                self.assertEqual(found.v.shape, (0, 11, 13))
                self.assertEqual(found.v.dtype, f4)

    def test_other_axes_than_the_first(self):
        self.write(30, (7, 4, 5), scale_factor=f4(0.01))
        given = support.open_input(self.folder / "in.nc")
        for dim in ("y", "x"):
            with self.anomaly("in.nc", ranks=2, threads=2, dim=dim) as found:
                self.assert_same(found, support.anomaly(given, ["v"], dim))

    def test_random_doubles_are_within_what_double_sums_allow(self):
        random = np.random.default_rng(3)
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            file.createDimension("time", None)
            file.createDimension("x", 50)
            file.createVariable("v", "f8", ("time", "x"), chunksizes=(9, 50))[:] = random.normal(0, 1, (500, 50))
        given = support.open_input(self.folder / "in.nc")
        with self.anomaly("in.nc", ranks=3) as found:
            exact = given.v - given.v.astype(np.longdouble).mean("time")
            bound = 500 * np.finfo(f8).eps * np.abs(given.v).mean("time") + np.finfo(f8).eps * np.abs(exact)
            self.assertTrue((np.abs(found.v - exact) <= bound).all())


if __name__ == "__main__":
    support.main()
