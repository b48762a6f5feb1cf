"""zarr-python and xarray read what we write, and we read what zarr-python writes: zarr_python_test.py PROBE"""

import itertools
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import xarray
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

warnings.simplefilter("ignore")
PROBE = sys.argv[1]
CODECS = ["none", "blosc-lz4", "blosc-zstd:3", "zstd:3", "gzip:1", "gzip:9"]


def run(*arguments):
    done = subprocess.run([PROBE, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def expected_of(array):
    """Element k in row-major order has the value k, in the way of zarr_probe.cpp."""
    k = np.arange(array.size).reshape(array.shape)
    kind = array.dtype.kind
    if kind == "b":
        return k % 2 == 1
    if kind == "c":
        return (k - 1j * k).astype(array.dtype)
    if kind == "S":
        return np.array([str(i).encode() for i in range(array.size)])
    return k.astype(array.dtype)


def check_written(folder):
    fills = {"time": -9, "x": -np.inf, "big": 2**64 - 1, "flag": True, "text": b"ab", "scalar": 0}
    group = zarr.open_group(folder, mode="r")
    assert group.metadata.consolidated_metadata is not None
    assert group.attrs["title"] == "Grüße" and np.isnan(group.attrs["nan"])
    assert group.attrs["list"] == [1, 2] and group.attrs["one"] == [2.0] and group.attrs["big"] == 2**64 - 1
    names = ["t", "time", "x", "scalar", "empty", "big", "flag", "text", "pair", "group/inner/v"]
    for name in names:
        array = group[name]
        assert array.attrs["units"] == "K"
        np.testing.assert_array_equal(array[...], expected_of(array), err_msg=name)
        if name in fills:
            assert array.fill_value == fills[name], (name, array.fill_value)
    assert np.isnan(group["t"].fill_value) and np.isnan(group["pair"].fill_value.imag)
    dataset = xarray.open_zarr(folder).load()
    assert dataset["t"].dims == ("time", "x")
    assert set(dataset.coords) == {"time", "x"}
    np.testing.assert_array_equal(dataset["t"].sel(time=3).values, np.arange(21, 28))


def write_reference(folder):
    """Arrays of every kind that we read, and some that we leave out; returns what each holds."""
    root = zarr.create_group(folder, overwrite=True)
    held = {}

    def add(name, data, chunks, parts=(np.s_[...],), **settings):
        array = root.create_array(name, shape=data.shape, chunks=chunks, dtype=data.dtype, **settings)
        for part in parts:
            array[part] = data[part]
        held[name] = array[...]

    field = np.cumsum(np.random.default_rng(1).normal(size=(13, 11)), axis=0)
    wide = np.repeat(field, 9, axis=1)
    single = field.astype("f4")
    for cname, shuffle in itertools.product(["lz4", "lz4hc", "blosclz", "zstd", "zlib"],
                                            ["noshuffle", "shuffle", "bitshuffle"]):
        add(f"blosc_{cname}_{shuffle}", wide, (5, 40),
            compressors=BloscCodec(cname=cname, clevel=5, shuffle=shuffle, typesize=8))
    for level in (0, 1, 5, 9):
        add(f"gzip_{level}", single, (4, 4), compressors=GzipCodec(level=level))
    for level in (-5, 0, 3, 19):
        add(f"zstd_{level}", single, (4, 4), compressors=ZstdCodec(level=level, checksum=level > 0))
    add("zstd_crc32c", single, (4, 4), compressors=[ZstdCodec(level=3), Crc32cCodec()])
    add("crc32c", single, (4, 4), compressors=[Crc32cCodec()])
    for endian, kind in itertools.product(["big", "little"], ["i2", "u4", "i8", "f4", "f8", "c8", "c16"]):
        add(f"{endian}_{kind}", (field * 10).astype(kind), (4, 5), serializer=BytesCodec(endian=endian),
            compressors=None)
    cube = np.arange(60).reshape(3, 4, 5)
    turn, swap = TransposeCodec(order=(2, 0, 1)), TransposeCodec(order=(0, 2, 1))
    add("turned", cube.astype("i4"), (2, 3, 2), filters=[turn], compressors=None)
    add("turned_twice", cube.astype("i2"), (2, 3, 2), filters=[turn, swap], serializer=BytesCodec(endian="big"))
    add("mostly_missing", field, (4, 4), [np.s_[0:4, 4:8]], fill_value=np.nan)
    add("mostly_infinite", single, (4, 4), [np.s_[0:4, 4:8]], fill_value=-np.inf)
    add("all_missing", np.zeros(3, "c16"), (1,), [], fill_value=complex(np.nan, -2))
    add("truths", field > 0, (4, 4), fill_value=True)
    for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
        add(kind, (field * 3).astype(kind), (4, 20), [np.s_[0:4, :]], fill_value=np.iinfo(kind).max)
    text = np.array([b"a", b"bcd", b"", b"abcde"])
    add("texts", text, (3,), fill_value=b"xy")
    add("raw", text.astype("V5"), (3,), fill_value=np.void(b"12345"))
    for name, separator in itertools.product(["default", "v2"], ["/", "."]):
        keys = {"name": name, "separator": separator}
        add(f"{name}_{'dot' if separator == '.' else 'slash'}", field, (4, 4), chunk_key_encoding=keys)
        add(f"{name}_scalar_{'dot' if separator == '.' else 'slash'}", np.array(5.0), (), chunk_key_encoding=keys)
    add("a/b/c", field, (4, 4))
    root.create_array("left_out/half", shape=(3,), dtype="f2")
    root.create_array("left_out/shards", shape=(4,), chunks=(2,), shards=(4,), dtype="i4")
    root.create_array("left_out/strings", shape=(3,), dtype=str)
    return held


def check_read(folder, held):
    lines = run("dump", folder).splitlines()
    found = {line.split("|")[0]: line.split("|")[3] for line in lines if "|" in line}
    assert found.keys() == held.keys(), found.keys() ^ held.keys()
    for name, values in held.items():
        values = np.asarray(values)
        assert found[name] == values.astype(values.dtype.newbyteorder("<")).tobytes().hex(), name
    assert sum(line.startswith("skipped left_out/") for line in lines) == 3, lines


with tempfile.TemporaryDirectory() as folder:
    for codec in CODECS:
        run("write", f"{folder}/{codec}", codec)
        check_written(f"{folder}/{codec}")
    held = write_reference(f"{folder}/reference")
    check_read(f"{folder}/reference", held)
    zarr.consolidate_metadata(f"{folder}/reference")
    check_read(f"{folder}/reference", held)
print(f"{len(CODECS)} hierarchies written and {len(held)} arrays read alike")
