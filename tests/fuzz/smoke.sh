#!/bin/bash
# Runs each fuzz target for a few seconds, starting from its committed inputs.
#
#   tests/fuzz/smoke.sh BUILD_DIR [SECONDS]      default: 5 seconds a target
#
# Prints one line per target: "ok NAME runs" or "FAILED NAME", then what the program said. A failing
# input is kept in BUILD_DIR/crashes: run the target on it to see the failure again.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -ge 1 ]] || { echo "usage: tests/fuzz/smoke.sh BUILD_DIR [SECONDS]" >&2; exit 2; }
build=$1
seconds=${2:-5}
crashes=$build/crashes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$crashes"

failed=0
for source in "$here"/*.cpp; do
    name=$(basename "$source" .cpp)
    program=$build/tests/fuzz/fuzz_$name
    corpus=$here/corpus/$name
    problem=
    [[ -x $program ]] || problem="$program is not built"
    [[ -n $(ls "$corpus" 2> /dev/null) ]] || problem="$corpus has no inputs"
    if [[ -z $problem ]]; then
        mkdir "$work/$name"
        # New inputs go to the first folder; the committed one is only read.
        timeout $((seconds + 60)) "$program" -max_total_time="$seconds" -timeout=10 \
            -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 -artifact_prefix="$crashes/$name-" \
            "$work/$name" "$corpus" > "$work/log" 2>&1 || problem=$(tail -n 40 "$work/log")
    fi
    if [[ -z $problem ]]; then
        echo "ok $name $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") runs"
    else
        echo "FAILED $name"
        sed 's/^/    /' <<< "$problem"
        failed=1
    fi
done
exit $failed
