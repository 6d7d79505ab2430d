#!/usr/bin/env bash
# Feeds a target with what libFuzzer makes of its corpus, for a number of seconds.
# Usage: Tests/Fuzz/run.sh packet|zone|policy|helper SECONDS
#
# Builds into .build-fuzz/, with coverage and the address sanitizer. New inputs go to .build-fuzz/corpus/TARGET; an input
# that ends the process is written to Tests/Fuzz/Corpus/TARGET, where every 'swift test' replays it from then on.
set -euo pipefail
cd "$(dirname "$0")/../.."

case ${1:-} in packet | zone | policy | helper) ;; *) sed -n '3s/^# //p' "$0" >&2; exit 2 ;; esac
target=$1 seconds=${2:?how many seconds}
build=.build-fuzz
flags=(-c release --scratch-path "$build" -Xswiftc -sanitize=fuzzer,address)
swift build "${flags[@]}" --target FuzzTargets >&2
bin=$(swift build "${flags[@]}" --show-bin-path)

# A package's program has a main of its own, and so has libFuzzer: it is linked here.
find "$bin" -path '*.build/*.o' -not -path '*-tool.build/*' -printf '"%p"\n' > "$build/objects"
swiftc -sanitize=fuzzer,address "@$build/objects" -lldns -o "$build/fuzz"

mkdir -p "$build/corpus/$target"
export STEER_FUZZ_TARGET=$target
"$build/fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=4096 \
  -artifact_prefix="Tests/Fuzz/Corpus/$target/" -print_final_stats=1 \
  "$build/corpus/$target" "Tests/Fuzz/Corpus/$target"
