"""Zarr v3 as zarr-python and xarray write it, as input of `dunlin info` and `dunlin anomaly`."""

import json
import warnings

import numpy as np
import xarray
import zarr
from zarr import codecs

import support

SHAPE, CHUNKS = (9, 13, 17), (4, 5, 17)
FIELD = (np.random.default_rng(6).integers(0, 4096, SHAPE) / 16).astype("f4")  # exact sums
EXPECTED = (FIELD - FIELD.mean(0, np.float64)).astype("f4")
DIMENSIONS = ("time", "y", "x")

BLOSCS = [codecs.BloscCodec(cname=cname, clevel=5, shuffle=shuffle)
          for cname, shuffle in (("lz4", "shuffle"), ("lz4", "bitshuffle"), ("lz4", "noshuffle"), ("zstd", "shuffle"),
                                 ("zstd", "bitshuffle"), ("lz4hc", "shuffle"), ("blosclz", "noshuffle"),
                                 ("zlib", "shuffle"))]
ENCODINGS = {
    "raw": dict(compressors=None),
    "gzip 1": dict(compressors=codecs.GzipCodec(level=1)),
    "gzip 9": dict(compressors=codecs.GzipCodec(level=9)),
    "zstd": dict(compressors=codecs.ZstdCodec(level=3)),
    "zstd with its checksum": dict(compressors=codecs.ZstdCodec(level=3, checksum=True)),
    "crc32c": dict(compressors=codecs.Crc32cCodec()),
    "zstd and crc32c": dict(compressors=[codecs.ZstdCodec(), codecs.Crc32cCodec()]),
    **{f"blosc {b.cname.value} {b.shuffle.value}": dict(compressors=b) for b in BLOSCS},
    "big-endian": dict(serializer=codecs.BytesCodec(endian="big"), compressors=codecs.GzipCodec()),
    "transposed": dict(filters=codecs.TransposeCodec(order=(2, 0, 1)), compressors=None),
    "transposed, big-endian, blosc": dict(filters=codecs.TransposeCodec(order=(1, 0, 2)),
                                          serializer=codecs.BytesCodec(endian="big"), compressors=BLOSCS[0]),
    "keys with dots": dict(chunk_key_encoding={"name": "default", "separator": "."}),
    "keys as in v2": dict(chunk_key_encoding={"name": "v2", "separator": "."}),
    "keys as in v2, folders": dict(chunk_key_encoding={"name": "v2", "separator": "/"}),
    "a chunk larger than the array": dict(chunks=(20, 20, 20)),
    "chunks of one": dict(chunks=(1, 13, 17)),
}


class ZarrInput(support.Case):
    def group(self, name="in.zarr", **options):
        return zarr.open_group(self.folder / name, mode="w", zarr_format=3, **options)

    def array(self, group, name="v", data=FIELD, **options):
        options = dict(chunks=CHUNKS[: data.ndim], dimension_names=DIMENSIONS[: data.ndim]) | options
        array = group.create_array(name, shape=data.shape, dtype=data.dtype, **options)
        array[...] = data
        return array

    def written(self, name="v"):
        return zarr.open_group(self.folder / "out.zarr", mode="r")[name][...]

    def check(self, expected=EXPECTED, name="v", source="in.zarr", dim="time", ranks=2, expected_warnings=0):
        self.run_done("anomaly", "--dim", dim, "--threads", 2, "--overwrite", source, "out.zarr", ranks=ranks,
                      expected_warnings=expected_warnings)
        self.assert_same_bits(self.written(name), expected, name)

    def test_every_encoding_that_zarr_python_writes(self):
        group = self.group()
        for k, options in enumerate(ENCODINGS.values()):
            self.array(group, f"v{k}", **options)
        for ranks in (1, 3):
            self.run_done("anomaly", "--threads", 2, "--overwrite", "in.zarr", "out.zarr", ranks=ranks)
            for k, name in enumerate(ENCODINGS):
                with self.subTest(name, ranks=ranks):
                    self.assert_same_bits(self.written(f"v{k}"), EXPECTED)

    def test_missing_chunks_hold_the_fill_value(self):
        fills = {"zero": ("f4", 0), "number": ("f4", 2.5), "nan": ("f4", np.nan), "infinite": ("f4", -np.inf),
                 "double": ("f8", 0.1), "integer": ("i2", -7), "unsigned": ("u8", 2**64 - 1), "byte": ("i1", -128)}
        group = self.group()
        for name, (dtype, fill) in fills.items():
            array = group.create_array(name, shape=SHAPE, dtype=dtype, chunks=CHUNKS, fill_value=fill,
                                       dimension_names=DIMENSIONS)
            array[4:8, :5] = FIELD[4:8, :5].astype(dtype)
        given = zarr.open_group(self.folder / "in.zarr", mode="r")
        self.run_done("anomaly", "--threads", 2, "in.zarr", "out.zarr", ranks=3)
        for name, (dtype, _) in fills.items():
            with self.subTest(name), warnings.catch_warnings(), np.errstate(invalid="ignore"):
                warnings.simplefilter("ignore")
                wide = given[name][...].astype("f8")
                expected = (wide - np.nanmean(wide, axis=0)).astype("f4" if dtype == "f4" else "f8")
                if name == "double":  # 0.1 is no multiple of 1/16: sums round
                    np.testing.assert_allclose(self.written(name), expected, rtol=0, atol=1e-12)
                else:
                    self.assert_same_bits(self.written(name), expected, name)

    def test_an_array_without_a_single_chunk(self):
        self.group().create_array("v", shape=SHAPE, dtype="f4", chunks=CHUNKS, fill_value=3, dimension_names=DIMENSIONS)
        self.check(np.zeros(SHAPE, "f4"), expected_warnings=1)

    def test_types(self):
        group = self.group()
        for dtype in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"):
            self.array(group, dtype, FIELD.astype(dtype))
        self.run_done("anomaly", "in.zarr", "out.zarr", ranks=2)
        for name, array in group.arrays():
            wide = array[...].astype("f8")
            self.assert_same_bits(self.written(name), (wide - wide.mean(0)).astype("f4" if name == "f4" else "f8"), name)

    def test_half_precision_and_complex_are_carried_or_left_out_but_never_computed_wrongly(self):
        group = self.group()
        self.array(group)
        self.array(group, "half", FIELD.astype("f2"))
        self.array(group, "complex", FIELD.astype("c8"))
        self.array(group, "truth", FIELD > 100)
        done = support.run("anomaly", "in.zarr", "out.zarr", folder=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_same_bits(self.written(), EXPECTED)
        out = zarr.open_group(self.folder / "out.zarr", mode="r")
        for name in ("half", "complex", "truth"):
            if name in out:
                np.testing.assert_array_equal(out[name][...], group[name][...])
            else:
                self.assertIn(f"left out '{name}'", done.stderr)

    def test_zero_steps_and_scalars(self):
        group = self.group()
        group.create_array("v", shape=(0, 3), dtype="f4", chunks=(1, 3), dimension_names=("time", "x"))
        self.array(group, "scalar", np.array(5.0), chunks=(), dimension_names=())
        self.run_done("anomaly", "in.zarr", "out.zarr", ranks=2)
        self.assertEqual(self.written().shape, (0, 3))
        self.assertEqual(self.written("scalar"), 5)

    def test_an_array_alone_and_arrays_without_dimension_names(self):
        array = zarr.create_array(self.folder / "alone.zarr", shape=SHAPE, dtype="f4", chunks=CHUNKS, zarr_format=3)
        array[...] = FIELD
        self.check(source="alone.zarr", name="alone", dim="0")
        self.array(self.group(), dimension_names=None)
        self.check(dim="0")

    def test_nested_groups_consolidated_or_not(self):
        for consolidated in (False, True):
            group = self.group()
            self.array(group)
            self.array(group.create_group("ocean/deep"), "t", FIELD * 2)
            if consolidated:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    zarr.consolidate_metadata(self.folder / "in.zarr")
            with self.subTest(consolidated=consolidated):
                self.check(expected_warnings=1)
                self.check(EXPECTED * 2, "t", "in.zarr:ocean/deep/t")
                told = json.loads(self.run_done("info", "--json", "in.zarr").stdout)
                self.assertEqual(told["format"], "Zarr v3")
                self.assertIn("ocean/deep/t", self.run_done("info", "in.zarr").stdout)

    def test_datasets_that_xarray_wrote(self):
        given = support.open_input(support.SAMPLES / "ostia_monthly.nc")
        for variable in given.variables.values():
            variable.encoding = {key: value for key, value in variable.encoding.items()
                                 if key in ("units", "calendar", "_FillValue", "dtype", "coordinates")}
        packed = dict(dtype="i2", scale_factor=0.01, add_offset=290.0, _FillValue=np.int16(-32768))
        for name, encoding in (("as it was", {}), ("packed", {"surface_temperature": packed})):
            for consolidated in (True, False):
                with self.subTest(name, consolidated=consolidated):
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        given.to_zarr(self.folder / "in.zarr", mode="w", zarr_format=3, consolidated=consolidated,
                                      encoding=encoding)
                        decoded = xarray.open_zarr(self.folder / "in.zarr", decode_timedelta=False).load()
                    expected = support.anomaly(decoded, ["surface_temperature"])
                    with self.anomaly("in.zarr", ranks=2, threads=2) as found:
                        if name == "packed":  # sums of doubles that are no short binary fractions
                            xarray.testing.assert_allclose(found.drop_attrs(), expected.drop_attrs(), rtol=0, atol=1e-9)
                            self.assertEqual(found.surface_temperature.dtype, np.float64)
                        else:
                            self.assert_same(found, expected)

    def test_our_own_output_is_input_and_its_anomaly_is_next_to_nothing(self):
        self.run_done("anomaly", support.SAMPLES / "E1_north_america.nc", "once.zarr")
        with self.shown("once.zarr") as once:
            with self.anomaly("once.zarr", ranks=3) as twice:
                self.assert_same(twice.drop_vars("air_temperature"), support.anomaly(once, []).drop_vars("air_temperature"))
                np.testing.assert_allclose(twice.air_temperature, once.air_temperature, rtol=0, atol=1e-6)

    def test_shards_are_left_out_with_a_warning_and_version_2_is_refused_with_the_way_out(self):
        group = self.group()
        self.array(group)
        self.array(group, "sharded", chunks=(3, 5, 17), shards=(9, 15, 17))
        self.check(source="in.zarr:v")
        self.check(source="in.zarr", expected_warnings=1)
        self.assert_refused(3, "shards", "anomaly", "in.zarr:sharded", "other.zarr", ranks=2)
        old = zarr.open_group(self.folder / "old.zarr", mode="w", zarr_format=2)
        old.create_array("v", shape=(3,), dtype="f4")
        self.assert_refused(3, "Zarr v2", "anomaly", "old.zarr", "other.zarr")


if __name__ == "__main__":
    support.main()
