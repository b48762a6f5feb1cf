"""The rules of the house as data: who may include whom, which room owns which library, what must not be written."""

import re

# Folder of each room. A file belongs to the room whose folder is the longest prefix of its path.
FOLDERS = {
    **{f"runtime/{room}": room for room in
       ("base", "trace", "topology", "memory", "graph", "plan", "transport", "exec", "context")},
    "io": "io",
    **{f"collections/{room}": room for room in
       ("storage", "array", "labelled", "delayed", "dataframe", "bag", "ml")},
    "collections/include": "dunlin",  # the umbrella header <dunlin/dunlin.hpp>
    "apps": "apps",
}

# Direct includes that a room may have, beside its own; base and trace are free to all above them.
FREE = {"base", "trace"}
_TABLES = {"array", "storage", "context", "graph", "memory"}
MAY_INCLUDE = {
    "base": set(),
    "trace": {"base"},
    "topology": FREE,
    "memory": FREE | {"topology"},
    "graph": FREE | {"memory"},
    "plan": FREE | {"graph", "memory"},
    "transport": FREE | {"memory"},
    "exec": FREE | {"plan", "graph", "transport", "memory", "topology"},
    "context": FREE | {"exec", "plan", "graph", "transport", "memory", "topology"},
    "io": FREE | {"memory"},
    "storage": FREE | {"io", "context", "graph", "memory"},
    "array": FREE | {"storage", "context", "graph", "memory"},
    "labelled": FREE | {"array", "storage", "io", "context"},
    "delayed": FREE | _TABLES,
    "dataframe": FREE | _TABLES,
    "bag": FREE | _TABLES,
    "ml": FREE | _TABLES,
    "apps": FREE | {"labelled", "array", "storage", "context"},
    "dunlin": FREE | {"labelled", "array", "storage", "context", "graph", "memory", "io", "delayed", "dataframe", "bag",
                      "ml"},
}
# Folders that may take more than their room: the program alone starts MPI, and hands its context a transport.
MAY_ALSO_INCLUDE = {"apps/support/": {"transport"}}
# (room, room it includes) → the only headers that it may take from there.
ONLY_HEADERS = {("labelled", "io"): {"dunlin/io/attributes.hpp"}}

# Third-party headers and the folders that may include them; each library lives in one room.
THIRD_PARTY = [
    ("hwloc", re.compile(r"hwloc(\.h|/)"), ("runtime/topology/",)),
    ("MPI", re.compile(r"mpi(-ext)?\.h$"), ("runtime/transport/", "apps/support/")),
    ("OpenMP", re.compile(r"omp(-tools)?\.h$"), ("runtime/exec/",)),
    ("xxhash", re.compile(r"xxh(ash|3)\.h$"), ("runtime/graph/",)),
    ("HDF5", re.compile(r"(hdf5(_hl)?|H5\w+)\.h$"), ("io/hdf5/", "io/include/dunlin/io/hdf5/")),
    ("nlohmann_json", re.compile(r"nlohmann/"), ("io/zarr/", "io/include/dunlin/io/zarr/")),
    ("zstd", re.compile(r"(zstd\w*|zdict)\.h$"), ("io/codec/",)),
    ("blosc", re.compile(r"blosc\w*\.h$"), ("io/codec/",)),
    ("ISA-L", re.compile(r"(isa-l(\.h|/)|igzip_lib\.h$)"), ("io/codec/",)),
    ("lz4", re.compile(r"lz4\w*\.h$"), ("io/codec/",)),
    ("bzip2", re.compile(r"bzlib\.h$"), ("io/codec/",)),
    ("lzma", re.compile(r"lzma\.h$"), ("io/codec/",)),
    ("CLI11", re.compile(r"CLI/"), ("apps/",)),
    ("Eigen", re.compile(r"(Eigen|unsupported/Eigen)/"), re.compile(r"collections/\w+/kernels/")),
    ("Boost", re.compile(r"boost/"), ("collections/delayed/",)),
    ("fmt", re.compile(r"fmt/"), re.compile(r"(?!runtime/base/include/)")),
]
# `#pragma omp` is OpenMP without its header.
OPENMP_PRAGMA = re.compile(r"^\s*#\s*pragma\s+omp\b")

STANDARD_HEADER = re.compile(r"[a-z0-9_]+$")
SYSTEM_HEADER = re.compile(
    r"(sys|linux|asm|netinet|arpa)/[\w/]+\.h$|"
    r"(unistd|fcntl|errno|signal|pthread|sched|dirent|dlfcn|poll|glob|fnmatch|limits|stdlib|time|termios|wordexp|"
    r"cpuid|immintrin|x86intrin|spawn|ucontext|execinfo|endian|byteswap|strings|locale|pwd|libgen|malloc)\.h$")

# Folders of the library, which speaks only when asked, never ends the process, and is handed its communicator.
LIBRARY = ("runtime/", "io/", "collections/")
FORBIDDEN_IN_LIBRARY = [
    (re.compile(r"\bMPI_COMM_WORLD\b"), "the library is handed its communicator; it never names MPI_COMM_WORLD"),
    (re.compile(r"\bMPI_Abort\b"), "the library never ends the process: throw instead of MPI_Abort"),
    (re.compile(r"(?<![\w.>])(std::|::)?(_?exit|_Exit|quick_exit|abort|terminate)\s*\("),
     "the library never ends the process: throw"),
    (re.compile(r"\bstd::(cout|cerr|clog|print|println)\b"), "the library prints nothing: use the caller's Log"),
    (re.compile(r"(?<![\w.>])(std::)?(printf|puts|putchar|perror)\s*\("), "the library prints nothing"),
    (re.compile(r"\b(std::)?v?f(printf|puts|putc|write)\s*\([^;]*\b(stdout|stderr)\b"), "the library prints nothing"),
    # Strings are blanked before the search: what begins with one goes to the terminal, what begins with a file does not.
    (re.compile(r"\bfmt::print(ln)?\s*\(\s*([,)]|stdout|stderr)"), "the library prints nothing: use fmt::format"),
]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")

LINES_PER_FILE = 400
LINES_PER_README = 60
CLANG_FORMAT_MAJOR = 14
