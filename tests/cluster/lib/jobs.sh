# shellcheck shell=bash
# Batch jobs that run side by side; their output is looked at when all have ended. Sourced by run.
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: as in check.sh

batch() {   # batch NAME SBATCH-ARGUMENT…: stdin is the script; it runs in a directory of its own
    local directory=batch/$1
    shift
    as alice sh -c 'mkdir -p "$1" && cd "$1" && rm -f ./* && cat >script' sh "$directory" </dev/stdin
    (rc=0
    as alice timeout 150 sbatch --wait --chdir="/home/alice/$directory" -o out.%a -e err.%a "$@" \
        "/home/alice/$directory/script" </dev/null >/dev/null 2>"$tmp/sbatch" || rc=$?
    as alice sh -c 'cat >"$1/sbatch"' sh "$directory" <"$tmp/sbatch"
    echo "$rc" | as alice sh -c 'cat >"$1/rc"' sh "$directory") &
}
result() {   # result NAME: sets rc, out, err, as capture does
    rc=$(as alice cat "batch/$1/rc")
    out=$(as alice sh -c 'cat "batch/$1"/out.*' sh "$1")
    as alice sh -c 'cat "batch/$1"/err.* "batch/$1/sbatch"' sh "$1" >"$tmp/err.all" || true
    err=$(grep -avE '^(srun|INFO|slurmstepd|sbatch):' "$tmp/err.all") || true
}
