#!/bin/bash
# From a fresh clone to results from real data: `bash jobscripts/quickstart.sh --help` says more.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
source jobscripts/packages.sh

work=build/quickstart
dunlin=build/bin/dunlin
big_series=$work/E1_north_america_1GB.nc

usage() {
  cat << 'TEXT'
bash jobscripts/quickstart.sh [options]

Installs what is missing (apt, with sudo where you are not root; neither when nothing is missing), builds Dunlin into
build/, fetches two real netCDF-4 files, and subtracts from each its mean over time, in two processes:

  E1_north_america.nc  air temperature of a climate model, 240 years
  ostia_monthly.nc     sea surface temperature from satellites, 54 months, land missing

Where `cdo` is installed, its time for the same job stands beside ours, also for a series of 1 GB that is made from the
first file (interpolated to a grid of 1/16 degree; kept in build/quickstart, 3 GB with the results).
Input and build are kept: the second run takes seconds and needs no network.

  --big     insist on the 1 GB series: an error where there is no cdo or no room for it
  --no-big  without the 1 GB series
  --help    this text
TEXT
}

main() {
  local big=auto
  while [[ $# -gt 0 ]]; do
    case $1 in
      --big) big=yes ;;
      --no-big) big=no ;;
      --help | -h) usage && exit 0 ;;
      *) echo "quickstart does not know \`$1\`; --help lists the options." >&2 && exit 2 ;;
    esac
    shift
  done
  install_packages tools library headers program
  build
  fetch_input
  find_launcher
  run_job "$work/E1_north_america.nc"
  run_job "$work/ostia_monthly.nc"
  if make_big_series $big; then
    run_job "$big_series" --var air_temperature # CDO made a second variable of a coordinate
  fi
  say "Next: $dunlin --help; README.md shows the C++ library and how to run under Slurm."
}

say() { printf '\n%s\n' "$*"; }

# An existing build folder keeps its options, whoever configured it.
build() {
  mkdir -p "$work"
  say "Building Dunlin → build/ (the first time takes some minutes)"
  if [[ ! -f build/CMakeCache.txt ]]; then
    cmake --preset release -DDUNLIN_BUILD_TESTS=OFF > "$work/configure.log" 2>&1 \
      || { cat "$work/configure.log" && exit 1; }
  fi
  cmake --build build --target dunlin --parallel "$(nproc)"
}

# Real input out of a package of PyPI; its sums are pinned, and what is there and right is not fetched again.
input_sums() {
  cat << 'SUMS'
f6124a1a745dfc016a383cb1b95b74378f078664edc86cd2a67672c2b49e9567  E1_north_america.nc
e40d33fef22eabae985dae0fcee7643e127394195cef55a2e40e1f5416d57f98  ostia_monthly.nc
SUMS
}

input_is_right() { (cd "$work" && input_sums | sha256sum --check --status 2> /dev/null); }

fetch_input() {
  input_is_right && return 0
  say "Fetching input (29 MB) → $work"
  install_packages python
  local python=python3
  if ! python3 -m pip --version > /dev/null 2>&1; then
    python3 -m venv "$work/pip"
    python=$work/pip/bin/python
  fi
  "$python" -m pip download -q --disable-pip-version-check --no-deps --dest "$work" iris-sample-data==2.5.2 || {
    echo "PyPI could not be reached. Copy iris_sample_data-2.5.2-py3-none-any.whl into $work and run this again." >&2
    [[ -f $work/iris_sample_data-2.5.2-py3-none-any.whl ]] || exit 1
  }
  python3 - "$work" << 'PYTHON'
import pathlib, sys, zipfile

work = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(work / "iris_sample_data-2.5.2-py3-none-any.whl") as wheel:
    for name in ("E1_north_america.nc", "ostia_monthly.nc"):
        (work / name).write_bytes(wheel.read(f"iris_sample_data/sample_data/{name}"))
PYTHON
  rm -rf "$work/pip" "$work"/iris_sample_data-*.whl
  input_is_right || { echo "The files in $work are not the expected ones (sha256): fetch again." >&2 && exit 1; }
}

# Open MPI refuses root and more ranks than cores unless told; other MPIs do not know these options.
find_launcher() {
  launcher=(mpirun -n 2)
  if mpirun --version 2> /dev/null | grep -q "Open MPI"; then
    [[ $(id -u) != 0 ]] || launcher+=(--allow-run-as-root)
    [[ $(cores) -ge 2 ]] || launcher+=(--oversubscribe)
  fi
}

cores() {
  local physical
  physical=$(lscpu -p=CORE 2> /dev/null | grep -v '^#' | sort -u | wc -l)
  if [[ $physical -gt 0 && $physical -lt $(nproc) ]]; then echo "$physical"; else nproc; fi
}

# run_job IN [OPTION…]: the anomaly of one file, and what it took; CDO's time beside it.
run_job() {
  local input=$1 output=${1%.nc}_anomaly.zarr status=0
  local command=("${launcher[@]}" "$dunlin" anomaly --dim time "${@:2}" --overwrite "$input" "$output")
  say "The anomaly of $input: the data minus its mean over time"
  echo "  \$ ${command[*]}"
  measure "${command[@]}" || status=$?
  if [[ $status != 0 ]]; then
    echo "  That failed with exit code $status; the lines above say why." >&2
    exit $status
  fi
  echo "  Dunlin: $(taken), input $(bytes "$(stat -c %s "$input")"), output $(bytes "$(du -sb "$output" | cut -f1)")"
  beside_cdo "$input"
  echo "  output: $output, a Zarr hierarchy; to look at it (pip install xarray zarr cftime):"
  echo "  $(python_with_xarray) -c 'import xarray; print(xarray.open_zarr(\"$output\"))'"
}

# CDO writes netCDF-4 without compression; it complains about harmless attributes, hence the log.
beside_cdo() {
  command -v cdo > /dev/null || return 0
  local output=${1%.nc}_anomaly_cdo.nc
  if measure cdo -s -O -L sub "$1" -timmean "$1" "$output" > "$work/cdo.log" 2>&1; then
    echo "  CDO:    $(taken), output $(bytes "$(stat -c %s "$output")")   (cdo -L sub IN -timmean IN OUT)"
  else
    echo "  CDO could not do it: $work/cdo.log"
  fi
  rm -f "$output"
}

# measure COMMAND…: runs it; `taken` then says how long it took and the largest memory of one of its processes.
measure() {
  rm -f "$work/measured"
  python3 jobscripts/measure.py "$work/measured" "$@"
}

taken() {
  local seconds peak
  read -r seconds peak < "$work/measured"
  echo "$seconds s, peak memory $(bytes "$peak") a process"
}

bytes() { numfmt --to=si --round=nearest --format=%.1f --suffix=B "$1"; }

python_with_xarray() { if [[ -x build/venv/bin/python ]]; then echo build/venv/bin/python; else echo python3; fi; }

# make_big_series auto|yes|no: true where the series is there in the end. One step is one chunk of 4 MB, float32, not
# compressed: 240 × 724 × 1440 values.
make_big_series() {
  [[ $1 == no ]] && return 1
  [[ -f $big_series ]] && return 0
  local trouble=""
  command -v cdo > /dev/null || trouble="it is made with cdo (apt install cdo)"
  [[ $(df --output=avail -B1M "$work" | tail -1) -gt 4000 ]] || trouble="it needs 4 GB of free disk"
  if [[ -n $trouble ]]; then
    echo "Without the 1 GB series: $trouble."
    [[ $1 == auto ]] || exit 1
    return 1
  fi
  say "Making a series of 1 GB from E1_north_america.nc → $big_series"
  printf '%s\n' "gridtype = lonlat" "xsize = 1440" "xfirst = 225" "xinc = 0.0625" \
    "ysize = 724" "yfirst = 15" "yinc = 0.062" > "$work/grid.txt"
  cdo -s -O -L -f nc4 -b F32 remapbil,"$work/grid.txt" "$work/E1_north_america.nc" "$big_series.partial" \
    > "$work/cdo.log" 2>&1 || { cat "$work/cdo.log" && rm -f "$big_series.partial" && exit 1; }
  mv "$big_series.partial" "$big_series"
}

main "$@"
