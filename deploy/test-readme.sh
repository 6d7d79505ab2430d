#!/usr/bin/env bash
# Runs the commands of the README's console blocks as a reader would, and compares what they print.
# A "$ " line is a command, the lines after it are its output; … stands for any text, alone on a line for any lines.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install bind9-dnsutils git squid curl openssl
binaries=$(swift build -c release --show-bin-path)
[ -x "$binaries/steer" ] || { say "there is no release build; run deploy/run.sh or deploy/test.sh first"; exit 1; }

# The README edits the policy, so it works on a copy.
work=$(mktemp -d)
servers=()
finish() {
  [ ${#servers[@]} -eq 0 ] || { kill -TERM "${servers[@]}" 2>/dev/null; wait "${servers[@]}" 2>/dev/null; } || true
  rm -rf "$work"
}
trap finish EXIT
cp -r zones deploy "$work/"
mkdir "$work/.build"
ln -s "$binaries" "$work/.build/release"
readme=$PWD/README.md
cd "$work"
git init -q .
git add zones

# serve NAME ARGUMENT...: runs run.sh on a port of the system's choice; sets $port.
serve() {
  local name=$1 process
  shift
  STEER_BINARY=.build/release/steer deploy/run.sh "$@" 0 > "$name" 2> "$name.log" &
  process=$!
  servers+=("$process")
  for _ in $(seq 300); do
    port=$(sed -n 's/^listening 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$name")
    [ -z "$port" ] || return 0
    kill -0 "$process" 2>/dev/null || break
    sleep 0.1
  done
  cat "$name" "$name.log" >&2
  say "the server did not start: run.sh $*"
  exit 1
}
serve with-proxy --with-proxy
proxy_port=$port
serve plain

# matches WANTED GOT: whether the lines agree.
matches() {
  wanted=$1 got=$2 awk '
    function literal(text) { gsub(/[][\\.^$*+?(){}|]/, "\\\\&", text); return text }
    function agree(w, g,   i) {
      if (w > wn) return g > gn
      if (want[w] ~ /^ *…$/) {
        for (i = g; i <= gn + 1; i++) if (agree(w + 1, i)) return 1
        return 0
      }
      if (g > gn) return 0
      pattern = literal(want[w]); gsub(/…/, ".*", pattern)
      return got_line[g] ~ ("^" pattern "$") && agree(w + 1, g + 1)
    }
    BEGIN { wn = split(ENVIRON["wanted"], want, "\n"); gn = split(ENVIRON["got"], got_line, "\n"); exit !agree(1, 1) }'
}

count=0 failures=0 command='' wanted=''
check() {
  [ -n "$command" ] || return 0
  local got deadline=$((SECONDS + 20))
  count=$((count + 1))
  # A change of the policy takes its time to be served: what does not agree is asked again, for a while.
  command=${command//-p 5301/-p $proxy_port}
  while got=$(eval "${command//-p 5300/-p $port}" 2>&1) || true; ! matches "$wanted" "$got"; do
    [ "$SECONDS" -lt "$deadline" ] && sleep 0.2 && continue
    failures=$((failures + 1))
    printf -- '--- README: %s\nexpected:\n%s\ngot:\n%s\n' "$command" "$wanted" "$got" >&2
    break
  done
  command='' wanted=''
}
inside=
while IFS= read -r line; do
  case $inside$line in
    '```console') inside=yes ;;
    'yes```') check; inside= ;;
    'yes$ '*) check; command=${line#'$ '} ;;
    yes*) wanted+=${wanted:+$'\n'}$line ;;
  esac
done < "$readme"

say "README: $((count - failures)) passed, $failures failed"
[ "$count" -ge 10 ] && [ "$failures" -eq 0 ]
