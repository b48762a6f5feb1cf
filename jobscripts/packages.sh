# shellcheck shell=bash
# Installs the packages that Dunlin is built from, where they are missing. To be sourced; the list is cmake/packages.txt.
#
#   install_packages TIER…    e.g. install_packages tools library headers program tests python
#
# When nothing is missing it calls neither apt nor sudo, and needs no rights and no network. Where packages cannot be
# installed (no apt, or neither root nor sudo) it says what is missing and goes on: the libraries may come from
# elsewhere (Spack, modules), and CMake names what it really cannot find.

# missing_packages LIST TIER…: the packages of Debian that these tiers lack here, one a line.
missing_packages() {
  local list=$1
  shift
  local name tier debian package
  while read -r name tier _ debian _; do
    [[ $name == "#"* || -z $name || " $* " != *" $tier "* || $debian == - ]] && continue
    is_here "$name" "$tier" && continue
    for package in ${debian//,/ }; do
      is_installed "$package" || echo "$package"
    done
  done < "$list" | sort -u
}

# Commands and Python modules may come from anywhere, so they are looked for themselves, not for their packages.
is_here() {
  case $1:$2 in
    python3-venv:*) python3 -c 'import ensurepip, venv' 2> /dev/null ;;
    *:tools | *:ci) command -v "$1" > /dev/null ;;
    *) false ;;
  esac
}

is_installed() {
  command -v dpkg-query > /dev/null || return 0 # not a Debian: nothing to ask, CMake will tell
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2> /dev/null) == ii* ]]
}

install_packages() {
  local list missing packages as_root=()
  list=$(dirname "${BASH_SOURCE[0]}")/../cmake/packages.txt
  missing=$(missing_packages "$list" "$@" | tr '\n' ' ')
  [[ -z $missing ]] && return 0
  if [[ $(id -u) != 0 ]]; then
    as_root=(sudo)
  fi
  if ! command -v apt-get > /dev/null || { [[ ${#as_root[@]} -gt 0 ]] && ! command -v sudo > /dev/null; }; then
    echo "Missing packages: $missing"
    echo "They cannot be installed from here (needs apt, and root or sudo). Ask for: apt install $missing"
    return 0
  fi
  echo "Installing: $missing"
  read -ra packages <<< "$missing"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q \
    && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
}
