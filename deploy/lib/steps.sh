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
  # A terminal gets dots. A build of an image and the like show whole lines only, so they get one every 30 s.
  local pause=30 sign='%s s ...\n    '
  [ ! -t 2 ] || pause=5 sign=.
  # Nobody waits for the last pause; and a script that was ended takes its signs along.
  (while sleep "$pause" &>/dev/null && kill -0 $$ 2>/dev/null; do printf "$sign" "$((SECONDS - started))" >&2; done) &
  local progress=$!
  local status=0
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$progress" 2>/dev/null || true
  wait "$progress" 2>/dev/null || true
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
