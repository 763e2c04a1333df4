#!/bin/sh
# Put the secrets of files into the addresses that need them, and refuse to start without them.
set -eu

secret() {
    path="${FILLPATH_SECRETS:-/run/secrets}/$1"
    if [ ! -s "$path" ]; then
        echo "fillpath: $path must hold a secret, and is missing or empty: run deploy/make_secrets.py" >&2
        exit 1
    fi
    # What make_secrets.py writes needs no quoting in an address.
    tr -d '\n' <"$path"
}

if [ -n "${FILLPATH_REDIS:-}" ]; then
    password=$(secret redis_engine_password)
    export SA_REDIS__URL="redis://engine:${password}@${FILLPATH_REDIS}/0"
fi
if [ -n "${FILLPATH_DATABASE:-}" ]; then
    password=$(secret database_password)
    export SA_DATABASE__URL="postgresql://fillpath:${password}@${FILLPATH_DATABASE}/fillpath"
fi
unset password
exec "$@"
