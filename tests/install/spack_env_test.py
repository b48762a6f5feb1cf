"""spack.yaml is an environment that Spack can read, and names every package that CMake's message speaks of.

    python3 spack_env_test.py ROOT
"""

import re
import sys
from pathlib import Path

try:
    import yaml
except ImportError:
    print("skipped: this Python has no yaml module")
    sys.exit(77)

SPEC = re.compile(r"[a-z0-9][a-z0-9-]*(@[\w.]+:?[\w.]*)?( [+~]\w+)*$")


def main(root):
    packages = [line.split() for line in (root / "cmake/packages.txt").read_text().splitlines()
                if line and not line.startswith("#")]
    wrong = [f"cmake/packages.txt: five columns expected: {' '.join(p)}" for p in packages if len(p) != 5]
    environment = yaml.safe_load((root / "spack.yaml").read_text())
    if set(environment) != {"spack"} or not isinstance(environment["spack"].get("specs"), list):
        wrong.append("spack.yaml: expected one key `spack` with a list `specs`")
        specs = []
    else:
        specs = environment["spack"]["specs"]
    wrong += [f"spack.yaml: not a spec: {spec}" for spec in specs if not SPEC.match(str(spec))]
    named = {re.match(r"[a-z0-9-]*", str(spec))[0] for spec in specs}
    for name, *_, spack in packages:
        if spack != "-" and spack not in named:
            wrong.append(f"spack.yaml: lacks {spack}, which cmake/packages.txt names for {name}")
    print("\n".join(wrong) or f"{len(specs)} specs, {len(packages)} packages")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
