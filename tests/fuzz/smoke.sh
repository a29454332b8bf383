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

fuzz() {  # name: one line, and what the program said where it failed
    local name=$1 program=$build/tests/fuzz/fuzz_$1 corpus=$here/corpus/$1 log=$work/$1.log problem=
    [[ -x $program ]] || problem="$program is not built"
    [[ -n $(ls "$corpus" 2> /dev/null) ]] || problem="$corpus has no inputs"
    if [[ -z $problem ]]; then
        mkdir "$work/$name"
        # New inputs go to the first folder; the committed one is only read.
        timeout $((seconds + 60)) "$program" -max_total_time="$seconds" -timeout=10 \
            -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 -artifact_prefix="$crashes/$name-" \
            "$work/$name" "$corpus" > "$log" 2>&1 || problem=$(tail -n 40 "$log")
    fi
    if [[ -z $problem ]]; then
        echo "ok $name $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
    else
        echo "FAILED $name"
        sed 's/^/    /' <<< "$problem"
        return 1
    fi
}
export -f fuzz
export here build seconds crashes work

# As many at a time as there are cores; each one's lines come out together.
printf '%s\0' "$here"/*.cpp | xargs -0 -n 1 -P "$(nproc)" bash -c '
    said=$(fuzz "$(basename "$1" .cpp)"); status=$?
    echo "$said"
    exit $status' fuzz
