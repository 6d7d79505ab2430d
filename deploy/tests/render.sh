#!/usr/bin/env bash
# Writes deploy/kubernetes/10-steer.yaml anew, from the chart: render.sh HELM
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
{
  echo "# Steer in Kubernetes, as 'helm template' prints the chart in deploy/helm/steer with its default values."
  "${1:-helm}" template steer deploy/helm/steer --namespace intra-proxy --kube-version 1.36.0 2>/dev/null | sed '/^# Source: /d'
} > deploy/kubernetes/10-steer.yaml
