# shellcheck shell=bash
# Sourced by the scripts in deploy/: says what a step does, how long it took, and why it failed.

step_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
step_log_dir="${DISPATCHER_SETUP_LOGS:-$step_root/build/setup-logs}"

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# check_own: dies where files of another user are in the way: in somebody else's clone, or where root has built.
check_own() {
  local foreign=$step_root owner
  if mkdir -p "$step_root/build" 2>/dev/null; then
    foreign=$(find "$step_root/build" ! -type l ! -writable -print -quit)
  fi
  [ -n "$foreign" ] || return 0
  owner=$(stat -c %U "$foreign")
  die "$foreign belongs to $owner, and $(id -un) may not write there: make a clone of your own, or do this as $owner"
}

# reason_in LOG: the reason for a failure, if LOG has one that speaks for itself.
reason_in() {
  local last
  last=$(tail -n 1 "$1")
  if [[ $last == "error: "* ]]; then
    # What die said in there.
    printf '%s\n' "${last#error: }"
  elif grep -qE '^[EW]: .*(failure resolving|Could not (resolve|connect)|Unable to connect|Cannot initiate the connection|Connection (failed|timed out)|Network is unreachable)' "$1"; then
    echo "cannot reach the package mirror: is there a network?"
  elif grep -qE '^npm (ERR!|error) code (EAI_AGAIN|ENOTFOUND|ECONN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)' "$1"; then
    echo "cannot reach the registry of npm packages: is there a network?"
  else
    grep -m 1 'No space left on device' "$1"
  fi
}

# step NAME COMMAND...: runs COMMAND with its output in a log file; on failure prints the log's end and exits. What is
# printed last is the reason, in one line.
step() {
  local name=$1
  shift
  local file=${name//[^a-zA-Z0-9]/-}
  local log="$step_log_dir/${file:0:60}.log" started=$SECONDS
  { mkdir -p "$step_log_dir" && : >"$log"; } 2>/dev/null || check_own
  printf '==> %s ... ' "$name" >&2
  # A terminal gets dots. A build of an image and the like show whole lines only, so they get one every 30 s.
  local pause=30 sign='%s s ...\n    '
  [ ! -t 2 ] || pause=5 sign=.
  # The pause is no program, which would outlive this and keep what is open, such as a lock; and a script that was ended
  # takes its signs along.
  (until read -rt "$pause" <> <(:) || ! kill -0 $$ 2>/dev/null; do printf "$sign" "$((SECONDS - started))" >&2; done) &
  local progress=$!
  # In a shell of its own, which ends with its first failure, and whose end is not that of this one. In the language
  # that reason_in reads.
  local status reason
  set +e
  (
    set -e
    export LC_ALL=C.UTF-8
    "$@"
  ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  kill "$progress" 2>/dev/null || true
  wait "$progress" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then
    say "FAILED after $((SECONDS - started)) s; its output is in $log"
    reason=$(reason_in "$log") || {
      tail -n 40 "$log" >&2
      reason=$(grep -m 1 -E '\b[Ee]rror[: ]|^E: ' "$log" || tail -n 1 "$log")
      reason="'$name' failed with exit $status${reason:+: $reason}"
    }
    die "$reason"
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

# apt_install PACKAGE...: installs packages of Debian.
apt_install() {
  # A source that this project does not need may be broken: only what cannot be installed is a failure.
  as_root apt-get update -qq || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}
