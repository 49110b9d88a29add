# shellcheck shell=bash
# Functions and variables that the scripts of this folder share. Source this file; do not run it.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ci=$PWD/target/ci
# The artifact that .ci/build creates and .ci/deploy deploys.
artifact=${ARTIFACT:-$PWD/target/artifact}
mkdir -p "$ci"

# python_environment REQUIREMENTS: installs them into a virtual environment in the checkout, $venv.
python_environment() {
    venv=$ci/venv/$(basename "$1" .txt)
    if ! cmp -s "$1" "$venv/installed"; then
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$1"
        cp "$1" "$venv/installed"
    fi
}

# npm_environment FOLDER: installs the packages of its package-lock.json into the checkout, $NPM_PACKAGES.
npm_environment() {
    export NPM_PACKAGES=$ci/npm/$(basename "$1")
    if ! cmp -s "$1/package-lock.json" "$NPM_PACKAGES/installed"; then
        rm -rf "$NPM_PACKAGES"
        mkdir -p "$NPM_PACKAGES"
        cp "$1"/{.npmrc,package.json,package-lock.json} "$NPM_PACKAGES"
        npm ci --silent --ignore-scripts --no-audit --no-fund --cache "$ci/cache/npm" --prefix "$NPM_PACKAGES"
        cp "$1/package-lock.json" "$NPM_PACKAGES/installed"
    fi
}

# cargo_tool NAME@VERSION ARGUMENT...: installs a tool into the checkout with cargo, and runs it.
cargo_tool() {
    cargo install --quiet --locked --debug --root "$ci/cargo" "$1"
    "$ci/cargo/bin/${1%@*}" "${@:2}"
}

# cargo_deny CHECK...: checks the libraries against deny.toml.
cargo_deny() {
    cargo_tool cargo-deny@0.20.2 check "$@"
}

# Installs the tools of requirements.txt and puts them first on the path, because another cargo-lambda on
# the machine may lack its cross compiler.
tools() {
    local venv
    python_environment .ci/requirements.txt
    export PATH=$venv/bin:$PATH SAM_CLI_TELEMETRY=0
    # Moves the caches of the cross compiler and of sam out of the home folder.
    export XDG_CACHE_HOME=$ci/cache __SAM_CLI_APP_DIR=$ci/cache/sam
}

# checksums FOLDER: prints the SHA-256 of each file of an artifact, in the form that `sha256sum --check` reads.
checksums() {
    (cd "$1" && find . -type f ! -name SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum)
}

# Finds or installs a browser for the page tests and stores its path in $BROWSER.
browser() {
    local name
    for name in chromium chromium-browser google-chrome; do
        if BROWSER=$(command -v "$name"); then
            export BROWSER
            return
        fi
    done
    if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
        echo "the page tests require Chromium" >&2
        return 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >"$ci/chromium.log"
    BROWSER=$(command -v chromium)
    export BROWSER
}

# Creates $run, the folder of one run. At exit, the folder is removed and everything that `background`
# started is stopped.
begin_run() {
    # Pages of this origin may call the hosts of the suite.
    export CORS_ALLOWED_ORIGINS=https://app.test
    run=$(mktemp -d "$ci/run.XXXXXX")
    started=()
    trap end_run EXIT
    trap 'exit 130' INT TERM
}

end_run() {
    local status=$? pid
    trap - EXIT INT TERM
    for pid in "${started[@]}"; do
        kill -- "-$pid" 2>/dev/null || true
    done
    for pid in "${started[@]}"; do
        wait "$pid" 2>/dev/null || true
    done
    if ((status != 0)); then
        tail -n 40 "$run"/*.log >&2 || true
    fi
    rm -rf "$run"
    exit "$status"
}

# background NAME COMMAND...: starts a server in a separate process group, so that all its children stop
# with it. Its output goes to $run/NAME.out and $run/NAME.log.
background() {
    local name=$1
    shift
    setsid "$@" >"$run/$name.out" 2>"$run/$name.log" </dev/null &
    started+=($!)
}

# wait_for SECONDS COMMAND...: waits until the command succeeds. Fails after SECONDS, or if the server that
# was started last exits.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        if ! kill -0 "${started[-1]}" 2>/dev/null || ((SECONDS > end)); then
            echo "not ready: $*" >&2
            return 1
        fi
        sleep 0.1
    done
}

free_port() {
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# accepts PORT [HOST]: succeeds if the port accepts connections. HOST defaults to this machine.
accepts() {
    python3 -c 'import socket, sys
socket.create_connection((sys.argv[2], int(sys.argv[1])), 5)' "$1" "${2:-127.0.0.1}"
}

# build PROGRAM...: builds programs into target/debug, with the features that libraries have in `cargo test --workspace`.
# Any other selection of packages would compile most libraries again.
build() {
    cargo build --quiet --workspace --test api "${@/#/--bin=}"
}

local_run() {
    target/debug/local "$@" --data "$run/data"
}

# start_engine [PORT]: starts the embedded DynamoDB, in memory, with new development keys in $run/data.
# Stores the functions' environment for it in the array $environment.
start_engine() {
    build local
    background engine target/debug/local engine --data "$run/data" --memory --port "${1:-0}"
    wait_for 60 test -s "$run/engine.out"
    local_run env >"$run/environment"
    mapfile -t environment <"$run/environment"
}

# call_with URL COMMAND...: runs a command that calls the API at URL. The command finds the table through
# the functions' environment variables, and the signing keys in the folder API_DATA.
call_with() {
    local url=$1
    shift
    env "${environment[@]}" API_TARGET="$url" API_DATA="$run/data" "$@"
}

# in_account COMMAND...: runs a command in the emulated account of a rehearsal, whose address is $REHEARSAL_ACCOUNT.
in_account() {
    env -u AWS_PROFILE -u AWS_SESSION_TOKEN AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
        AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1 \
        AWS_ENDPOINT_URL="$REHEARSAL_ACCOUNT" "$@"
}

# output NAME: prints an output of the deployed stack.
output() {
    sed -n "s/^$1=//p" "$run/outputs"
}

# rehearse_deployment [PARAMETER=VALUE]...: deploys to the emulated account, with the parameters in $run/parameters.yaml.
# Writes the outputs to $run/outputs, and prints the base URL of the API.
rehearse_deployment() {
    in_account .ci/deploy development "file://$run/parameters.yaml" "$@" >"$run/outputs" 2>"$run/deploy.log" &&
        in_account python3 .ci/rehearsal.py gateway "$(output ApiId)"
}
