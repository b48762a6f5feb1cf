#!/bin/bash
# Builds Dunlin and runs its tests: `bash tests/run.sh --help` says more.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
source jobscripts/packages.sh

usage() {
  cat << 'TEXT'
bash tests/run.sh [options]

Installs what is missing (apt, with sudo where you are not root; neither when nothing is missing), builds Release into
build/, makes a Python environment in build/venv for the interoperability tests, and runs the tests. The last lines are
ctest's summary, the exit code is ctest's.

  --long        also the long tests, MPICH, and all tests under sanitizers (build-asan/, build-tsan/): an hour and more
  --mpich       instead of Release over Open MPI: the unit and MPI tests over MPICH, which is installed beside it
                (build-mpich/)
  --sanitize    instead of Release: the unit and MPI tests under AddressSanitizer and UndefinedBehaviorSanitizer
  --no-interop  without the Python environment; the tests that need it are skipped by name
  --jobs N      compile and test N at a time (unless said, the number of processors)
  --help        this text
TEXT
}

long=no sanitize=no mpich=no interop=yes jobs=$(nproc)
while [[ $# -gt 0 ]]; do
  case $1 in
    --long) long=yes ;;
    --sanitize) sanitize=yes ;;
    --mpich) mpich=yes ;;
    --no-interop) interop=no ;;
    --jobs) jobs=${2:?--jobs takes a number} && shift ;;
    --help | -h) usage && exit 0 ;;
    *) echo "tests/run.sh does not know \`$1\`; --help lists the options." >&2 && exit 2 ;;
  esac
  shift
done

# make_python: build/venv with exactly the pinned packages, made once for each list and each Python.
make_python() {
  local wanted=tests/interop/requirements.txt venv=$root/build/venv stamp
  stamp="$(python3 -VV) $(sha256sum < $wanted)"
  [[ -x $venv/bin/python && $(cat "$venv/stamp" 2> /dev/null) == "$stamp" ]] && return 0
  echo "Python packages for the interoperability tests → $venv"
  rm -rf "$venv"
  python3 -m venv "$venv"
  if ! "$venv/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: -r $wanted; then
    rm -rf "$venv"
    echo "pip could not install $wanted. Without network: bash tests/run.sh --no-interop" >&2
    return 1
  fi
  echo "$stamp" > "$venv/stamp"
}

# run_preset PRESET [TEST-PRESET]: configure, build, test; returns what ctest returns.
run_preset() {
  local preset=$1 tests=${2:-$1}
  cmake --preset "$preset"
  cmake --build --preset "$preset" --parallel "$jobs"
  ctest --preset "$tests" --parallel "$jobs"
}

# Open MPI refuses root unless told, and more ranks than processors unless told; libomp and Archer come with Clang.
if [[ $(id -u) == 0 ]]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export OMPI_MCA_rmaps_base_oversubscribe=1

install_packages tools library headers program tests python
if [[ $sanitize == yes ]]; then
  run_preset asan
  exit
fi
if [[ $mpich == yes ]]; then
  install_packages mpich
  run_preset mpich
  exit
fi
[[ $interop == yes ]] && make_python
run_preset release
if [[ $long == yes ]]; then
  install_packages mpich
  run_preset mpich
  run_preset asan
  run_preset tsan
  if command -v clang++ > /dev/null && ls /usr/lib/llvm-*/lib/libarcher.so > /dev/null 2>&1; then
    run_preset tsan-omp
  else
    echo "skipped: ThreadSanitizer with OpenMP's own threads (needs clang, libomp-dev and libarcher)"
  fi
  run_preset release long
fi
