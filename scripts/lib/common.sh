# shellcheck shell=bash
# What the shell scripts share. Source it; it changes to the top of the tree.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() { warn "error: $*"; exit 1; }

# A message that nobody scrolls past.
loud() {
    warn ''
    warn '**********************************************************************'
    printf '*** %s\n' "$@" >&2
    warn '**********************************************************************'
    warn ''
}

# as_root COMMAND...: root runs it, anybody else runs it through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        warn "  sudo $*"
        sudo "$@"
    else
        die "this needs root, and there is no sudo here. As root, run: $*"
    fi
}

# The PG_CONFIG of the environment, else the newest server of Debian's that has its
# header files, else the pg_config on the PATH.
default_pg_config() {
    if [ -n "${PG_CONFIG:-}" ]; then
        command -v "$PG_CONFIG" || die "PG_CONFIG=$PG_CONFIG is not a program"
        return
    fi
    local candidate
    for candidate in $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV); do
        if [ -x "$candidate" ] && [ -x "${candidate%pg_config}postgres" ] &&
           [ -e "$("$candidate" --includedir-server)/postgres.h" ]; then
            echo "$candidate"
            return
        fi
    done
    command -v pg_config || die "no pg_config found: run make setup, or give PG_CONFIG=..."
}

# major_version PG_CONFIG: 15, 18, ...
major_version() {
    "$1" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/'
}

# The first Python 3.9 or newer that can make virtual environments; a pyenv or a bare
# Debian python3 may lack that.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" /usr/bin/python3 python3 /usr/local/bin/python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' \
            2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Where the private copies of PostgreSQL live. The server cannot run as root, so when
# root runs the tests the user "postgres" must be able to reach them; a tree under
# /root is out of its reach.
postgres_home() {
    local home=$root/.setup/postgresql
    mkdir -p "$home"
    if [ "$(id -u)" = 0 ] && ! runuser -u postgres -- test -x "$home" 2>/dev/null; then
        home=/var/tmp/yesterday-postgresql-$(printf %s "$root" | cksum | cut -d' ' -f1)
        [ -d "$home" ] || mkdir -m 755 "$home"
        if [ -L "$home" ] || [ ! -O "$home" ]; then
            die "$home belongs to somebody else"
        fi
    fi
    echo "$home"
}

# is_writable DIRECTORY: you may write there, or may create it
is_writable() {
    local directory=$1
    while [ ! -e "$directory" ]; do directory=$(dirname "$directory"); done
    [ -w "$directory" ]
}
