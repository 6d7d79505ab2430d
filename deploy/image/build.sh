#!/usr/bin/env bash
# Builds steer with the Swift runtime in it, so that the image needs no toolchain: build.sh FILE puts the program there.
set -euo pipefail
target=$(realpath -m "${1:?name the file to write}")
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

install libldns-dev pkg-config binutils
swift build --product steer "${release_flags[@]}" >&2
mkdir -p "$(dirname "$target")"
# Symbols are two thirds of it, and only a debugger reads them.
strip -o "$target" "$(swift build "${release_flags[@]}" --show-bin-path)/steer"
