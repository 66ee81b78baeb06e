# shellcheck shell=bash
# Sourced by the scripts in deploy/: says what a step does, how long it took, and why it failed.

step_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
step_log_dir="${DISPATCHER_SETUP_LOGS:-$step_root/build/setup-logs}"

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# step NAME COMMAND...: runs COMMAND with its output in a log file; on failure prints the log's end and exits.
step() {
  local name=$1
  shift
  mkdir -p "$step_log_dir"
  local file=${name//[^a-zA-Z0-9]/-}
  local log="$step_log_dir/${file:0:60}.log" started=$SECONDS
  printf '==> %s ... ' "$name" >&2
  local dots=
  if [ -t 2 ]; then
    (while sleep 5; do printf '.' >&2; done) &
    dots=$!
  fi
  local status=0
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ -n "$dots" ]; then
    kill "$dots" 2>/dev/null || true
    wait "$dots" 2>/dev/null || true
  fi
  if [ "$status" -ne 0 ]; then
    say "FAILED after $((SECONDS - started)) s (exit $status)"
    say "--- the last lines of $log"
    tail -n 40 "$log" >&2
    die "the step '$name' failed; its command was: $*"
  fi
  say "done ($((SECONDS - started)) s)"
}

# shown NAME COMMAND...: like step, but for a command whose output a person wants to see.
shown() {
  local name=$1
  shift
  local started=$SECONDS status=0
  say "==> $name"
  "$@" </dev/null || status=$?
  [ "$status" -eq 0 ] || die "'$name' failed with exit $status after $((SECONDS - started)) s; its command was: $*"
  say "    done ($((SECONDS - started)) s)"
}

# as_root COMMAND...: runs COMMAND as root, through sudo where that is needed.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "'$*' needs root: run this script as root or install sudo"
  fi
}
