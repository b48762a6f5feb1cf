"""The style script finds what it promises to find: each case plants one breach in a small sound tree.

    python3 -m unittest discover -s tests/style -p '*_test.py'
"""

import tempfile
import unittest
from pathlib import Path

import check_style

SOUND = {
    "runtime/base/CMakeLists.txt": "dunlin_room(base)\n",
    "runtime/base/README.md": "# base\n",
    "runtime/base/include/dunlin/base/shape.hpp": "#pragma once\n#include <vector>\n",
    "runtime/memory/include/dunlin/memory/buffer.hpp": '#pragma once\n#include "dunlin/base/shape.hpp"\n',
    "runtime/graph/include/dunlin/graph/layer.hpp": '#pragma once\n#include "dunlin/memory/buffer.hpp"\n',
    "runtime/transport/mpi_transport.cpp": "#include <mpi.h>\n#include <sys/stat.h>\n",
    "runtime/trace/log.cpp": '// std::cerr << "x"\nvoid f(FILE* out) { std::fprintf(out, "printf(%d)", 1); }\n',
    "runtime/exec/run.cpp": "#pragma omp parallel\n",
    "io/include/dunlin/io/attributes.hpp": "#pragma once\n",
    "io/include/dunlin/io/stored_array.hpp": "#pragma once\n",
    "io/zarr/zarr_array.hpp": '#pragma once\n#include "dunlin/io/stored_array.hpp"\n',
    "io/open.cpp": '#include "dunlin/io/stored_array.hpp"\n#include "zarr/zarr_array.hpp"\n',
    "collections/labelled/attrs.cpp": '#include "dunlin/io/attributes.hpp"\n',
    "apps/main.cpp": '#include <CLI/CLI.hpp>\nint main() { std::exit(2); }\n',
}

# (what is planted, where, text, what the report must say)
PLANTED = [
    ("an upward include", "runtime/memory/up.cpp", '#include "dunlin/graph/layer.hpp"\n', "must not include `graph`"),
    ("the runtime knows no files", "runtime/plan/files.cpp", '#include "dunlin/io/stored_array.hpp"\n',
     "must not include `io`"),
    ("io knows no graphs", "io/graphs.cpp", '#include "dunlin/graph/layer.hpp"\n', "must not include `graph`"),
    ("labelled takes only attributes of io", "collections/labelled/a.cpp", '#include "dunlin/io/stored_array.hpp"\n',
     "only dunlin/io/attributes.hpp"),
    ("another room's private header", "runtime/exec/p.cpp", '#include "../graph/secret.hpp"\n', "private header"),
    ("a header that is not there", "runtime/graph/m.cpp", '#include "dunlin/graph/none.hpp"\n', "does not exist"),
    ("a private header that is not there", "runtime/graph/n.cpp", '#include "none.hpp"\n', "not a file beside"),
    ("hwloc outside of topology", "runtime/exec/h.cpp", "#include <hwloc.h>\n", "lives in runtime/topology/"),
    ("MPI outside of transport", "runtime/context/c.cpp", "#include <mpi.h>\n", "is MPI"),
    ("MPI in quotes", "runtime/context/q.cpp", '#include "mpi.h"\n', "is MPI"),
    ("OpenMP by header", "collections/array/kernels/k.cpp", "#include <omp.h>\n", "is OpenMP"),
    ("OpenMP by pragma", "collections/array/kernels/k.cpp", "  #pragma omp parallel for\n", "#pragma omp"),
    ("HDF5 in zarr", "io/zarr/z.cpp", "#include <hdf5.h>\n", "is HDF5"),
    ("JSON in hdf5", "io/hdf5/j.cpp", "#include <nlohmann/json.hpp>\n", "is nlohmann_json"),
    ("zstd outside of codec", "io/zarr/c.cpp", "#include <zstd.h>\n", "is zstd"),
    ("Eigen outside of kernels", "collections/array/e.cpp", "#include <Eigen/Core>\n", "is Eigen"),
    ("fmt in a header of base", "runtime/base/include/dunlin/base/f.hpp", "#include <fmt/core.h>\n", "is fmt"),
    ("a library that nobody owns", "io/x.cpp", "#include <tbb/tbb.h>\n", "of no library"),
    ("two files in a circle", "runtime/graph/a.hpp", '#include "a.hpp"\n', "files include one another"),
    ("the world communicator", "runtime/transport/w.cpp", "auto c = MPI_COMM_WORLD;\n", "MPI_COMM_WORLD"),
    ("exit", "io/e.cpp", "void f() { std::exit(1); }\n", "never ends the process"),
    ("abort", "runtime/plan/a.cpp", "void f() { abort(); }\n", "never ends the process"),
    ("MPI_Abort", "runtime/transport/a.cpp", "int f() { return MPI_Abort(c, 1); }\n", "MPI_Abort"),
    ("cout", "collections/array/c.cpp", 'void f() { std::cout << "x"; }\n', "prints nothing"),
    ("printf", "io/p.cpp", 'void f() { printf("x"); }\n', "prints nothing"),
    ("fprintf to stderr", "io/p.cpp", 'void f() { std::fprintf(stderr, "x"); }\n', "prints nothing"),
    ("fmt::print", "io/p.cpp", 'void f() { fmt::print("{}", 1); }\n', "prints nothing"),
    ("a long file", "apps/long.cpp", "\n" * 401, "at most 400"),
    ("a long script", "jobscripts/long.sh", "\n" * 401, "at most 400"),
    ("unfinished work", "apps/t.cpp", "// " + "TODO later\n", "unfinished"),
    ("a room without a README", "runtime/plan/CMakeLists.txt", "dunlin_room(plan)\n", "every room has a README"),
    ("a long README", "runtime/base/README.md", "x\n" * 61, "at most 60 lines"),
]


def breaches(files):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return check_style.breaches_of(folder, formatting=False)[1]


class CheckStyle(unittest.TestCase):
    def test_a_sound_tree_has_no_breach(self):
        self.assertEqual(breaches(SOUND), [])

    def test_each_planted_breach_is_found_at_its_place(self):
        secret = {"runtime/graph/secret.hpp": "#pragma once\n"}
        for why, path, text, sentence in PLANTED:
            with self.subTest(why):
                found = [(p, t) for p, _, t in breaches({**SOUND, **secret, path: text})]
                self.assertTrue(any(p.startswith(path.rsplit("/", 1)[0]) and sentence in t for p, t in found), found)

    def test_a_circle_of_files_is_named_in_order(self):
        circle = {f"runtime/graph/{a}.hpp": f'#include "{b}.hpp"\n' for a, b in ("xy", "yz", "zx")}
        texts = [t for _, _, t in breaches({**SOUND, **circle})]
        self.assertEqual(texts, ["files include one another in a circle: runtime/graph/x.hpp → runtime/graph/y.hpp → "
                                 "runtime/graph/z.hpp → runtime/graph/x.hpp"])

    def test_a_circle_of_folders_is_found_without_a_circle_of_files(self):
        circle = {"io/zarr/a.cpp": '#include "hdf5/h.hpp"\n', "io/hdf5/b.cpp": '#include "zarr/zarr_array.hpp"\n',
                  "io/hdf5/h.hpp": "#pragma once\n"}
        texts = [t for _, _, t in breaches({**SOUND, **circle})]
        self.assertEqual(texts, ["folders include one another in a circle: io/hdf5 → io/zarr → io/hdf5"])

    def test_comments_and_strings_are_not_code(self):
        harmless = 'const char* s = "std::cout exit(1)";  // abort()\n/* printf("x") */ int x = \'"\';\n'
        self.assertEqual(breaches({**SOUND, "io/s.cpp": harmless}), [])

    def test_the_house_table_has_no_circle_of_rooms(self):
        graph = {room: set(allowed) for room, allowed in check_style.rules.MAY_INCLUDE.items()}
        self.assertEqual(check_style.cycles(graph), [])


if __name__ == "__main__":
    unittest.main()
