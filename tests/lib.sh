# Counting and the steps of tests/run. Sourced, not run. Uses: build, logs of the caller; the current
# folder is the repository's.

passed=0
failed=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:suppressions=$PWD/tests/ubsan.supp
# Some test programs count allocations by an operator new of their own over malloc: not a mismatch.
export ASAN_OPTIONS=detect_stack_use_after_return=1:abort_on_error=0:alloc_dealloc_mismatch=0
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
# For the precompiled header, where there is a ccache.
export CCACHE_SLOPPINESS=pch_defines,time_macros
export CMAKE_COLOR_DIAGNOSTICS=OFF

failure() {  # sentence, [log file]: one more that failed
    failed=$((failed + 1))
    echo "FAILED: $1"
    [[ -z ${2:-} ]] || { tail -n 60 "$2" | sed 's/^/    /'; echo "    (all of it: $2)"; }
    return 1
}

need() { command -v "$1" > /dev/null || failure "$1 is missing: .ci/run installs what the tests need"; }

section() {  # heading, function
    local begin=$SECONDS
    echo
    echo "== $1"
    "$2"
    echo "== took $((SECONDS - begin)) s; so far $passed passed, $failed failed"
}

report() {
    echo
    echo "$passed passed, $failed failed"
    ((failed == 0 && passed > 0))
}

configure() {  # preset, build folder
    local log=$logs/configure-$1.log launcher=()
    need cmake && need ninja || return
    ! command -v ccache > /dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    cmake --preset "$1" -B "$2" "${launcher[@]}" > "$log" 2>&1 ||
        failure "cmake refuses to configure $2" "$log"
}

compile() {  # build folder, targets...: counts as one test
    local log=$logs/compile-$(basename "$1").log
    if ninja --quiet -C "$@" > "$log" 2>&1; then
        passed=$((passed + 1))
    else
        failure "the build of $1 failed" "$log"
    fi
}

# For the sections that use the first one's programs: builds what is not up to date, silently.
built() {  # build folder, targets...
    local log=$logs/compile-$(basename "$1").log
    [[ -f $1/build.ninja ]] || configure release "$1" || return
    ninja --quiet -C "$@" > "$log" 2>&1 || failure "no programs to test: the build of $1 fails" "$log"
}

# Test cases are counted as doctest counts them; a program that ends without its summary is one
# that failed.
run_ctest() {  # build folder, name of the log, which programs as a regular expression (all)
    local log=$logs/$2.log counts ok bad
    ctest --test-dir "$1" -R "${3:-.}" -V -j "$(nproc)" --timeout 300 > "$log" 2>&1
    counts=$(awk '
        match($0, /^[0-9]+: \[doctest\] test cases:/) {
            split($0, part, "|"); split(part[2], p, " "); split(part[3], f, " ")
            sub(/:.*/, "", $1); ok[$1] = p[1]; bad[$1] = f[1]
        }
        match($0, /Test +#[0-9]+: /) {
            number = substr($0, RSTART); sub(/^Test +#/, "", number); sub(/:.*/, "", number)
            seen[number] = 1
            name = $0; sub(/^.*Test +#[0-9]+: /, "", name); sub(/ .*/, "", name); names[number] = name
            if ($0 !~ / Passed /) broken[number] = 1
        }
        END {
            for (n in seen) {
                if ((broken[n] || !(n in ok)) && bad[n] + 0 == 0) bad[n] = 1
                all_ok += ok[n]; all_bad += bad[n]
                if (bad[n] + 0 > 0) list = list " " names[n]
            }
            print all_ok + 0, all_bad + 0, list
        }' "$log")
    read -r ok bad list <<< "$counts"
    passed=$((passed + ok))
    echo "$ok test cases passed, $bad failed"
    ((ok + bad > 0)) || { failure "no unit test ran" "$log"; return; }
    ((bad == 0)) && return
    failed=$((failed + bad))
    echo "FAILED:$list"
    grep -E 'ERROR:|FATAL|TEST CASE:|runtime error|Sanitizer|Timeout|SEGFAULT|Exception' "$log" |
        head -n 60 | sed 's/^/    /'
    echo "    (all of it: $log)"
}

run_lines() {  # name, command...: counts its lines "ok ..." and "FAILED ..."
    local name=$1 log=$logs/$1.log status ok bad
    shift
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    ok=$(grep -c '^ok ' "$log")
    bad=$(grep -c '^FAILED ' "$log")
    passed=$((passed + ok))
    failed=$((failed + bad))
    ((status == 0 || bad > 0)) || failure "$name ended with status $status"
    ((ok + bad > 0)) || failure "$name ran nothing"
}

prepare_e2e() {
    local log=$logs/prepare-e2e.log tool
    for tool in node npm prosody prosodyctl chromium ip curl openssl; do need $tool || return; done
    [[ $(id -u) == 0 ]] || { failure "end-to-end tests must run as root: they make network namespaces"; return; }
    if [[ ! -d tests/e2e/node_modules/playwright-core ]]; then
        (cd tests/e2e && npm ci --no-audit --no-fund) > "$log" 2>&1 ||
            { failure "npm ci in tests/e2e failed" "$log"; return; }
    fi
    deploy/build-meet > "$log" 2>&1 || failure "the meeting page cannot be built" "$log"
}

# What a test file that ran out of time left on the test hosts.
end_test_hosts() {
    local host
    for host in $(ip netns list | awk '/^jmeet-/ { print $1 }'); do
        ip netns pids "$host" | xargs -r kill -KILL
    done
}

run_node() {  # test file, prefix of the log
    local log ok bad skipped status
    log=$logs/$2-$(basename "$1" .test.mjs).log
    [[ -f $1 ]] || { failure "there is no $1"; return; }
    # The longest file takes some minutes; the time limit is for one that hangs.
    timeout --kill-after=30 "${JMEET_E2E_TIMEOUT:-600}" \
        node --test --test-reporter=tap "$1" > "$log" 2>&1
    status=$?
    ((status != 124 && status != 137)) || end_test_hosts
    ok=$(sed -n 's/^# pass //p' "$log" | tail -n 1)
    bad=$(sed -n 's/^# \(fail\|cancelled\) //p' "$log" | awk '{ n += $1 } END { print n + 0 }')
    skipped=$(sed -n 's/^# skipped //p' "$log" | tail -n 1)
    passed=$((passed + ${ok:-0}))
    failed=$((failed + bad))
    grep -E '^ *(not )?ok [0-9]+ - ' "$log" | sed -E 's/^ *//; s/^/    /'
    echo "$1: ${ok:-0} passed, $bad failed, ${skipped:-0} skipped"
    if ((status != 0 && bad == 0)); then
        failure "$1 ended with status $status" "$log"
    elif ((bad > 0)); then
        grep -v '^ *ok ' "$log" | head -n 80 | cut -c 1-400 | sed 's/^/    /'
        echo "    (all of it: $log)"
    elif ((${ok:-0} + ${skipped:-0} == 0)); then
        failure "$1 has no test" "$log"
    fi
}
