#!/usr/bin/env bash
set -euo pipefail
# Else [a-z] means more than these 26 letters in some languages.
export LC_ALL=C
cd "$(dirname "$0")"

usage() {
  cat <<'HELP'
Puts a pushed image into service on a host, over ssh. The old container is removed only when the new one is ready;
if that does not happen in time, the old one serves again and the exit code is 1.

  ./deploy.sh [--dry-run] [TAG]

TAG is the one ./build.sh gives by default. The host needs docker or podman, curl, and for ECR the AWS CLI with
credentials that may pull.

  DEPLOY_HOST     required; a name of ~/.ssh/config will do
  DEPLOY_USER     ssh's own default
  DEPLOY_DIR      /opt/workbench-controller; holds the .env, which never leaves the host
  DEPLOY_PUBLISH  127.0.0.1:8999:8999; [address:]host port:container port
  DEPLOY_NETWORK  bridge; with host the container shares the host's network and listens on the container port
  PORT_CHECK      8998; a spare port of the host, on 127.0.0.1, where the new one is tried before the switch
  READY_TIMEOUT   60 (seconds); READY_INTERVAL 1
  CONTAINER_NAME  workbench-controller
  CONTAINER_CLI   docker; the one on the host
  REPO            h1st/workbench-controller; as for ./build.sh, without a registry it means the account's ECR
  AWS_REGION      us-west-1

  --dry-run       prints each step and connects to nothing
HELP
}
fail() { echo "deploy.sh: $*" >&2; exit 1; }

dry_run=no
tag=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit ;;
    --dry-run) dry_run=yes ;;
    -*) usage >&2; fail "unknown option $1" ;;
    *) [ -z "$tag" ] || fail "one TAG, please: $tag or $1?"; tag=$1 ;;
  esac
  shift
done

host=${DEPLOY_HOST:-}
[ -n "$host" ] || { usage >&2; fail 'DEPLOY_HOST is not set'; }
[[ $host =~ ^[A-Za-z0-9_][A-Za-z0-9_.:-]*$ ]] || fail "DEPLOY_HOST is no host name: $host"
user=${DEPLOY_USER:-}
[[ $user =~ ^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$ ]] || fail "DEPLOY_USER is no user name: $user"
directory=${DEPLOY_DIR:-/opt/workbench-controller}
publish=${DEPLOY_PUBLISH:-127.0.0.1:8999:8999}
[[ $publish =~ ^(([0-9.]+):)?([0-9]+):([0-9]+)$ ]] || fail "DEPLOY_PUBLISH is [address:]host port:container port, not $publish"
# shellcheck disable=SC2034 # settings reads it by its name
address=${BASH_REMATCH[2]}
host_port=${BASH_REMATCH[3]}
container_port=${BASH_REMATCH[4]}
network=${DEPLOY_NETWORK:-bridge}
case $network in
  bridge) ;;
  host) host_port=$container_port ;;
  *) fail "DEPLOY_NETWORK is bridge or host, not $network" ;;
esac
check_port=${PORT_CHECK:-8998}
[[ $check_port =~ ^[0-9]+$ ]] || fail "PORT_CHECK is no port: $check_port"
[ "$check_port" != "$host_port" ] || fail "PORT_CHECK must be another port than the one that serves, $host_port"
ready_timeout=${READY_TIMEOUT:-60}
[[ $ready_timeout =~ ^[0-9]+$ ]] || fail "READY_TIMEOUT is in whole seconds, not $ready_timeout"
ready_interval=${READY_INTERVAL:-1}
[[ $ready_interval =~ ^[0-9]*\.?[0-9]+$ ]] || fail "READY_INTERVAL is in seconds, not $ready_interval"
name=${CONTAINER_NAME:-workbench-controller}
[[ $name =~ ^[A-Za-z0-9][A-Za-z0-9_.-]*$ ]] || fail "CONTAINER_NAME is no container name: $name"
cli=${CONTAINER_CLI:-docker}
case $cli in docker | podman) ;; *) fail "CONTAINER_CLI is docker or podman, not $cli" ;; esac

repo=${REPO:-h1st/workbench-controller}
[[ $repo =~ ^[a-z0-9][a-z0-9._:/-]*$ ]] || fail "REPO is no image name: $repo"
if [ -z "$tag" ]; then
  tag=$(git rev-parse --short=12 HEAD 2>/dev/null) || fail 'there is no git revision here to deploy: give a TAG'
  if [ -n "$(git status --porcelain)" ]; then tag=$tag-dirty; fi
fi
[[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || fail "TAG may hold letters, digits and _.- (128 at most): $tag"
registry=
first=${repo%%/*}
case $first in
  "$repo") ;;
  *.* | *:* | localhost) registry=$first ;;
esac
if [ -z "$registry" ]; then
  if [ $dry_run = yes ]; then
    account='<account>'
  else
    account=$(aws sts get-caller-identity --query Account --output text) ||
      fail 'AWS does not say whose account this is: set the credentials, or a REPO with its registry'
  fi
  registry=$account.dkr.ecr.${AWS_REGION:-us-west-1}.amazonaws.com
  repo=$registry/$repo
fi
region=
# shellcheck disable=SC2034 # settings reads it by its name
if [[ $registry =~ \.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com ]]; then region=${BASH_REMATCH[1]}; fi

# The values travel ahead of the program on ssh's stdin, quoted: no shell line on the way ever holds one of them.
settings() {
  local setting
  for setting in dry_run directory name cli network address host_port container_port check_port \
    ready_timeout ready_interval registry region; do
    printf '%s=%q\n' "$setting" "${!setting}"
  done
  printf 'image=%q\n' "$repo:$tag"
}

remote_program() {
  cat <<'REMOTE'
# shellcheck shell=bash disable=SC2154 # the settings come before this
set -euo pipefail
candidate=$name-next
previous=$name-previous
phase=preparing
interrupted=no

say() { echo "deploy: $*" || true; }
run() { if [ "$dry_run" = yes ]; then echo "+ $*"; else "$@" >/dev/null; fi; }
# A dry run plans for the usual case: one container serves, nothing is left over.
exists() {
  if [ "$dry_run" = yes ]; then [ "$1" = "$name" ]; else "$cli" inspect --type container "$1" >/dev/null 2>&1; fi
}
running() { [ "$("$cli" inspect --format '{{.State.Running}}' "$1" 2>/dev/null)" = true ]; }

# CONTAINER PORT RESTART-POLICY [ADDRESS]: what both the trial and the service run with. PORT set here wins over the .env.
start() {
  local place
  if [ "$network" = host ]; then
    place=(--network host --env "PORT=$2")
  else
    place=(--publish "${4:+$4:}$2:$container_port" --env "PORT=$container_port")
  fi
  run "$cli" run --detach --name "$1" --restart "$3" "${place[@]}" --env-file .env \
    --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
    --log-driver json-file --log-opt max-size=10m --log-opt max-file=3 "$image"
}

# CONTAINER ADDRESS PORT: waits until /readyz answers 200; else says what it saw.
wait_ready() {
  local url=http://$2:$3/readyz deadline=$((SECONDS + ready_timeout)) answer code
  if [ "$dry_run" = yes ]; then echo "+ wait up to $ready_timeout s until $url answers 200"; return 0; fi
  while :; do
    # The body, then the status code on a line of its own; 000 when there was no answer.
    answer=$(curl --silent --max-time 5 --write-out '\n%{http_code}' "$url" || true)
    code=${answer##*$'\n'}
    # The 0 is needed: in a trap, a bare return answers the code of before the trap.
    if [ "$code" = 200 ]; then return 0; fi
    if ! running "$1"; then say "$1 has exited"; break; fi
    if [ $SECONDS -ge $deadline ]; then say "$1 was not ready after $ready_timeout s"; break; fi
    sleep "$ready_interval"
  done
  if [ "${code:-000}" = 000 ]; then
    say "$url did not answer (without RESTAPI_AUTH_STATIC_KEY or RESTAPI_AUTH_JWT_KEY in .env, the controller listens on loopback inside its container)"
  else
    say "$url answered $code: ${answer%$'\n'*}"
  fi
  say "the last lines of its log:"
  "$cli" logs --tail 20 "$1" 2>&1 | sed 's/^/  /' || true
  return 1
}

remove() { if exists "$1"; then run "$cli" rm --force "$1"; fi; }

restore_previous() {
  remove "$name"
  run "$cli" rename "$previous" "$name"
  run "$cli" start "$name"
}

finish() {
  local code=$?
  trap '' HUP INT TERM
  set +e
  if [ $phase = preparing ]; then remove "$candidate"; fi
  if [ $phase = switching ]; then
    say 'putting the old one back'
    if exists "$previous"; then restore_previous; elif [ "$had_old" = yes ]; then run "$cli" start "$name"; else remove "$name"; fi
    if [ "$had_old" = yes ]; then
      if wait_ready "$name" "${address:-127.0.0.1}" "$host_port"; then say 'the old one serves again'; else say 'THE OLD ONE IS NOT READY EITHER: look at the host'; fi
    fi
  fi
  if [ $phase != served ]; then say "FAILED: $image is not in service"; fi
  if [ "$dry_run" = no ]; then rm -rf "$lock"; fi
  exit "$code"
}

take_lock() {
  lock=.deploy-$name.lock
  if [ "$dry_run" = yes ]; then return; fi
  if ! mkdir "$lock" 2>/dev/null; then
    local holder
    holder=$(cat "$lock/pid" 2>/dev/null || true)
    if [ -z "$holder" ] || kill -0 "$holder" 2>/dev/null; then
      say "another deploy is under way here (process ${holder:-unknown}); if it is not, remove $directory/$lock"
      exit 1
    fi
    say "taking over from a deploy that was interrupted (process $holder)"
    interrupted=yes
    rm -rf "$lock"
    mkdir "$lock" || exit 1
  fi
  echo $$ >"$lock/pid"
}

# What a deploy that was cut off in the middle can leave: a trial, and an old one set aside under another name.
clean_up_leftovers() {
  remove "$candidate"
  if exists "$previous"; then
    if running "$name" && wait_ready "$name" "${address:-127.0.0.1}" "$host_port"; then
      remove "$previous"
    else
      say 'an interrupted deploy had set the old one aside; putting it back first'
      restore_previous
    fi
  elif [ $interrupted = yes ] && exists "$name" && ! running "$name"; then
    say 'an interrupted deploy had stopped the old one; starting it first'
    run "$cli" start "$name"
  fi
}

main() {
  if [ "$dry_run" = no ]; then
    cd -- "$directory" || { say "no folder $directory on this host"; exit 1; }
    [ -r .env ] || { say "no readable $directory/.env on this host"; exit 1; }
  fi
  take_lock
  # A lost connection must not leave the host between two containers: carry on without it, and on a failure go back.
  trap '' PIPE HUP
  trap finish EXIT
  trap 'exit 1' INT TERM

  if [ -n "$region" ]; then
    if [ "$dry_run" = yes ]; then
      echo "+ aws ecr get-login-password --region $region | $cli login --username AWS --password-stdin $registry"
    else
      aws ecr get-login-password --region "$region" | "$cli" login --username AWS --password-stdin "$registry" >/dev/null
    fi
  fi
  say "pulling $image"
  run "$cli" pull "$image"
  clean_up_leftovers

  say "trying it on port $check_port, beside the one that serves"
  start "$candidate" "$check_port" no 127.0.0.1
  wait_ready "$candidate" 127.0.0.1 "$check_port"
  run "$cli" stop "$candidate"
  run "$cli" rm "$candidate"

  had_old=no
  if exists "$name"; then had_old=yes; fi
  phase=switching
  say "switching port $host_port over to it"
  if [ $had_old = yes ]; then
    run "$cli" stop "$name"
    run "$cli" rename "$name" "$previous"
  fi
  start "$name" "$host_port" unless-stopped "$address"
  wait_ready "$name" "${address:-127.0.0.1}" "$host_port"
  phase=served
  if [ $had_old = yes ]; then run "$cli" rm "$previous" || say "remove $previous by hand"; fi
  say "$image is in service"
}

# Read to the end before anything runs, and no command may read the program's own stdin.
main </dev/null
REMOTE
}

if [ $dry_run = yes ]; then
  echo "+ ssh ${user:+$user@}$host 'bash -s', there in $directory:"
  { settings; remote_program; } | bash -s
else
  { settings; remote_program; } | ssh -T -- "${user:+$user@}$host" 'bash -s'
fi
