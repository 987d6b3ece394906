#!/usr/bin/env bash
# Coverage-guided fuzzing of every target: scripts/fuzz.sh SECONDS [TARGET...] (docs/guide/fuzzing.md).
# Corpus, logs and what breaks a parser go to REGAIN_FUZZ_DIR. Ends with a table, and with 1 if anything broke.
set -euo pipefail
cd "$(dirname "$0")/.."

at_once=${REGAIN_FUZZ_AT_ONCE:-2}
# Seconds by the clock for one input: more where other work takes the processor away.
timeout=${REGAIN_FUZZ_TIMEOUT:-10}
seconds=${1:?seconds for each target}
shift
dir=${REGAIN_FUZZ_DIR:-${TMPDIR:-/tmp}/regain-fuzz}
shared=${REGAIN_SHARED:-../shared}
built=${CARGO_TARGET_DIR:-fuzz/target}
names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(grep -o '^    ("[a-z]*' crates/evidence/src/fuzzing.rs | cut -d'"' -f2)

# What is fuzzed is what ships: the same versions of everything.
[ fuzz/Cargo.lock -nt Cargo.lock ] || cp Cargo.lock fuzz/Cargo.lock
# The stable compiler takes the sanitizer's options only with this.
RUSTC_BOOTSTRAP=1 cargo fuzz build any --target-dir "$built"
binary=$(realpath "$built/x86_64-unknown-linux-gnu/release/any")

mkdir -p "$dir/corpus" "$dir/logs"
dir=$(realpath "$dir")
if [ -z "$(ls -A "$dir/corpus")" ] && [ -d "$shared/testdata" ]; then
  python3 scripts/fuzz_seeds.py "$shared/testdata" "$dir/corpus"
fi

# The memory that the sanitizer keeps back to notice late uses would count as the parser's.
export ASAN_OPTIONS=quarantine_size_mb=16:detect_odr_violation=0
run_one() {
  mkdir -p "$2/corpus/$1" "$2/artifacts/$1"
  # It ends with an error at the first input that breaks: the table says so.
  REGAIN_FUZZ_TARGET=$1 "$3" "$2/corpus/$1" -max_total_time="$4" -max_len=65536 -timeout="$5" -rss_limit_mb=512 \
    -print_final_stats=1 -artifact_prefix="$2/artifacts/$1/" >"$2/logs/$1.log" 2>&1 || true
}
export -f run_one
printf '%s\n' "${names[@]}" | xargs -P "$at_once" -I{} bash -c 'run_one "$@"' _ {} "$dir" "$binary" "$seconds" "$timeout"

echo "| target | executions | seconds | broken | edges covered | inputs kept | most memory |"
echo "|---|---|---|---|---|---|---|"
all=0
for name in "${names[@]}"; do
  log=$dir/logs/$name.log
  last() { grep -oE "$1" "$log" | grep -oE '[0-9]+' | tail -n 1 || echo '?'; }
  broken=$(find "$dir/artifacts/$name" -type f ! -name 'slow-unit-*' | wc -l)
  all=$((all + broken))
  echo "| \`$name\` | $(last 'number_of_executed_units: *[0-9]+') | $(last 'runs in [0-9]+') | $broken | $(last 'cov: [0-9]+') |" \
    "$(last 'corp: [0-9]+') | $(last 'peak_rss_mb: *[0-9]+') MB |"
done
[ "$all" -eq 0 ]
