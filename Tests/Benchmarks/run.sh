#!/bin/sh
# Measures Steer on this machine: CPU time per query beside the practical limit, allocations, time to compile.
#
# What is compared runs in the same minute on the same core, in turn, and is given as a ratio: times by themselves say
# more about a machine than about a program. Nothing leaves the loopback interface.
set -eu

usage() {
  cat <<'END'
usage: Tests/Benchmarks/run.sh [udp] [identity] [allocations] [respond] [compile] [proxy]
Runs the named benchmarks, or all of them. Environment:
  ROUNDS   rounds of each comparison (5)
  SECONDS_PER_ROUND   how long each server is measured in a round (4)
END
}

root=$(cd "$(dirname "$0")/../.." && pwd)
rounds=${ROUNDS:-5}
seconds=${SECONDS_PER_ROUND:-4}
work=$(mktemp -d)
started=

# Everything that was started ends with this script, however it ends.
finish() {
  for process in $started; do kill "$process" 2>/dev/null || true; done
  for process in $started; do wait "$process" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
  echo "run.sh: $1" >&2
  exit 1
}

case "$rounds$seconds" in *[!0-9]*) fail "ROUNDS and SECONDS_PER_ROUND are whole numbers" ;; esac

# With two cores or more, server and load get one each, so that neither takes time from the other.
on_server_core= on_load_core=
if [ "$(nproc)" -ge 2 ] && command -v taskset >/dev/null; then
  on_server_core="taskset -c 0" on_load_core="taskset -c 1"
fi

build() {
  for product in "$@"; do
    swift build --package-path "$root" -c release --product "$product" >"$work/build" 2>&1 || {
      cat "$work/build" >&2
      fail "$product does not build"
    }
  done
  bin=$(swift build --package-path "$root" -c release --show-bin-path)
}

# start NAME COMMAND...: runs a server on the server's core; its words go to $work/NAME.
start() {
  name=$1
  shift
  $on_server_core "$@" >"$work/$name" 2>"$work/$name.errors" &
  started="$started $!"
  pid=$!
}

# Waits until the server NAME, process $pid, has said where it listens; sets $port.
await_listening() {
  tries=0
  until grep -qs '^listening ' "$work/$1"; do
    tries=$((tries + 1))
    kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 300 ] || {
      cat "$work/$1.errors" >&2
      fail "$1 does not start"
    }
    sleep 0.1
  done
  port=$(sed -n 's/^listening .*:\([0-9][0-9]*\)$/\1/p' "$work/$1")
}

# load PID PORT SECONDS OPTION...: prints what came of it.
load() {
  server=$1 server_port=$2 duration=$3
  shift 3
  $on_load_core "$bin/udp-load" -p "$server" "$@" 127.0.0.1 "$server_port" "$duration"
}

field() { sed -n "s/.*[ ]$1=\([0-9.]*\).*/\1/p"; }

# The median of the numbers on standard input, one a line.
median() { sort -n | awk '{ v[NR] = $1 } END { m = int((NR + 1) / 2); print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'; }

# The example without forwarders.
direct_policy() {
  cp -R "$root/zones" "$work/direct"
  sed -i -e '/^    trustedForwarders:/d' -e '/^    - {cidr: /d' -e 's/^    sources: .*/    sources: [source-address]/' "$work/direct/zone.yaml"
}

# What it costs to find the client behind a forwarder: the same queries of the same size, asked directly and forwarded.
identity() {
  build steer udp-load
  direct_policy
  start direct.server "$bin/steer" serve --policy "$work/direct" --listen 127.0.0.1:0 --threads 1
  direct_pid=$pid
  await_listening direct.server
  direct_port=$port
  start forwarded "$bin/steer" serve --policy "$root/zones" --listen 127.0.0.1:0 --threads 1
  forwarded_pid=$pid
  await_listening forwarded
  forwarded_port=$port
  for method in 65518:7f00000b 8:000120007f00000b; do
    case $method in
      8:*) name='EDNS Client Subnet' forwarder=127.0.0.54 ;;
      *) name='client address in an option' forwarder=127.0.0.53 ;;
    esac
    printf '\n%s: CPU µs per answered query\n%-6s %10s %10s %8s %6s\n' "$name" round forwarded direct ratio lost
    : >"$work/ratios"
    round=0
    while [ "$round" -le "$rounds" ]; do
      # The same octets under a code that nobody looks for.
      load "$direct_pid" "$direct_port" "$seconds" -o "65001:${method#*:}" -a 127.0.0.11/1 \
        -q 'microsoft.intra.aibang.local A' >"$work/limit"
      load "$forwarded_pid" "$forwarded_port" "$seconds" -o "$method" -a "$forwarder/1" \
        -q 'microsoft.intra.aibang.local A' >"$work/subject"
      cost=$(field cpu_us_per_query <"$work/subject") limit=$(field cpu_us_per_query <"$work/limit")
      ratio=$(awk "BEGIN { printf \"%.3f\", $cost / $limit }")
      # The first round warms up.
      if [ "$round" -gt 0 ]; then
        echo "$ratio" >>"$work/ratios"
        printf '%-6s %10s %10s %8s %6s\n' "$round" "$cost" "$limit" "$ratio" "$(field lost <"$work/subject")"
      fi
      round=$((round + 1))
    done
    rcodes=$(cat "$work/limit" "$work/subject" | grep -o 'rcode[0-9]*=[0-9]*' | tr '\n' ' ')
    printf 'median ratio forwarded/direct: %s (last round: %s)\n' "$(median <"$work/ratios")" "${rcodes% }"
  done
}

# compare TITLE NAME PID PORT OPTION...: rounds of that server beside udp-echo, and the median ratio.
compare() {
  title=$1 label=$2 subject=$3 subject_port=$4
  shift 4
  printf '\n%s: CPU µs per answered query\n%-6s %10s %10s %8s %6s\n' "$title" round "$label" echo ratio lost
  load "$subject" "$subject_port" 1 "$@" >/dev/null
  load "$echo_pid" "$echo_port" 1 "$@" >/dev/null
  : >"$work/ratios"
  round=1
  while [ "$round" -le "$rounds" ]; do
    load "$subject" "$subject_port" "$seconds" "$@" >"$work/subject"
    load "$echo_pid" "$echo_port" "$seconds" "$@" >"$work/limit"
    cost=$(field cpu_us_per_query <"$work/subject") limit=$(field cpu_us_per_query <"$work/limit")
    ratio=$(awk "BEGIN { printf \"%.3f\", $cost / $limit }")
    echo "$ratio" >>"$work/ratios"
    printf '%-6s %10s %10s %8s %6s\n' "$round" "$cost" "$limit" "$ratio" "$(field lost <"$work/subject")"
    round=$((round + 1))
  done
  rcodes=$(grep -o 'rcode[0-9]*=[0-9]*' "$work/subject" | tr '\n' ' ')
  printf 'median ratio %s/echo: %s (last round: %s)\n' "$label" "$(median <"$work/ratios")" "${rcodes% }"
}

# Knot with the static zone of the example, for comparison with a server that has no views.
compare_knot() {
  command -v knotd >/dev/null || {
    echo && echo "Knot is not installed (Debian package knot): not compared"
    return
  }
  # Knot names no free port by itself: the one of a program that has just ended is as good as any.
  start free "$bin/udp-echo" 0 1
  await_listening free
  kill "$pid" && wait "$pid" 2>/dev/null || true
  mkdir "$work/knot.files"
  cp "$root/zones/intra.aibang.local.zone" "$work/knot.files/"
  cat >"$work/knot.conf" <<END
server:
    rundir: "$work/knot.files"
    listen: 127.0.0.1@$port
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "$work/knot.files"
zone:
  - domain: intra.aibang.local
    storage: "$work/knot.files"
    file: intra.aibang.local.zone
    zonefile-sync: -1
    journal-content: none
END
  start knot knotd -c "$work/knot.conf"
  knot_pid=$pid
  sleep 2
  kill -0 "$knot_pid" 2>/dev/null || {
    cat "$work/knot" "$work/knot.errors" >&2
    fail "knotd does not start"
  }
  compare "Knot, static A with EDNS" knot "$knot_pid" "$port" -e -q 'int-proxy.intra.aibang.local A'
  compare "Steer, the same query" steer "$steer_pid" "$steer_port" -e -q 'int-proxy.intra.aibang.local A'
}

udp() {
  build steer udp-echo udp-load
  start echo "$bin/udp-echo" 0 1
  echo_pid=$pid
  await_listening echo
  echo_port=$port
  start steer "$bin/steer" serve --policy "$root/zones" --listen 127.0.0.1:0 --threads 1
  steer_pid=$pid
  await_listening steer
  steer_port=$port
  # 127.0.0.11 and .12 are pods of namespaces that may use microsoft; .13 is one that may not.
  compare "Steer, allowed A with EDNS" steer "$steer_pid" "$steer_port" \
    -e -a 127.0.0.11/2 -q 'microsoft.intra.aibang.local A'
  compare "Steer, mix with NXDOMAIN, with EDNS" steer "$steer_pid" "$steer_port" -e -a 127.0.0.11/3 \
    -q 'microsoft.intra.aibang.local A' -q 'microsoft.intra.aibang.local AAAA' -q 'github.intra.aibang.local A' \
    -q 'absent.intra.aibang.local A' -q 'status.intra.aibang.local TXT'
  compare_knot
}

# A policy of so many routes, all of them team-a's, each with a listener of its own and two patterns of destinations.
many_routes() {
  mkdir "$work/routes"
  cp "$work/direct/zone.yaml" "$work/direct/intra.aibang.local.zone" "$work/routes/"
  awk -v count="$1" 'BEGIN {
    for (i = 1; i <= count; i++) {
      print "apiVersion: egress.aibang.com/v1alpha1\nkind: EgressRoute\nmetadata: {name: r" i "}\nspec:"
      print "  hostnames: [r" i ".intra.aibang.local]\n  listenerPort: " 20000 + i
      print "  backendRefs: [{kind: Service, namespace: intra-proxy, name: r" i ", port: 3128}]"
      print "  domainNames: [login" i ".example.com, \"*.tenant" i ".example.com\"]\n  ports: [443]"
      print "  parentProxies: [{host: 127.0.0.21, port: 3128}]\n---"
      print "{apiVersion: v1, kind: Service, metadata: {namespace: intra-proxy, name: r" i "},"
      print " spec: {clusterIPs: [10.97." int(i / 250) "." i % 250 + 1 "], ports: [{port: 3128, targetPort: " 20000 + i "}]}}\n---"
    }
    print "{apiVersion: v1, kind: Namespace, metadata: {name: intra-proxy}}\n---"
    print "{apiVersion: v1, kind: Namespace, metadata: {name: team-a}}\n---"
    print "{apiVersion: v1, kind: Pod, metadata: {namespace: team-a, name: api-1},"
    print " spec: {serviceAccountName: api}, status: {phase: Running, podIPs: [{ip: 127.0.0.11}]}}\n---"
    print "apiVersion: egress.aibang.com/v1alpha1\nkind: EgressPolicy\nmetadata: {name: team-a}\nspec:"
    print "  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-a}}}\n  egress:"
    for (i = 1; i <= count; i++) print "  - {name: r" i ", action: Allow, routeRefs: [{name: r" i "}]}"
  }' >"$work/routes/routes.yaml"
}

# CPU time of processes so far, in ticks of the kernel's clock.
ticks() { for process in "$@"; do cut -d')' -f2 "/proc/$process/stat"; done | awk '{ sum += $12 + $13 } END { print sum }'; }

# The processes whose command line has a text, one a line, of those that this script started.
running() {
  for process in $(pgrep -f -- "$1" || true); do
    tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null | grep -q -- "$work" && echo "$process"
  done
}

resident() { awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }

# squid NAME: runs a Squid with $work/NAME.conf that decides and never opens a tunnel; sets $pid.
squid_with() {
  name=$1
  sed -e '/^http_port/d' -e '/^http_access/d' -e 's/^access_log .*/access_log none/' -e 's/^cache_log .*/cache_log \/dev\/null/' \
    -e '/^pid_filename/d' "$work/proxy/squid-1/squid.conf" >"$work/$name.conf"
  cat >>"$work/$name.conf" <<END
http_port 127.0.0.1:$2 name=r1
http_access deny !steer_allows
http_access deny all
pid_filename none
END
}

# What a decision of Steer costs beside a list in squid.conf of the same 2,000 patterns: Squid is the same, and so is its
# configuration, but for the one ACL. It refuses what was decided, either way, so that no parent or origin is measured.
proxy() {
  command -v squid >/dev/null || {
    echo && echo "Squid is not installed (Debian package squid): not measured"
    return
  }
  build steer
  direct_policy
  many_routes 1000
  # Squid runs as another user if we are root.
  chmod 755 "$work"
  cat >"$work/steer.yaml" <<END
proxy:
  engine: squid
  supervise: true
  folder: $work/proxy
  listen: [127.0.0.40]
  drainSeconds: 0
END
  start steer "$bin/steer" serve --policy "$work/routes" --listen 127.0.0.1:0 --threads 1 --config "$work/steer.yaml"
  steer_pid=$pid
  await_listening steer
  squids=$(running "-f $work/proxy/squid-")
  printf '\n1,000 routes: resident memory, MiB: steer %s' "$(resident "$steer_pid")"
  for squid in $squids; do printf ', squid %s' "$(resident "$squid")"; done
  printf '\n'

  squid_with helper 20001
  squid_with list 20002
  sed -n 's/^ *domainNames: \[\(.*\), "\*\(.*\)"\]/\1\n\2/p' "$work/routes/routes.yaml" >"$work/destinations"
  sed -i -e '/^external_acl_type/d' -e "s|^acl steer_allows .*|acl steer_allows dstdomain -n \"$work/destinations\"|" "$work/list.conf"
  for name in helper list; do
    start "$name" squid -N -n "bench$$$name" -f "$work/$name.conf"
    eval "${name}_pid=$pid"
  done
  sleep 2
  helpers=$(pgrep -P "$helper_pid" || true)
  load="$on_load_core python3 $root/Tests/Benchmarks/connect_load.py 127.0.0.11"
  targets="login1.example.com:443 a.tenant1.example.com:443 login2.example.org:443 a.example.net:443"
  for clients in 1 50; do
    printf '\n%s under way: CONNECTs decided per second, median µs, CPU µs of the proxies each\n' "$clients"
    printf '%-6s %22s %22s %8s %8s %8s\n' round Steer list rate latency CPU
    : >"$work/rates" && : >"$work/latencies" && : >"$work/costs"
    round=0
    while [ "$round" -le "$rounds" ]; do
      for name in helper list; do
        case $name in
          helper) port=20001 processes="$helper_pid $helpers $steer_pid" ;;
          list) port=20002 processes=$list_pid ;;
        esac
        before=$(ticks $processes)
        $load "127.0.0.1:$port" "$clients" "$seconds" $targets >"$work/$name.load"
        after=$(ticks $processes)
        eval "${name}_rate=$(field per_second <"$work/$name.load") ${name}_median=$(field median_us <"$work/$name.load")"
        connects=$(field connects <"$work/$name.load")
        eval "${name}_cost=$(awk "BEGIN { printf \"%.0f\", ($after - $before) * 1e6 / $(getconf CLK_TCK) / $connects }")"
      done
      # The first round warms up.
      if [ "$round" -gt 0 ]; then
        rate=$(awk "BEGIN { printf \"%.3f\", $helper_rate / $list_rate }")
        latency=$(awk "BEGIN { printf \"%.3f\", $helper_median / $list_median }")
        cost=$(awk "BEGIN { printf \"%.3f\", $helper_cost / $list_cost }")
        echo "$rate" >>"$work/rates" && echo "$latency" >>"$work/latencies" && echo "$cost" >>"$work/costs"
        printf '%-6s %8s %6s %6s %8s %6s %6s %8s %8s %8s\n' "$round" "$helper_rate" "$helper_median" "$helper_cost" \
          "$list_rate" "$list_median" "$list_cost" "$rate" "$latency" "$cost"
      fi
      round=$((round + 1))
    done
    printf 'median ratios Steer/list: per second %s, latency %s, CPU %s (last round:%s /%s)\n' \
      "$(median <"$work/rates")" "$(median <"$work/latencies")" "$(median <"$work/costs")" \
      "$(grep -o ' status.*' "$work/helper.load")" "$(grep -o ' status.*' "$work/list.load")"
  done
}

in_process() {
  build steer-benchmark
  printf '\n'
  (cd "$root" && "$bin/steer-benchmark" "$1")
}

[ $# -gt 0 ] || set -- udp identity allocations respond compile proxy
for benchmark in "$@"; do
  case $benchmark in
    udp) udp ;;
    identity) identity ;;
    proxy) proxy ;;
    allocations | respond | compile) in_process "$benchmark" ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done
