#!/bin/bash
# sifguard-plugstack: what it says of a plugin stack, and what it makes of one. tests/packages/run has the real Slurm.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFGUARD-PLUGSTACK}"
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
export SIFGUARD_PLUGIN_DIR=$WORK/plugins
mkdir plugins slurm slurm/parts && : >plugins/spank_sifguard.so && : >plugins/spank_sifguard_job.so && : >slurm/slurm.conf
conf=(--slurm-conf "$WORK/slurm/slurm.conf")
stack=$WORK/slurm/plugstack.conf
main="spank_sifguard.so is loaded by $stack"
job="spank_sifguard_job.so is loaded by $stack"
nothing="is not loaded: no line of $stack or what it includes names it"

# state STATUS LINE…: what status says, all of it.
state() {
  local want=$1
  shift
  checks=$((checks + 1))
  sifctl status "${conf[@]}"
  local status=$?
  [ "$status" = "$want" ] || wrong "status ended with $status, not $want"
  [ "$(cat "$OUT")" = "$(printf '%s\n' "$@")" ] || wrong "status should say: $*"
}
loaded_by() { printf '%s\n' "$@" >"$stack"; } # LINE…

refuse 64 "unknown argument 'what' *" what
refuse 64 "one of on, off and status, please" on off
refuse 64 "--job-facts goes with on" status --job-facts
refuse 64 "--slurm-conf wants an absolute path, *" status --slurm-conf slurm.conf

# Each line counts for its own plugin alone.
state 3 "spank_sifguard.so $nothing" "spank_sifguard_job.so $nothing"
loaded_by 'required /x/spank_sifguard_job.so'
state 3 "spank_sifguard.so $nothing" "$job"
loaded_by 'required /x/spank_sifguard.so'
state 0 "$main" "spank_sifguard_job.so $nothing"
loaded_by 'optional spank_sifguard_job.so a=b' 'required /x/spank_sifguard.so # ours'
state 0 "$main" "$job"
loaded_by '#required /x/spank_sifguard.so' 'required /x/spank_sifguard.so.old' 'required /x/myspank_sifguard.so' \
  'required /x/other.so # spank_sifguard_job.so'
state 3 "spank_sifguard.so $nothing" "spank_sifguard_job.so $nothing"
loaded_by "include $WORK/slurm/parts/*"
echo 'required /x/spank_sifguard_job.so' >slurm/parts/job.conf
state 3 "spank_sifguard.so $nothing" "spank_sifguard_job.so is loaded by $WORK/slurm/parts/job.conf"

# On and off see both.
: >"$stack"
rm slurm/parts/job.conf plugins/spank_sifguard_job.so
accept on "${conf[@]}"
refuse 66 "$WORK/plugins/spank_sifguard_job.so is not there; *" on --job-facts "${conf[@]}"
: >plugins/spank_sifguard_job.so
accept on --job-facts "${conf[@]}"
state 0 "spank_sifguard.so is loaded by $WORK/slurm/plugstack.conf.d/sifguard.conf" \
  "spank_sifguard_job.so is loaded by $WORK/slurm/plugstack.conf.d/sifguard_job.conf"
works off "${conf[@]}"
state 3 "spank_sifguard.so $nothing" "spank_sifguard_job.so $nothing"
