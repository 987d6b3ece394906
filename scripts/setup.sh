# Shared by ./demo and ./test: finds what is needed and installs what is missing. To be sourced.
# Debian and Ubuntu; elsewhere it says what is missing and stops.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "neither root nor sudo: cannot run: $*"
    return 1
  fi
}

# Services that a package would start on installation stay off while "$@" runs.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [ -e "$policy" ]; then
    "$@" || status=$?
  else
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    "$@" || status=$?
    as_root rm -f "$policy"
  fi
  return "$status"
}

apt_install() {
  command -v apt-get >/dev/null || return 1
  local log status=0
  log=$(mktemp)
  {
    as_root apt-get -qq update &&
      without_services as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends "$@"
  } >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || tail -n 5 "$log" >&2
  rm -f "$log"
  return "$status"
}

postgres_bin() {
  local dir newest=
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do
    [ -x "$dir/initdb" ] && newest=$dir
  done
  [ -n "$newest" ] && printf '%s\n' "$newest"
}

chromium_command() {
  command -v chromium || command -v chromium-browser || command -v google-chrome
}

# The packages whose command is absent, one a line. Arguments: build, media, fonts, seals,
# database, browser.
missing_packages() {
  local part
  for part in "$@"; do
    case $part in
      build)
        command -v cc >/dev/null || echo build-essential
        command -v pkg-config >/dev/null || echo pkg-config
        command -v curl >/dev/null || echo curl
        [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
        ;;
      media)
        command -v ffmpeg >/dev/null || echo ffmpeg
        command -v bwrap >/dev/null || echo bubblewrap
        command -v tesseract >/dev/null || echo tesseract-ocr
        command -v heif-convert >/dev/null || echo libheif-examples
        command -v pdftoppm >/dev/null || echo poppler-utils
        ;;
      fonts)
        [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf ] || echo fonts-dejavu-core
        [ -e /usr/share/fonts/opentype/ocr-b/OCRB.otf ] || echo fonts-ocr-b
        [ -e /usr/share/fonts/opentype/dancingscript/DancingScript-Regular.otf ] ||
          echo fonts-dancingscript
        ;;
      seals) command -v age >/dev/null || echo age ;;
      database) postgres_bin >/dev/null || echo postgresql ;;
      browser)
        chromium_command >/dev/null || echo chromium
        command -v chromedriver >/dev/null || echo chromium-driver
        ;;
    esac
  done
}

# Without the compiler nothing works; without a browser or the media tools less does, and who misses
# them says so (a finding `unavailable`, a test `skipped`).
ensure_packages() {
  local package packages
  mapfile -t packages < <(missing_packages "$@")
  [ "${#packages[@]}" -gt 0 ] || return 0
  say "installing: ${packages[*]}"
  apt_install "${packages[@]}" && return 0
  for package in "${packages[@]}"; do
    apt_install "$package" || say "could not install $package; please install it by hand"
  done
  [ -z "$(missing_packages build)" ] || die "a C compiler, pkg-config, curl and CA certificates are needed"
}

# axe-core, which looks for barriers on pages: into a cache folder, never into the repository. Without
# npm, or without a network, the tests that use it say `skipped`.
ensure_axe() {
  local version=4.14.1 folder="${XDG_CACHE_HOME:-$HOME/.cache}/regain" work
  [ ! -e "$folder/axe-core-$version/axe.min.js" ] || return 0
  command -v npm >/dev/null || return 0
  say "fetching: axe-core $version"
  work=$(mktemp -d)
  if (cd "$work" && npm pack --silent "axe-core@$version" >/dev/null && tar xzf "axe-core-$version.tgz"); then
    mkdir -p "$folder"
    # Another ./test may have been faster.
    mv "$work/package" "$folder/axe-core-$version" 2>/dev/null || true
  fi
  rm -rf "$work"
}

# cargo with the version that rust-toolchain.toml names. The caller stands in the repository.
ensure_rust() {
  local cargo_bin="${CARGO_HOME:-$HOME/.cargo}/bin"
  case ":$PATH:" in *":$cargo_bin:"*) ;; *) export PATH="$cargo_bin:$PATH" ;; esac
  if ! command -v cargo >/dev/null && ! command -v rustup >/dev/null; then
    say "installing: rustup (Rust's own installer)"
    apt_install rustup 2>/dev/null ||
      curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
      sh -s -- -y -q --profile minimal --default-toolchain none >&2 ||
      die "Rust is missing; install it as https://rustup.rs says, then run this again"
  fi
  if command -v rustup >/dev/null && ! cargo --version >/dev/null; then
    say "installing: the Rust toolchain that rust-toolchain.toml names"
    rustup toolchain install >&2
  fi
  cargo --version >/dev/null || die "cargo does not run"
}

# A component (clippy, rustfmt) by its cargo command, then its name.
ensure_component() {
  cargo "$1" --version >/dev/null 2>&1 && return 0
  command -v rustup >/dev/null || die "cargo $1 is missing, and rustup too: please install $2"
  say "installing: $2"
  rustup component add "$2" >&2
}

# CARGO_TARGET_DIR, absolute, so that it means the same from every folder. Argument: the repository.
absolute_target_dir() {
  local dir="${CARGO_TARGET_DIR:-$1/target}"
  case $dir in /*) ;; *) dir="$PWD/$dir" ;; esac
  export CARGO_TARGET_DIR="$dir"
}
