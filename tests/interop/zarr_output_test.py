"""Our output with every codec and chunk choice, read by zarr-python and xarray; and the same bytes from any run."""

import itertools
import json

import netCDF4
import numpy as np
import zarr

import support

SHAPE = (9, 13, 17)
FIELD = (np.random.default_rng(8).integers(0, 4096, SHAPE) / 16).astype("f4")  # exact sums
CODECS = ["blosc-lz4", "blosc-zstd:3", "blosc-zstd:9", "zstd:3", "zstd:19", "gzip:1", "gzip:9", "none"]


class Output(support.Case):
    def setUp(self):
        super().setUp()
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            for name, length in zip(("time", "y", "x"), SHAPE):
                file.createDimension(name, length)
            file.createVariable("time", "i8", ("time",))[:] = np.arange(9)
            file["time"].units = "days since 2000-01-01"
            file.createVariable("v", "f4", ("time", "y", "x"), fill_value=0)[:] = FIELD
            file.createVariable("d", "f8", ("time", "y"))[:] = FIELD[:, :, 0]
            file.createVariable("flags", "i1", ("y", "x"))[:] = FIELD[0] % 2
            file.createVariable("name", "S1", ("x",))[:] = np.array(list("abcdefghijklmnopq"), "S1")
        self.expected = support.anomaly(support.open_input(self.folder / "in.nc"), ["v", "d"])

    def chunks(self, name="v"):
        return zarr.open_array(self.folder / "out.zarr" / name, mode="r").chunks

    def test_every_codec(self):
        for codec, ranks in zip(CODECS, itertools.cycle((1, 2, 3))):
            with self.subTest(codec):
                with self.anomaly("in.nc", "--codec", codec, ranks=ranks, threads=2) as found:
                    self.assert_same(found, self.expected)
                for name, array in zarr.open_group(self.folder / "out.zarr", mode="r").arrays():
                    used = [type(one).__name__ for one in array.compressors]
                    wanted = {"blosc": ["BloscCodec"], "zstd": ["ZstdCodec"], "gzip": ["GzipCodec"], "none": []}
                    self.assertEqual(used, wanted[codec.split(":")[0].split("-")[0]], name)

    def test_every_choice_of_chunks(self):
        for choice, chunks in (("time=1", (1, 13, 17)), ("time=1,y=all,x=all", (1, 13, 17)), ("time=4,y=5", (4, 5, 17)),
                               ("x=1", (9, 13, 1)), ("2,3,all", (2, 3, 17)), ("9,13,17", (9, 13, 17)),
                               ("time=100", (9, 13, 17)), ("time=all", (9, 13, 17)), ("time=2,y=7,x=9", (2, 7, 9))):
            for ranks in (1, 4):
                with self.subTest(choice, ranks=ranks):
                    with self.anomaly("in.nc", "--chunks", choice, ranks=ranks, threads=2) as found:
                        self.assert_same(found, self.expected)
                    self.assertEqual(self.chunks(), chunks)

    def test_metadata_is_what_zarr_python_would_write_of_it(self):
        self.run_done("anomaly", "in.nc", "out.zarr")
        told = json.loads((self.folder / "out.zarr/zarr.json").read_text())
        consolidated = told["consolidated_metadata"]["metadata"]
        for name, array in zarr.open_group(self.folder / "out.zarr", mode="r", use_consolidated=False).arrays():
            if name == "name":
                continue  # zarr-python warns of every array of text, its own too
            alone = json.loads((self.folder / "out.zarr" / name / "zarr.json").read_text())
            self.assertEqual(consolidated[name], alone)
            again = array.metadata.to_dict()
            for key in ("shape", "data_type", "chunk_grid", "chunk_key_encoding", "dimension_names", "attributes"):
                self.assertEqual(json.loads(json.dumps(again[key])), alone[key], f"{key} of {name}")
        self.assertEqual({name: one["fill_value"] for name, one in consolidated.items() if name in "vd"},
                         {"v": "NaN", "d": "NaN"})

    def test_nothing_else_lies_in_the_output(self):
        self.run_done("anomaly", "--chunks", "time=5", "in.nc", "out.zarr", ranks=2)
        files = {path.relative_to(self.folder / "out.zarr").as_posix()
                 for path in (self.folder / "out.zarr").rglob("*") if path.is_file()}
        names = {"time", "v", "d", "flags", "name"}
        expected = {"zarr.json"} | {f"{name}/zarr.json" for name in names}
        expected |= {"time/c/0", "flags/c/0/0", "name/c/0", "v/c/0/0/0", "v/c/1/0/0", "d/c/0/0", "d/c/1/0"}
        self.assertEqual(files, expected)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["in.nc", "out.zarr"])


class SameBits(support.Case):
    """Ranks, threads and timing do not show in a single byte, with data for which the order of summation matters."""

    def write(self):
        random = np.random.default_rng(9)
        scale = 10.0 ** random.integers(-8, 9, (240, 100, 300))
        values = (random.normal(0, 1, scale.shape) * scale).astype("f4")
        values[random.random(scale.shape) < 0.1] = np.nan
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            for name, length in zip(("time", "y", "x"), scale.shape):
                file.createDimension(name, None if name == "time" else length)
            file.createVariable("steps", "f4", ("time", "y", "x"), chunksizes=(1, 100, 300))[:] = values
            file.createVariable("tiles", "f8", ("time", "y", "x"), chunksizes=(31, 40, 70), zlib=True,
                                complevel=1)[:] = values
            file.createVariable("series", "f4", ("x", "time"), chunksizes=(300, 240))[:] = values[:, 0].T
        forwards, backwards = np.nansum(values, 0, "f8"), np.nansum(values[::-1], 0, "f8")
        self.assertGreater((forwards != backwards).mean(), 0.1, "the order of summation should matter")

    def check(self, options, runs):
        first = None
        for ranks, threads in runs:
            self.run_done("anomaly", *options, "--threads", threads, "--overwrite", "in.nc", "out.zarr", ranks=ranks,
                          environment={"SOURCE_DATE_EPOCH": "0"})
            found = support.tree(self.folder / "out.zarr")
            first = first or found
            with self.subTest(options, ranks=ranks, threads=threads):
                self.assertEqual(sorted(found), sorted(first))
                self.assertEqual([name for name in first if found[name] != first[name]], [])

    def test_one_to_four_ranks_and_one_to_four_threads(self):
        self.write()
        self.check(["--chunks", "time=7,y=30,x=all"], [(None, 1), *itertools.product((1, 2, 3, 4), (1, 2, 4))])

    def test_with_little_memory(self):
        self.write()
        self.check(["--memory", "60M"], [(None, 4), (1, 1), (2, 2), (4, 1)])
        plenty = support.tree(self.folder / "out.zarr")
        self.check([], [(3, 1)])
        self.assertEqual(support.tree(self.folder / "out.zarr"), plenty)


if __name__ == "__main__":
    support.main()
