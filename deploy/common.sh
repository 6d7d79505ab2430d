# What run.sh and test.sh share: finding the toolchain, and installing the Debian packages that are missing.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '== %s\n' "$*" >&2; }

command -v swift >/dev/null || {
  say "there is no Swift toolchain: install Swift 6.3 or later (https://www.swift.org/install) and put it on the PATH"
  exit 1
}

# install PACKAGE...: installs those that are missing, as root or through sudo.
install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "not root and no sudo: install ${missing[*]} and try again"; exit 1; }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# Every build is held to the dependency direction: a target imports what Package.swift lets it, and no more.
build_flags=(--explicit-target-dependency-import-check error)
# A release needs no toolchain where it runs: the Swift runtime is in it.
release_flags=(-c release --static-swift-stdlib "${build_flags[@]}")
