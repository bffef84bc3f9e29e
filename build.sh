#!/usr/bin/env bash
set -euo pipefail
# Else [a-z] means more than these 26 letters in some languages.
export LC_ALL=C
cd "$(dirname "$0")"

usage() {
  cat <<'HELP'
Builds the controller's image as REPO:TAG and REPO:latest.

  ./build.sh [--dry-run] [TAG]

TAG is the git revision (12 characters) when left out, with -dirty after it if the work tree has changes.

  REPO            h1st/workbench-controller
  PUSH=yes        also log in to ECR and push, TAG first, then latest. A REPO that names no registry goes to the ECR
                  registry of the AWS account whose credentials are in use; to another registry than ECR, log in yourself
  ALLOW_DIRTY=yes lets a dirty work tree be pushed
  AWS_REGION      us-west-1; a REPO that names an ECR registry decides for itself
  CONTAINER_CLI   docker, or podman where only that is installed
  NODE_IMAGE      another base image than the Dockerfile's

  --dry-run       prints the commands instead of running them
HELP
}
fail() { echo "build.sh: $*" >&2; exit 1; }
run() { if [ "$dry_run" = yes ]; then echo "+ $*"; else "$@"; fi; }

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

cli=${CONTAINER_CLI:-}
if [ -z "$cli" ]; then
  cli=docker
  if ! command -v docker >/dev/null && command -v podman >/dev/null; then cli=podman; fi
fi
case $cli in docker | podman) ;; *) fail "CONTAINER_CLI is docker or podman, not $cli" ;; esac
command -v "$cli" >/dev/null || fail "$cli is not installed"

repo=${REPO:-h1st/workbench-controller}
[[ $repo =~ ^[a-z0-9][a-z0-9._:/-]*$ ]] || fail "REPO is no image name: $repo"

revision=$(git rev-parse HEAD 2>/dev/null) || revision=unknown
changes=$(git status --porcelain 2>/dev/null) || changes=
if [ -z "$tag" ]; then
  [ "$revision" != unknown ] || fail 'there is no git revision here to name the image after: give a TAG'
  tag=$(git rev-parse --short=12 HEAD)
  if [ -n "$changes" ]; then tag=$tag-dirty; fi
fi
[[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || fail "TAG may hold letters, digits and _.- (128 at most): $tag"
if [ -n "$changes" ]; then revision=$revision-dirty; fi

push=no
registry=
if [ "${PUSH:-}" = yes ]; then
  push=yes
  [ "$tag" != latest ] || fail 'latest is pushed anyway: give a TAG that stays'
  if [ -n "$changes" ] && [ "${ALLOW_DIRTY:-}" != yes ]; then
    fail 'the work tree has changes that no revision holds: commit them, or set ALLOW_DIRTY=yes'
  fi
  first=${repo%%/*}
  # Docker's own rule for what is a registry.
  case $first in
    "$repo") ;;
    *.* | *:* | localhost) registry=$first ;;
  esac
  if [ -z "$registry" ]; then
    account=$(aws sts get-caller-identity --query Account --output text) ||
      fail 'AWS does not say whose account this is: set the credentials, or a REPO with its registry'
    registry=$account.dkr.ecr.${AWS_REGION:-us-west-1}.amazonaws.com
    repo=$registry/$repo
  fi
fi

version=$(sed -n 's/^ *"version": *"\(.*\)".*/\1/p' package.json | head -n 1)
source=$(git remote get-url origin 2>/dev/null) || source=
# A remote's address may hold a password; the label shows it to everyone.
source=$(printf '%s' "$source" | sed 's#//[^/@]*@#//#')

# An image in OCI's own format, podman's default, cannot hold the HEALTHCHECK.
export BUILDAH_FORMAT=docker
base=()
if [ -n "${NODE_IMAGE:-}" ]; then base=(--build-arg "NODE_IMAGE=$NODE_IMAGE"); fi
# ${base[@]+…}: bash 3.2 calls an empty array unset.
run "$cli" build --tag "$repo:$tag" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
  --build-arg "SOURCE=$source" ${base[@]+"${base[@]}"} .
run "$cli" tag "$repo:$tag" "$repo:latest"

if [ $push = yes ]; then
  if [[ $registry =~ \.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com ]]; then
    region=${BASH_REMATCH[1]}
    if [ $dry_run = yes ]; then
      echo "+ aws ecr get-login-password --region $region | $cli login --username AWS --password-stdin $registry"
    else
      aws ecr get-login-password --region "$region" | "$cli" login --username AWS --password-stdin "$registry"
    fi
  fi
  # TAG first: whoever finds the new latest finds its revision too.
  run "$cli" push "$repo:$tag"
  run "$cli" push "$repo:latest"
fi
