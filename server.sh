#!/usr/bin/env bash
# Installs if the lock file changed, builds if a source changed, then becomes the server, so that signals reach it.
#   ./server.sh                                     the controller; the environment and .env configure it
#   ./server.sh doctor                              checks the configuration, changes nothing
#   ./server.sh local-cloud [--port N] [--dir D]    the local cloud alone
set -euo pipefail

root=$(cd "$(dirname "$0")" && pwd)
lock=$root/.server.lock

fail() { echo "server.sh: $*" >&2; exit 1; }

program=dist/main.js
case ${1:-} in
  '' | doctor) ;;
  local-cloud) program=local-cloud/dist/main.js; shift ;;
  *) fail "there is no \"$1\": give nothing for the controller, doctor, or local-cloud" ;;
esac
command -v node >/dev/null || fail 'Node.js 20 or newer is needed'
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || fail "Node.js 20 or newer is needed, this is $(node --version)"

install_needed() { [ ! "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]; }
# Both packages are built together, the local cloud first.
build_needed() {
  local built=$root/dist/.built package=$root/local-cloud
  [ ! -e "$built" ] || [ ! -e "$package/dist/.built" ] ||
    [ -n "$(find "$root/src" "$package/src" "$root"/*.json "$package"/*.json -newer "$built" -print | head -n 1)" ]
}

# The lock is a link to its owner's process id: it comes into being with its content or not at all.
take_lock() {
  local owner told=''
  until ln -sn $$ "$lock" 2>/dev/null; do
    owner=$(readlink "$lock" || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      # Its owner was killed. Whoever else found that out may be quicker: what is no longer the dead one's goes back.
      mv "$lock" "$lock.$$" 2>/dev/null || continue
      [ "$(readlink "$lock.$$")" = "$owner" ] || ln -sn "$(readlink "$lock.$$")" "$lock" 2>/dev/null || true
      rm -f "$lock.$$"
    else
      [ -n "$told" ] || echo "server.sh: waiting for process ${owner:-?}, which is installing or building" >&2
      told=yes
      sleep 0.2
    fi
  done
}

if install_needed || build_needed; then
  take_lock
  trap 'rm -f "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if install_needed; then
    command -v npm >/dev/null || fail 'npm is needed to install'
    echo 'server.sh: installing' >&2
    (cd "$root" && npm ci --include=dev --no-audit --no-fund --loglevel=error >&2)
    touch "$root/node_modules/.package-lock.json"
  fi
  if build_needed; then
    echo 'server.sh: building' >&2
    (cd "$root" && npm run --silent build >&2)
  fi
  rm -f "$lock"
  trap - EXIT INT TERM
fi

exec node "$root/$program" "$@"
