#!/usr/bin/env bash
# Measures Steer beside a Kubernetes API server of the tests: the time to synchronise, memory, how long a change takes to
# be answered, and answers while pods change. Nothing leaves the loopback interface.
set -euo pipefail

usage() {
  cat <<'END'
usage: Tests/Benchmarks/run-kubernetes.sh [PODS/NAMESPACES[/ROUTES]]…
Measures each size; without one: 1000/20 10000/500 10000/500/1000 150000/3000. Environment:
  CHURN_SECONDS   how long pods change while questions run (120)
  CHURN_RATE      changes a second (500)
  QUERY_RATE      questions a second (2000)
  LAGS            changes that are waited for one by one (200)
  MOVES           changes of a ClusterIP that are waited for one by one, if there are ROUTES (50)
END
}

source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/common.sh"
case "${1:-}" in -*) usage && exit 2 ;; esac
[ $# -gt 0 ] || set -- 1000/20 10000/500 10000/500/1000 150000/3000

for product in steer kubernetes-load; do
  swift build --product "$product" "${release_flags[@]}" >&2
done
bin=$(swift build "${release_flags[@]}" --show-bin-path)

for size in "$@"; do
  IFS=/ read -r pods namespaces routes <<<"$size"
  "$bin/kubernetes-load" --pods "$pods" --namespaces "${namespaces:-20}" --routes "${routes:-0}" \
    --lags "${LAGS:-200}" --moves "${MOVES:-50}" --seconds "${CHURN_SECONDS:-120}" --rate "${CHURN_RATE:-500}" --queries "${QUERY_RATE:-2000}" \
    -- "$bin/steer" serve --kubernetes --kubeconfig '{kubeconfig}' --listen '127.0.0.1:{port}'
done
