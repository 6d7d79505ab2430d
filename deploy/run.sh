#!/usr/bin/env bash
# Builds Steer and serves the example policy of zones/ on loopback, without privileges.
# Usage: deploy/run.sh [--with-proxy] [PORT], 5300 if none is named; further settings as for 'steer serve', by STEER_…
# variables. With --with-proxy Steer runs two Squids, and the rest of the egress path is there too (deploy/with-proxy.sh).
# STEER_BINARY names a steer that is built already.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

with_proxy=
if [ "${1:-}" = --with-proxy ]; then with_proxy=yes; shift; fi
port=${1:-5300}
steer=${STEER_BINARY:-}
if [ -z "$steer" ]; then
  install libldns-dev pkg-config
  say "building (the first time takes some minutes)"
  swift build --product steer "${release_flags[@]}" >&2
  steer=$(swift build -c release --show-bin-path)/steer
fi

policy=zones options=()
try() {
  cat <<TRY

Three pods of three namespaces ask for one name (another terminal; dig is in bind9-dnsutils):

  dig +noall +answer +comments -b 127.0.0.11 -p $port @127.0.0.1 microsoft.intra.aibang.local   # team-a: the proxy
  dig +noall +answer +comments -b 127.0.0.12 -p $port @127.0.0.1 microsoft.intra.aibang.local   # team-b: the canary
  dig +noall +answer +comments -b 127.0.0.13 -p $port @127.0.0.1 microsoft.intra.aibang.local   # team-c: NXDOMAIN
  dig +short -b 127.0.0.13 -p $port @127.0.0.1 _explain.microsoft.intra.aibang.local TXT        # and why

Edit $policy/*.yaml: a change is served within a second. Ctrl-C ends the server.
TRY
}
[ -z "$with_proxy" ] || source deploy/with-proxy.sh

"$steer" serve --policy "$policy" --listen "127.0.0.1:$port" "${options[@]}" > >(
  while read -r line; do
    printf '%s\n' "$line"
    # With port 0 the server says which one it took.
    case $line in listening*) port=${line##*:}; try ;; esac
  done
) &
server=$!
trap 'kill -TERM "$server" 2>/dev/null' INT TERM
# The first wait ends when a signal is trapped, the second when the server has drained.
wait "$server" || true
wait "$server"
