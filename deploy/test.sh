#!/usr/bin/env bash
# Installs what is missing, builds, lints and runs every test. Ends non-zero if anything fails.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The second line is what the tests of forwarders run, each in network namespaces that they make; the last are, with
# bind9, the secondaries of the tests of zone transfer.
install libldns-dev pkg-config bind9-dnsutils knot-dnsutils ldnsutils \
  iproute2 procps nftables dnsmasq-base dnsdist unbound bind9 \
  knot nsd

say "lint"
swift format lint --strict --recursive Package.swift Sources Tests

say "build"
swift build --build-tests "${build_flags[@]}"

say "test"
swift test --skip-build

say "release build"
swift build -c release --product steer "${build_flags[@]}"
swift build -c release --product steer-benchmark "${build_flags[@]}"

say "no allocation per query"
"$(swift build -c release --show-bin-path)/steer-benchmark" allocations

say "README"
deploy/test-readme.sh
say "all passed"
