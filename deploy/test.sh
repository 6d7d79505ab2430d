#!/usr/bin/env bash
# Installs what is missing, builds, lints and runs every test. Ends non-zero if anything fails.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The clients that ask; the checkers and servers that Steer is compared with, which are its secondaries too; the forwarders
# before it, and the parts of the egress path, each in network namespaces that the tests make.
install libldns-dev pkg-config bind9-dnsutils knot-dnsutils ldnsutils \
  bind9-utils knot-dnssecutils nsd knot bind9 python3-venv \
  iproute2 procps nftables dnsmasq-base dnsdist unbound \
  squid curl openssl python3 systemd

say "lint"
swift format lint --strict --recursive Package.swift Sources Tests

say "dnspython, kubernetes-validate, CEL, Helm"
python3 -m venv .build-python
.build-python/bin/pip install --quiet --disable-pip-version-check \
  dnspython==2.8.0 kubernetes-validate==1.37.0 cel-python==0.5.0
.build-python/bin/python deploy/tests/get_helm.py

say "build"
swift build --build-tests "${build_flags[@]}"

say "test"
# One after the other: most wait for programs that they start, and two cores are not enough for dozens of those at once.
# What failed is said once more at the end, for it stands somewhere among ten thousand lines.
results=$(mktemp)
if ! swift test --skip-build --no-parallel 2>&1 | tee "$results"; then
  say "what failed"
  grep -A 4 -E '^✘|recorded an issue' "$results" || true
  exit 1
fi
rm "$results"

say "release build"
swift build --product steer "${release_flags[@]}"
swift build --product steer-benchmark "${release_flags[@]}"

steer=$(swift build "${release_flags[@]}" --show-bin-path)/steer
say "CRDs: the same documents as 'steer check'"
.build-python/bin/python deploy/tests/test_crds.py "$steer"
say "chart and manifests"
.build-python/bin/python deploy/tests/test_chart.py "$steer"
say "image"
deploy/tests/test-image.sh

say "no allocation per query"
"$(swift build -c release --show-bin-path)/steer-benchmark" allocations

say "a log whose path is short: an optimized build once crashed on it"
log=$(mktemp -u /tmp/q.XXXX)
output=$(mktemp)
"$steer" serve --policy zones --listen 127.0.0.1:0 --query-log "$log" >"$output" &
server=$!
for _ in $(seq 300); do
  if grep -q listening "$output" || ! kill -0 "$server" 2>/dev/null; then break; fi
  sleep 0.1
done
grep -q listening "$output"
kill -TERM "$server"
wait "$server"
rm "$log" "$output"

say "README"
deploy/test-readme.sh
say "all passed"
