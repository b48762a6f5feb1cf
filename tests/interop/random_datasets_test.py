"""Datasets drawn by lot: any axes, types, packing, chunks, format, codec, ranks and threads give the oracle's bits.

A failing draw is told by its number; `RANDOM_DATASETS=FIRST:LAST python random_datasets_test.py` draws others.
"""

import os

import netCDF4
import numpy as np
import zarr

import support

FIRST, LAST = (int(number) for number in os.environ.get("RANDOM_DATASETS", "0:25").split(":"))
AXES = ("time", "z", "y", "x")
TYPES = ("i1", "u1", "i2", "u2", "i4", "i8", "f4", "f8")
CODECS = ("blosc-lz4", "blosc-zstd:1", "zstd:1", "gzip:1", "none")


class Draw:
    """One dataset: a few variables over some of four axes, `time` among them in any place."""

    def __init__(self, number):
        self.random = np.random.default_rng(number)
        self.lengths = {axis: int(self.random.choice((1, 2, 3, 7, 16, 33))) for axis in AXES}
        self.variables = {f"v{k}": self.variable() for k in range(self.random.integers(1, 5))}

    def variable(self):
        dims = [axis for axis in AXES if axis == "time" or self.random.random() < 0.6]
        self.random.shuffle(dims)
        shape = [self.lengths[axis] for axis in dims]
        dtype = np.dtype(str(self.random.choice(TYPES)))
        # Small whole numbers, and scales that are powers of two: every sum is exact in double.
        values = self.random.integers(0 if dtype.kind == "u" else -100, 100, shape).astype(dtype)
        attributes = {}
        if self.random.random() < 0.5:
            attributes["_FillValue"] = dtype.type(99)
            values[self.random.random(shape) < self.random.choice((0.1, 0.9))] = 99
        if self.random.random() < 0.4:
            kind = np.dtype(str(self.random.choice(("f4", "f8")))).type
            if dtype == np.int64:
                kind = np.float64  # decoding_test has the case in which xarray decodes otherwise
            attributes["scale_factor"] = kind(0.25)
            if self.random.random() < 0.5:
                attributes["add_offset"] = kind(300)
        chunks = [int(self.random.integers(1, length + 1)) for length in shape]
        return dims, values, chunks, attributes

    def write_netcdf(self, path):
        with netCDF4.Dataset(path, "w") as file:
            for axis, length in self.lengths.items():
                file.createDimension(axis, None if axis == "time" and self.random.random() < 0.5 else length)
            for name, (dims, values, chunks, attributes) in self.variables.items():
                options = dict(zlib=bool(self.random.random() < 0.5), shuffle=bool(self.random.random() < 0.5),
                               fletcher32=bool(self.random.random() < 0.3))
                variable = file.createVariable(name, values.dtype, dims, chunksizes=chunks,
                                               fill_value=attributes.get("_FillValue"), **options)
                variable.set_auto_maskandscale(False)
                variable.setncatts({key: value for key, value in attributes.items() if key != "_FillValue"})
                variable[:] = values

    def as_zarr(self, netcdf, path):
        """The decoded values, NaN where missing: their bits are the same as the packed ones'."""
        group = zarr.open_group(path, mode="w", zarr_format=3)
        for name, (dims, _, chunks, _) in self.variables.items():
            values = netcdf[name].values
            array = group.create_array(name, shape=values.shape, dtype=values.dtype, chunks=tuple(chunks),
                                       dimension_names=dims)
            array[...] = values

    def chunk_option(self):
        if self.random.random() < 0.3:
            return []
        words = [f"{axis}={self.random.choice(['all', *map(str, range(1, 9))])}" for axis in AXES
                 if self.random.random() < 0.6 and any(axis in dims for dims, *_ in self.variables.values())]
        return ["--chunks", ",".join(words)] if words else []


class RandomDatasets(support.Case):
    def test_every_draw_is_the_oracles(self):
        for number in range(FIRST, LAST):
            with self.subTest(number):
                draw = Draw(number)
                draw.write_netcdf(self.folder / "in.nc")
                given = support.open_input(self.folder / "in.nc")
                draw.as_zarr(given, self.folder / "in.zarr")
                expected = support.anomaly(given, draw.variables)
                options = [*draw.chunk_option(), "--codec", str(draw.random.choice(CODECS))]
                for source in ("in.nc", "in.zarr"):
                    ranks, threads = int(draw.random.integers(1, 5)), int(draw.random.integers(1, 5))
                    with self.anomaly(source, *options, ranks=ranks, threads=threads) as found:
                        self.assert_same(found, expected)


if __name__ == "__main__":
    support.main()
