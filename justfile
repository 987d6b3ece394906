# Shortcuts; `just` lists them. ./test is what counts.

_list:
    @just --list --unsorted

# Everything: what continuous integration runs
test:
    ./test

# The quick checks, while writing
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo xtask tidy
    cargo xtask layers

# The tests of one crate
crate name:
    cargo nextest run -p {{ name }}

# Writes the generated files in docs/reference anew; ./test checks that they are fresh
docs:
    REGAIN_BLESS=1 cargo nextest run --workspace -E 'test(is_fresh)'

# Every order of events within wider bounds than ./test has (docs/guide/model-check.md)
model-check:
    REGAIN_CHECK=deep cargo test --release -p recovery --test check every_order -- --nocapture --test-threads 1

# So many random and naughty strings in the fields of forms (ten thousand take two hours and a half)
strings times="10000":
    REGAIN_STRINGS={{ times }} cargo nextest run --profile long -p regain -p engine --lib --bins -E 'test(no_string_in_any_field)' --no-capture

# Looks for inputs that break a parser, so many seconds for each target (docs/guide/fuzzing.md)
fuzz seconds="60" *targets:
    scripts/fuzz.sh {{ seconds }} {{ targets }}

# Restriction checks a second beside a bare handler, and how soon a freeze is felt; with the URL of an empty PostgreSQL database on two nodes
bench-restrictions accounts="1000000" *database:
    cargo run --release -p regain --example restrictions -- {{ accounts }} {{ database }}

# Licences, bans and sources (cargo install --locked cargo-deny)
deny:
    cargo deny check licenses bans sources

# Regain, the exchange and the mailbox on this machine
demo *arguments:
    ./demo {{ arguments }}

# A whole recovery, by itself
walkthrough *arguments:
    ./demo --walkthrough {{ arguments }}

# Measures what the checks' thresholds rest on (docs/reference/evaluation.md); needs the test data
evaluate:
    cargo run -p evidence --example evaluate_reading
    cargo run -p evidence --example evaluate_phrase
    cargo run -p evidence --example evaluate_documents
    cargo run -p regain -p engine --example evaluate_reuse -- "${REGAIN_SHARED:-../shared}/testdata" "${REGAIN_SHARED:-../shared}/models"
    cargo run -p regain -- face evaluate --pairs "${REGAIN_SHARED:-../shared}/testdata/faces/pairs.tsv" --set lfw
    cargo run -p face --example evaluate_motion "${REGAIN_SHARED:-../shared}/models" "${REGAIN_SHARED:-../shared}/testdata/faces/lfw"

# Times the stages that are ours, a whole bundle and a search among a million faces, beside Python (numpy, opencv-python-headless, pillow,
# onnxruntime, faiss-cpu)
bench python="python3" shared="../shared":
    cargo build --release -p regain --bin regain
    cargo build --release -p engine --example stages
    cargo build --release -p face --example gallery
    {{ python }} scripts/bench/gallery.py target/release/examples/gallery
    {{ python }} scripts/bench/stages.py {{ shared }}/models {{ shared }}/testdata/faces/lfw/Aaron_Peirsol/Aaron_Peirsol_0003.jpg target/release/examples/stages
    {{ python }} scripts/bench/bundle.py {{ shared }}/models {{ shared }}/testdata/id_documents/images/passporteye/33_id-usa.jpg {{ shared }}/testdata/id_documents/images/arg0s/resident_cards_Germany.png {{ shared }}/testdata/faces/lfw/Aaron_Peirsol/Aaron_Peirsol_0003.jpg target/release/regain
