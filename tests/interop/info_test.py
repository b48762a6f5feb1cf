"""`dunlin info --json` says of a file what netCDF4, zarr-python and xarray say of it."""

import json
import warnings

import netCDF4
import numpy as np
import xarray
import zarr

import support

SKIPPED = {"expver"}  # text of any length


def no_constant(text):
    raise AssertionError(f"{text} is no JSON")


class Info(support.Case):
    def told(self, path, ranks=None):
        return json.loads(self.run_done("info", "--json", path, ranks=ranks).stdout, parse_constant=no_constant)

    def assert_attributes(self, told, expected, where):
        expected = {key: value for key, value in expected.items() if not key.startswith("_Net")}
        self.assertEqual(list(told), list(expected), where)
        for key, value in expected.items():
            if isinstance(told[key], str) and not isinstance(value, str):  # what JSON has no number for
                told[key] = float(told[key])
            np.testing.assert_array_equal(told[key], value, err_msg=f"{key} of {where}")

    def files(self):
        for path in sorted(support.SAMPLES.rglob("*.nc")):
            with netCDF4.Dataset(path) as file:
                if file.data_model.startswith("NETCDF4"):
                    file.set_auto_maskandscale(False)
                    yield path, file

    def test_netcdf4_files(self):
        seen = 0
        for path, file in self.files():
            with self.subTest(path.name):
                seen += 1
                told = self.told(path, ranks=2 if seen == 1 else None)
                self.assertEqual(told["format"], "netCDF-4")
                self.assertEqual([(d["name"], d["length"], d["unlimited"]) for d in told["dimensions"]],
                                 [(d.name, d.size, d.isunlimited()) for d in file.dimensions.values()])
                self.assert_attributes(told["attributes"], file.__dict__, path.name)
                names = [name for name in file.variables if name not in SKIPPED]
                self.assertEqual([v["name"] for v in told["variables"]], names)
                self.assertEqual({v["name"] for v in told["skipped"]}, SKIPPED & set(file.variables))
                for variable in told["variables"]:
                    theirs = file[variable["name"]]
                    self.assertEqual(variable["dtype"], theirs.dtype.name)
                    self.assertEqual(variable["dimensions"], list(theirs.dimensions))
                    self.assertEqual(variable["shape"], list(theirs.shape))
                    if theirs.chunking() not in (None, "contiguous"):
                        self.assertEqual(variable["chunks"], np.minimum(theirs.chunking(), theirs.shape).tolist())
                    self.assert_attributes(variable["attributes"], theirs.__dict__, theirs.name)
        self.assertGreater(seen, 10)

    def test_roles_and_types_are_xarrays(self):
        for path, _ in self.files():
            with self.subTest(path.name), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with xarray.open_dataset(path, decode_times=False, decode_coords="all") as given:
                    for variable in self.told(path)["variables"]:
                        theirs = given[variable["name"]]
                        self.assertEqual(variable["decoded_dtype"], theirs.dtype.name, theirs.name)
                        self.assertEqual(variable["role"] == "data", theirs.name in given.data_vars, theirs.name)

    def test_zarr(self):
        group = zarr.open_group(self.folder / "in.zarr", mode="w", zarr_format=3, attributes={"title": "Zarr", "n": [1, 2]})
        for name, dtype, shape, chunks in (("a", "f4", (5, 6), (2, 6)), ("b", "i8", (5,), (5,)), ("c", "u1", (), ())):
            group.create_array(name, shape=shape, chunks=chunks, dtype=dtype, dimension_names=("y", "x")[: len(shape)],
                               attributes={"nan": "NaN", "units": "1"})
        told = self.told("in.zarr")
        self.assertEqual((told["format"], told["attributes"]), ("Zarr v3", {"title": "Zarr", "n": [1, 2]}))
        self.assertEqual({v["name"]: (v["dtype"], tuple(v["shape"]), tuple(v["chunks"] or ()), v["attributes"])
                          for v in told["variables"]},
                         {name: (str(array.dtype), array.shape, array.chunks, {"nan": "NaN", "units": "1"})
                          for name, array in group.arrays()})

    def test_a_fill_value_in_base64_is_shown_as_the_number_it_is(self):
        group = zarr.open_group(self.folder / "in.zarr", mode="w", zarr_format=3)
        for name, spelled in (("nan", "AAAAAAAA+H8="), ("big", "AAAAgB2vFUQ=")):
            group.create_array(name, shape=(2,), dtype="f4", dimension_names=("x",), attributes={"_FillValue": spelled})[:] = 1
        told = {v["name"]: v["attributes"]["_FillValue"] for v in self.told("in.zarr")["variables"]}
        self.assertEqual(told, {"nan": "NaN", "big": float(np.float32(1e20))})
        text = self.run_done("info", "in.zarr").stdout
        self.assertIn("_FillValue = NaN\n", text)
        self.assertIn("_FillValue = 1e+20\n", text)

    def test_nested_attributes_are_json(self):
        nested = {"spatial": {"bbox": [1, 2.5, "x", None, {}], "deep": {"a": [[1], []]}}, "flag": True, "list": []}
        zarr.open_group(self.folder / "in.zarr", mode="w", zarr_format=3, attributes=nested)
        self.assertEqual(self.told("in.zarr")["attributes"], nested)


if __name__ == "__main__":
    support.main()
