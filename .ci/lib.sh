# Shared by .ci/run and .ci/full: named and timed steps, tools that are no part of the project, and the check that
# nothing is left running.
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/event-carried-state-transfer
TOOLS=$CACHE/ci-tools
TIMES=()
STARTED=$SECONDS

step() {
  local name=$1 from=$SECONDS
  shift
  echo "=== $name"
  "$@"
  TIMES+=("$(printf '%5ss  %s' $((SECONDS - from)) "$name")")
}

summary() {
  printf '%s\n' "=== passed in $((SECONDS - STARTED)) s" "${TIMES[@]}"
}

# README.md, "What you need": on Debian and Ubuntu each of it is a package; Rust comes from rustup.
install_what_the_readme_names() {
  local missing=()
  command -v cc >/dev/null && command -v make >/dev/null || missing+=(build-essential)
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  pkg-config --exists openssl 2>/dev/null || missing+=(libssl-dev)
  command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
  command -v mvn >/dev/null || missing+=(maven)
  python3 -m pip --version >/dev/null 2>&1 || missing+=(python3 python3-pip)
  python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  ldconfig -p | grep -q libcurl.so.4 || missing+=(libcurl4)
  command -v curl >/dev/null || missing+=(curl)
  # Not for the project, but for looking at it: a browser, and node to drive it.
  command -v chromium >/dev/null || missing+=(chromium)
  command -v npm >/dev/null || missing+=(nodejs npm)
  if [ ${#missing[@]} -gt 0 ]; then
    echo "=== installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
  command -v cargo >/dev/null || { echo "Rust is missing: install it with rustup (https://rustup.rs)"; exit 1; }
}

# Python tools in a folder of their own, so that they meet nobody else's.
tools_venv() {
  [ -x "$TOOLS/bin/pip" ] || python3 -m venv "$TOOLS"
  "$TOOLS/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# Servers and services of this project are recognised by the folders they run from.
nothing_left_running() {
  local left
  for _ in $(seq 30); do
    left=$(pgrep -af "$CACHE|$PWD/target/[a-z]+/(accounts|orders|local-stack)" | grep -v ci-tools || true)
    [ -z "$left" ] && return 0
    sleep 1
  done
  echo "left running:"; echo "$left"
  return 1
}
