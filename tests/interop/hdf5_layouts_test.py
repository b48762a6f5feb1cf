"""The same field in every layout that netCDF4 and h5py write: how it lies in the file does not show in the result.

What our decoders do not know is read by the HDF5 library on one rank; what that does not know either is left
out, or refused where nothing else is wanted.
"""

import itertools
import json

import h5py
import netCDF4
import numpy as np
import zarr

import support

SHAPE = (10, 13, 17)
FIELD = (np.random.default_rng(5).integers(0, 4096, SHAPE) / 16).astype(np.float32)  # exact sums, few bits
EXPECTED = (FIELD - FIELD.mean(0, np.float64)).astype(np.float32)
FORMATS = (("earliest", "v110"), ("v110", "v110"))  # what HDF5 1.10 can read


class Layouts(support.Case):
    def check(self, source, ranks=2, threads=2, dim="time", expected=EXPECTED, expected_warnings=0):
        self.run_done("anomaly", "--dim", dim, "--threads", threads, "--overwrite", source, "out.zarr", ranks=ranks,
                      expected_warnings=expected_warnings)
        self.assert_same_bits(zarr.open_group(self.folder / "out.zarr", mode="r")["v"][...], expected)

    def netcdf(self, unlimited=False, **options):
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            for name, length in zip(("time", "y", "x"), SHAPE):
                file.createDimension(name, None if unlimited and name == "time" else length)
            order = ">" if options.get("endian") == "big" else "<"
            file.createVariable("v", order + "f4", ("time", "y", "x"), **options)[:] = FIELD

    def hdf5(self, write, libver=FORMATS[0], **options):
        with h5py.File(self.folder / "in.h5", "w", libver=libver, **options) as file:
            write(file)

    def test_netcdf4_filters_and_chunks(self):
        chunks = [(1, 13, 17), (10, 13, 17), (3, 4, 5), (10, 1, 1), (7, 13, 2)]
        filters = [dict(zlib=False), dict(zlib=True, complevel=1), dict(zlib=True, complevel=9, shuffle=False),
                   dict(zlib=True, fletcher32=True), dict(fletcher32=True), dict(zlib=True, endian="big"),
                   dict(zlib=True, shuffle=True, fletcher32=True)]
        ranks = itertools.cycle((1, 2, 3, 4))
        for options, chunksizes in zip(filters, itertools.cycle(chunks)):
            for unlimited in (False, True):
                with self.subTest(**options, chunksizes=chunksizes, unlimited=unlimited):
                    self.netcdf(unlimited, chunksizes=chunksizes, **options)
                    self.check("in.nc", ranks=next(ranks))

    def test_contiguous(self):
        for endian in ("little", "big"):
            self.netcdf(contiguous=True, endian=endian)
            for ranks in (1, 3):
                self.check("in.nc", ranks=ranks)

    def test_every_kind_of_chunk_index(self):
        kinds = {  # of the format since 1.10; the earliest has B-trees only
            "single chunk": dict(chunks=SHAPE),
            "fixed array": dict(chunks=(2, 5, 6)),
            "fixed array, filtered": dict(chunks=(2, 5, 6), compression="gzip", shuffle=True),
            "extensible array": dict(chunks=(1, 13, 17), maxshape=(None, 13, 17)),
            "extensible array, filtered": dict(chunks=(1, 13, 17), maxshape=(None, 13, 17), compression="gzip"),
            "B-tree": dict(chunks=(3, 4, 6), maxshape=(None, None, 17)),
            "B-tree, filtered": dict(chunks=(3, 4, 6), maxshape=(None, None, 17), compression="gzip", fletcher32=True),
        }
        for (kind, options), libver in itertools.product(kinds.items(), FORMATS):
            with self.subTest(kind, libver=libver):
                self.hdf5(lambda file: file.create_dataset("v", data=FIELD, **options), libver)
                self.check("in.h5", dim="0")

    def test_a_format_newer_than_the_library_is_read_or_refused_with_the_way_out(self):
        def write(file):
            file.create_dataset("v", data=FIELD, chunks=(2, 5, 6), compression="gzip")
        self.hdf5(write, ("latest", "latest"))
        done = support.run("anomaly", "--dim", "0", "in.h5", "out.zarr", folder=self.folder)
        if done.returncode == 0:
            self.check("in.h5", dim="0")
        else:
            self.assert_refused(3, "h5repack --high=v110", "anomaly", "--dim", "0", "in.h5", "out.zarr", ranks=2)

    def test_chunks_allocated_early(self):
        def write(file):
            create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            create.set_chunk((2, 5, 6))
            create.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            space = h5py.h5s.create_simple(SHAPE)
            data = h5py.h5d.create(file.id, b"v", h5py.h5t.IEEE_F32LE, space, create)
            data.write(h5py.h5s.ALL, h5py.h5s.ALL, FIELD)
        for libver in FORMATS:
            self.hdf5(write, libver)
            self.check("in.h5", dim="0")

    def test_compact_data_and_a_user_block(self):
        small = FIELD[:, :2, :3]

        def write(file):
            create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            create.set_layout(h5py.h5d.COMPACT)
            space = h5py.h5s.create_simple(small.shape)
            data = h5py.h5d.create(file.id, b"v", h5py.h5t.IEEE_F32LE, space, create)
            data.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(small, "f4"))
        self.hdf5(write, userblock_size=1024)
        self.check("in.h5", dim="0", expected=np.ascontiguousarray(EXPECTED[:, :2, :3]))

    def test_chunks_that_skipped_a_filter(self):
        def write(file):
            data = file.create_dataset("v", SHAPE, "f4", chunks=(1, 13, 17), compression="gzip", shuffle=True)
            for step in range(SHAPE[0]):
                if step % 3:
                    data[step] = FIELD[step]
                else:  # both filters left out, as a library does where they do not pay
                    data.id.write_direct_chunk((step, 0, 0), FIELD[step].tobytes(), filter_mask=3)
        self.hdf5(write)
        self.check("in.h5", dim="0")

    def test_filters_that_are_not_decoded_are_left_out_and_refused_where_nothing_else_is_wanted(self):
        def write(file):  # h5py brings the filter with it; the HDF5 library has it as a plugin, if at all
            file.create_dataset("odd", data=FIELD, chunks=(2, 5, 6), compression="lzf")
            file.create_dataset("v", data=FIELD)
        self.hdf5(write)
        for source, warnings in (("in.h5:v", 0), ("in.h5", 1)):
            self.check(source, dim="0", expected_warnings=warnings)
            self.assertEqual(list(zarr.open_group(self.folder / "out.zarr").array_keys()), ["v"])
        self.assert_refused(3, "lzf", "anomaly", "--dim", "0", "in.h5:odd", "other.zarr", ranks=2)
        with h5py.File(self.folder / "in.h5", "a") as file:
            del file["v"]
        self.assert_refused(3, "lzf", "anomaly", "--dim", "0", "in.h5", "other.zarr", ranks=2)

    def test_filters_that_only_the_library_decodes(self):
        n_bit = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        n_bit.set_chunk((2, 5, 6))
        n_bit.set_filter(h5py.h5z.FILTER_NBIT, h5py.h5z.FLAG_MANDATORY, ())
        filters = {"n-bit": dict(dcpl=n_bit), "scale-offset": dict(chunks=(2, 5, 6), dtype="i4", scaleoffset=0),
                   "scale-offset of reals": dict(chunks=(2, 5, 6), scaleoffset=2, shuffle=True)}
        for name, options in filters.items():
            def write(file):
                file.create_dataset("odd", data=FIELD, **options)
                file.create_dataset("plain", data=FIELD, chunks=(2, 5, 6), compression="gzip")
            self.hdf5(write)
            with h5py.File(self.folder / "in.h5") as file:
                values = {name: file[name][...].astype("f8") for name in ("odd", "plain")}
                types = {name: "f4" if file[name].dtype == "f4" else "f8" for name in values}
            for ranks, threads in ((None, 1), (1, 4), (2, 2), (3, 1)):
                with self.subTest(name, ranks=ranks):
                    self.run_done("anomaly", "--overwrite", "--dim", "0", "--threads", threads, "--trace", "trace.json",
                                  "--chunks", "3,5,7", "in.h5", "out.zarr", ranks=ranks)
                    group = zarr.open_group(self.folder / "out.zarr", mode="r")
                    for of, full in values.items():
                        self.assert_same_bits(group[of][...], (full - full.mean(0)).astype(types[of]))
                    events = json.loads((self.folder / "trace.json").read_text())["traceEvents"]
                    readers = {e["pid"] for e in events if "read odd by the HDF5 library" in e["name"]}
                    self.assertEqual(len(readers), 1, "one rank reads by the library")

    def test_chunks_never_written_hold_the_fill_value(self):
        for fill, hole in ((None, 0), (np.float32(2.5), 2.5)):
            def write(file):
                file.create_dataset("v", SHAPE, "f4", chunks=(5, 13, 17), fillvalue=fill)[5:] = FIELD[5:]
            self.hdf5(write)
            values = np.concatenate([np.full((5, 13, 17), hole, "f4"), FIELD[5:]])
            self.check("in.h5", dim="0", expected=(values - values.mean(0, np.float64)).astype("f4"))

    def test_variables_that_grew_less_than_their_unlimited_dimension_are_missing_there(self):
        with netCDF4.Dataset(self.folder / "in.nc", "w") as file:
            file.createDimension("time", None)
            file.createDimension("x", 4)
            file.createVariable("time", "f8", ("time",))[:] = np.arange(6)
            file.createVariable("long", "f4", ("time", "x"))[:] = np.arange(24).reshape(6, 4)
            file.createVariable("short", "f4", ("time", "x"), fill_value=-1)[:2] = [[1], [3]]
        expected = support.anomaly(support.open_input(self.folder / "in.nc"), ["long", "short"])
        for ranks in (1, 3):
            with self.anomaly("in.nc", ranks=ranks) as found:
                self.assert_same(found, expected)

    def test_many_variables(self):
        def write(file):
            for k in range(150):
                file.create_dataset(f"v{k:03}", data=np.arange(4.0) * k)
        self.hdf5(write)
        self.run_done("anomaly", "--dim", "0", "in.h5", "out.zarr", ranks=2)
        group = zarr.open_group(self.folder / "out.zarr", mode="r")
        for k in range(150):
            np.testing.assert_array_equal(group[f"v{k:03}"][...], (np.arange(4) - 1.5) * k)


if __name__ == "__main__":
    support.main()
