#!/usr/bin/env python3
"""Checks the habits of the house over a source tree and prints one line per breach: `path:line: what is wrong`.

    python3 tests/style/check_style.py [--root FOLDER] [--no-format]

Include directions, cycles, one library per room, forbidden calls, file length, READMEs, clang-format. The rules are data
in rules.py. Ends with 1 where it found a breach, else 0. Needs nothing but Python's standard library.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

import rules

PLACES = ("runtime", "io", "collections", "apps", "tests", "jobscripts", "cmake", ".ci")
CPP = {".hpp", ".cpp", ".h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Tree:
    """The files of one source tree, by path relative to its root, and what they include."""

    def __init__(self, root):
        self.root = root
        found = [p for place in PLACES for p in (root / place).rglob("*") if p.is_file()]
        found += [p for p in root.glob("*") if p.name in ("CMakeLists.txt", "README.md")]
        skip = {"__pycache__", ".git"}
        self.files = sorted(p.relative_to(root).as_posix() for p in found if not skip & set(p.parts))
        self.cpp = [f for f in self.files if Path(f).suffix in CPP]
        self.rooms = {f: room_of(f) for f in self.files}
        # path → [(line, "<" or '"', included name, path inside the tree or None)]
        self.includes = {f: list(self._includes_of(f)) for f in self.cpp}

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def _includes_of(self, path):
        for number, line in enumerate(self.text(path).splitlines(), 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match[1], match[2], self._resolve(path, match[2])

    def _resolve(self, path, name):
        """The file of this tree that `name` means when `path` includes it: a public header or a private neighbour."""
        if name.startswith("dunlin/"):
            candidates = [f"{folder}/include/{name}" for folder in rules.FOLDERS]
            candidates.append(f"collections/include/{name}")
        else:
            parents = [p.as_posix() for p in Path(path).parents if p.as_posix() != "."]
            candidates = [f"{parent}/{name}" for parent in parents]
        known = set(self.files)
        for candidate in candidates:
            normal = Path(*_normal(candidate)).as_posix()
            for file in (normal, normal + ".in"):  # .in: what CMake writes the header from
                if file in known:
                    return file
        return None


def _normal(path):
    parts = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return parts


def room_of(path):
    folders = [f for f in rules.FOLDERS if path.startswith(f + "/")]
    return rules.FOLDERS[max(folders, key=len)] if folders else None


def check_directions(tree):
    for path, includes in tree.includes.items():
        room = tree.rooms[path]
        if room is None:
            continue
        for line, mark, name, target in includes:
            if name.startswith("dunlin/"):
                yield from _check_public(tree, path, line, room, name, target)
            elif mark == '"' and not any(entry[1].match(name) for entry in rules.THIRD_PARTY):
                if target is None:
                    yield path, line, f'"{name}" is not a file beside this one; other rooms are <dunlin/ROOM/…>'
                elif tree.rooms[target] != room:
                    yield path, line, f"`{room}` includes a private header of `{tree.rooms[target]}`: {name}"


def _check_public(tree, path, line, room, name, target):
    if target is None:
        yield path, line, f"{name} does not exist"
        return
    other = tree.rooms[target]
    if other == room:
        return
    extra = any(path.startswith(folder) and other in rooms for folder, rooms in rules.MAY_ALSO_INCLUDE.items())
    if other not in rules.MAY_INCLUDE[room] and not extra:
        allowed = ", ".join(sorted(rules.MAY_INCLUDE[room])) or "nothing"
        yield path, line, f"`{room}` must not include `{other}` ({name}); it may include {allowed}"
    only = rules.ONLY_HEADERS.get((room, other))
    if only and name not in only:
        yield path, line, f"`{room}` may include of `{other}` only {', '.join(sorted(only))}, not {name}"


def check_third_party(tree):
    for path, includes in tree.includes.items():
        if tree.rooms[path] is None:
            continue
        for line, mark, name, target in includes:
            if target or name.startswith("dunlin/"):
                continue
            library = next((entry for entry in rules.THIRD_PARTY if entry[1].match(name)), None)
            if library:
                if not _inside(path, library[2]):
                    yield path, line, f"<{name}> is {library[0]}, which lives in {_homes(library[2])}"
            elif mark == "<" and not (rules.STANDARD_HEADER.match(name) or rules.SYSTEM_HEADER.match(name)):
                yield path, line, f"<{name}> is of no library that a room owns (tests/style/rules.py)"
        for line, text in enumerate(tree.text(path).splitlines(), 1):
            if rules.OPENMP_PRAGMA.match(text) and not path.startswith("runtime/exec/"):
                yield path, line, "#pragma omp outside of runtime/exec, the only user of OpenMP"


def _inside(path, homes):
    return path.startswith(homes) if isinstance(homes, tuple) else bool(homes.match(path))


def _homes(homes):
    return " and ".join(homes) if isinstance(homes, tuple) else f"paths like {homes.pattern}"


def check_cycles(tree):
    files = {f: {t for _, _, _, t in inc if t in tree.includes} for f, inc in tree.includes.items()}
    for cycle in cycles(files):
        yield cycle[0], 1, "files include one another in a circle: " + " → ".join(cycle + cycle[:1])
    folders = {}
    for path, targets in files.items():
        if tree.rooms[path] is None:
            continue
        for target in targets:
            if tree.rooms[target] is not None and folder_of(path) != folder_of(target):
                folders.setdefault(folder_of(path), set()).add(folder_of(target))
    for cycle in cycles(folders):
        yield cycle[0], 1, "folders include one another in a circle: " + " → ".join(cycle + cycle[:1])


def folder_of(path):
    """Public headers, private headers and .cpp files of a room's root count apart: contracts below, wiring above.

    `io/include/dunlin/io/x.hpp` → `io (public)`, `io/box.hpp` → `io`, `io/zarr/y.cpp` → `io/zarr`,
    `io/open.cpp`, which picks the implementation → `io (wiring)`.
    """
    room_folder = max((f for f in rules.FOLDERS if path.startswith(f + "/")), key=len)
    rest = Path(path[len(room_folder) + 1:]).parent.as_posix()
    public = rest.startswith("include")
    rest = re.sub(r"^include(/dunlin(/\w+)?)?/?", "", rest) if public else rest.replace(".", "", 1)
    if rest:
        return f"{room_folder}/{rest}"
    return room_folder + (" (public)" if public else " (wiring)" if path.endswith(".cpp") else "")


def cycles(graph):
    """Strongly connected groups of more than one node, each in the order of a walk around it."""
    done, found = set(), []
    for start in sorted(graph):
        if start in done:
            continue
        reached = _reach(graph, start)
        group = {n for n in reached if n == start or start in _reach(graph, n)} if start in reached else set()
        done |= group or {start}
        if group:
            found.append(_walk(graph, start, group))
    return found


def _reach(graph, start):
    seen, todo = set(), list(graph.get(start, ()))
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += graph.get(node, ())
    return seen


def _walk(graph, start, group):
    """A shortest way from start back to itself inside the group."""
    ways = [[start]]
    while ways:
        way = ways.pop(0)
        for node in sorted(graph.get(way[-1], set()) & group):
            if node == start:
                return way
            if node not in way:
                ways.append(way + [node])
    return [start]


def check_forbidden(tree):
    for path in tree.cpp:
        if path.startswith(rules.LIBRARY):
            for line, text in enumerate(without_comments(tree.text(path)).splitlines(), 1):
                for pattern, why in rules.FORBIDDEN_IN_LIBRARY:
                    if pattern.search(text):
                        yield path, line, why


def without_comments(text):
    """C++ text with comments and the insides of strings blanked, so that line numbers stay."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
    return token.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def check_length(tree):
    for path in tree.files:
        name = Path(path).name
        code = Path(path).suffix in CPP | {".sh", ".cmake", ".py", ".sbatch"} or name in ("CMakeLists.txt", "run")
        if code:
            text = tree.text(path)
            lines = len(text.splitlines())
            if lines > rules.LINES_PER_FILE:
                yield path, lines, f"{lines} lines; a file has at most {rules.LINES_PER_FILE}"
            if not path.startswith("tests/style/"):
                for line, content in enumerate(text.splitlines(), 1):
                    if rules.UNFINISHED.search(content):
                        yield path, line, "unfinished work is filed, not left in the code"


def check_readmes(tree):
    for folder, room in rules.FOLDERS.items():
        if room == "dunlin" or f"{folder}/CMakeLists.txt" not in tree.files:
            continue
        readme = f"{folder}/README.md"
        if readme not in tree.files:
            yield readme, 1, "every room has a README.md with its words and invariants"
        elif len(tree.text(readme).splitlines()) > rules.LINES_PER_README:
            yield readme, 1, f"a room's README.md has at most {rules.LINES_PER_README} lines"


def check_format(tree):
    program = shutil.which(f"clang-format-{rules.CLANG_FORMAT_MAJOR}") or shutil.which("clang-format")
    reason = "clang-format is not installed"
    if program:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        if re.search(r"version (\d+)", version)[1] == str(rules.CLANG_FORMAT_MAJOR):
            reason = None
        else:
            reason = f"formatting follows clang-format {rules.CLANG_FORMAT_MAJOR}, here is {version.strip()}"
    if reason:
        print(f"check_style: formatting not checked: {reason}")
        return
    if not tree.cpp:
        return
    run = subprocess.run([program, "--dry-run", *tree.cpp], cwd=tree.root, capture_output=True, text=True, check=False)
    breaches = set(re.findall(r"^(\S+?):\d+:\d+: .*clang-format-violations", run.stderr, re.MULTILINE))
    for path in sorted(breaches):
        yield path, 1, "not formatted: clang-format -i"
    if run.returncode != 0 and not breaches:
        yield ".clang-format", 1, run.stderr.strip()


CHECKS = [check_directions, check_third_party, check_cycles, check_forbidden, check_length, check_readmes]


def breaches_of(root, formatting=True):
    tree = Tree(Path(root))
    found = [breach for check in CHECKS for breach in check(tree)]
    if formatting:
        found += check_format(tree)
    return tree, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2], help="source tree to check")
    parser.add_argument("--no-format", action="store_true", help="leave clang-format out")
    options = parser.parse_args()
    tree, found = breaches_of(options.root, not options.no_format)
    for path, line, text in found:
        print(f"{path}:{line}: {text}")
    print(f"check_style: {len(tree.files)} files, {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
