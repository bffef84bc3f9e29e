#!/usr/bin/env bash
# Installs if the lock file changed, builds if a source changed, then becomes the server, so that signals reach it.
set -euo pipefail

root=$(cd "$(dirname "$0")" && pwd)
lock=$root/.server.lock

fail() { echo "server.sh: $*" >&2; exit 1; }

command -v node >/dev/null || fail 'Node.js 20 or newer is needed'
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || fail "Node.js 20 or newer is needed, this is $(node --version)"

install_needed() { [ ! "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]; }
build_needed() {
  [ ! -e "$root/dist/.built" ] || [ -n "$(find "$root/src" "$root"/tsconfig*.json "$root/package-lock.json" -newer "$root/dist/.built" -print | head -n 1)" ]
}

if install_needed || build_needed; then
  # Two starts at once: the second waits for the first one's work. A lock whose owner is gone doesn't count.
  until mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null || echo)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then rm -rf "$lock"; else sleep 0.2; fi
  done
  echo $$ > "$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  if install_needed; then
    echo 'server.sh: installing' >&2
    (cd "$root" && npm ci --include=dev --no-audit --no-fund --loglevel=error >&2)
    touch "$root/node_modules/.package-lock.json"
  fi
  if build_needed; then
    echo 'server.sh: building' >&2
    (cd "$root" && npm run --silent build >&2)
  fi
  rm -rf "$lock"
  trap - EXIT
fi

exec node "$root/dist/main.js" "$@"
