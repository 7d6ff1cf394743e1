# shellcheck shell=bash
# Checks and what they print: one line each, "ok WHAT" or "FAIL WHAT" with what was seen. Sourced by run.
# shellcheck disable=SC2154  # results, tmp: set by run

ok() { echo "ok    $1"; echo "ok    $1" >>"$results"; }
bad() { { echo "FAIL  $1"; shift; printf '%s\n' "$@" | head -n 25 | cut -c -500 | sed 's/^/      | /'; } | tee -a "$results"; }

check() {   # check WHAT CMD…: CMD's output is shown only when it fails
    local what=$1 seen
    shift
    if seen=$("$@" 2>&1); then ok "$what"; else bad "$what" "exit status $?" "$seen"; fi
}
# A check that needs a race to be won first: `skip` says loudly that it was not, on this machine, this time.
skip() { echo "SKIP  $1: $2" | tee -a "$results"; }
won() { if [[ $2 == 1 ]]; then ok "$1"; else skip "$1" "it was always quicker here"; fi; }
fails() { ! "$@"; }
is() { [[ $1 == "$2" ]] || { echo "seen:   $1"; echo "wanted: $2"; return 1; }; }
has() { [[ $1 =~ $2 ]] || { echo "seen:   $1"; echo "wanted: $2"; return 1; }; }
lacks() { [[ ! $1 =~ $2 ]] || { echo "seen:       $1"; echo "not wanted: $2"; return 1; }; }

# capture CMD…: sets rc, out and err (which loses what Slurm itself says).
capture() {
    rc=0
    "$@" >"$tmp/out" 2>"$tmp/err.all" || rc=$?
    out=$(tr -d '\0' <"$tmp/out")
    err=$(grep -avE '^(srun|sbatch|salloc|slurmstepd): ' "$tmp/err.all" | tr -d '\0') || true
}

# launch USER SRUN-ARGUMENT…: srun as that user.
launch() {
    local user=$1
    shift
    capture as "$user" timeout "${LAUNCH_SECONDS:-100}" srun "$@" </dev/null
}

# What takes long says so, in these words; on a machine with other work anything may.
but_for_delays() { grep -vE '^sifguard: node[0-9]+: ((copying|verifying) (/|[a-z]+://).*|unlocking the image)$' || true; }

# ran WHAT [rc=N|failed] [out=TEXT] [out~REGEX] [err~REGEX] [silent]: holds the last capture against what it must be (rc=0).
ran() {
    local what=$1 wanted_rc=0 each
    local -a seen=()
    shift
    for each in "$@"; do
        case $each in
            rc=*) wanted_rc=${each#*=} ;;
            out=*) [[ $out == "${each#*=}" ]] || seen+=("wanted stdout: ${each#*=}") ;;
            out~*) [[ $out =~ ${each#*~} ]] || seen+=("wanted on stdout: ${each#*~}") ;;
            err~*) [[ $err =~ ${each#*~} ]] || seen+=("wanted on stderr: ${each#*~}") ;;
            silent) [[ -z $(but_for_delays <<<"$err") ]] || seen+=("wanted no stderr") ;;
            *) seen+=("the check itself is wrong: $each") ;;
        esac
    done
    [[ $rc == "$wanted_rc" || $wanted_rc == failed && $rc != 0 ]] || seen+=("wanted exit status: $wanted_rc")
    if ((${#seen[@]} == 0)); then ok "$what"; else bad "$what" "${seen[@]}" "seen: status $rc, stdout: $out" "$(cat "$tmp/err.all")"; fi
}

# A test file registers what puts right the changes it makes; that happens at its end, however it comes, last first.
undo_list=()
undo() { undo_list+=("$(printf '%q ' "$@")"); }
undo_now() {
    local i
    for ((i = ${#undo_list[@]} - 1; i >= 0; i--)); do
        eval "${undo_list[i]}" || echo "      could not undo: ${undo_list[i]}"
    done
    undo_list=()
}
run_file() {   # in a subshell of its own
    set -euo pipefail
    trap undo_now EXIT
    configure_release
    # shellcheck disable=SC1090
    . "$1"
}
