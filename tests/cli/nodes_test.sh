#!/bin/bash
# sifctl nodes, with stand-ins for Slurm's programs: what is asked of whom, and what is made of good, bad and missing
# answers. On a real Slurm: tests/cluster/nodes-status.test.sh.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
accept init
mkdir bin answers
cat >bin/sinfo <<'EOS'
#!/bin/sh
cat "${0%/bin/sinfo}/nodes"
EOS
cat >bin/scontrol <<'EOS'
#!/bin/sh
cut -d'|' -f1 "${0%/bin/scontrol}/nodes"; echo stranger
EOS
cat >bin/srun <<'EOS'
#!/bin/sh
cd "${0%/bin/srun}" || exit 1
echo "$*" >>started
node=${2#--nodelist=}
sed "s/\"time\": [0-9]*/\"time\": $(date +%s)/" "answers/$node"
[ ! -e "answers/$node.fails" ] || { echo "srun: error: $node: launch failed" >&2; exit 1; }
EOS
chmod 755 bin/*
printf 'squeue: %s/bin/squeue\n' "$WORK" >config
answer() { # NODE FINDING…
  local node=$1
  shift
  printf '{"schema": "sifguard.node-status/1", "node": "%s", "time": %s, "slurm": "24.11.5"}\n' "$node" "$(date +%s)"
  printf '{\n  "schema": "sifguard.examination/1",\n  "version": "0.1.0",\n  "findings": [%s]\n}\n' "$*"
  printf '{\n  "schema": "sifguard.node/1",\n  "imported_serial": 1796083290\n}\n'
  printf '{\n  "schema": "sifguard.trust-list/1",\n  "items": []\n}\n'
  printf '{\n  "schema": "sifguard.cache/1",\n  "entries": 1,\n  "bytes": 1,\n  "max_bytes": 4\n}\nend\n'
}
found() { printf '{"severity": "%s", "check": "%s", "what": "%s", "remedy": "mend it"}' "$@"; }
ends() { # STATUS ARGUMENTS…
  local want=$1 status=0
  shift
  checks=$((checks + 1))
  sifctl "$@" || status=$?
  [ "$status" = "$want" ] || wrong "sifctl $* ended with $status, not $want"
  [ ! -s "$ERR" ] || wrong "sifctl $* wrote to stderr"
}

# All is well; each is asked once, however many partitions it is in.
printf 'n1|idle\nn2|mixed\nn1|idle\n' >nodes
answer n1 >answers/n1
answer n2 >answers/n2
ends 0 nodes status --config "$WORK/config"
golden nodes-well
check test "$(wc -l <started)" = 2
check grep -qE -- '--nodelist=n1 --nodes=1 .*--export=NONE .*--immediate=30 .*/sifguard-node-status$' started
ends 0 nodes doctor --config "$WORK/config" --srun=--partition=p --wait 7
says 'all is well on 2 nodes'
check grep -q -- '--immediate=7 --partition=p /' started

# One of each kind of trouble: the others are there all the same.
printf '%s|%s\n' n1 idle n2 idle down 'down*' gone idle half idle noise idle liar idle failed idle silent idle empty drained >nodes
answer n2 "$(found warning keys 'the key is unused'), $(found problem plugstack 'no line')" >answers/n2
answer half | head -n 5 >answers/half
{ printf 'Welcome \033]0;owned\007\n'; answer noise; } >answers/noise
answer n1 >answers/liar
answer failed >answers/failed
: >answers/failed.fails
: >answers/silent
rm -f started
ends 2 nodes status --nodes 'n[1-2],…' --config "$WORK/config"
golden nodes-trouble
check bash -c '! grep -q -e down -e empty -e stranger started'
check bash -c "! grep -q $'\\033' '$OUT'"
ends 2 nodes doctor --nodes x --config "$WORK/config"
golden nodes-doctor
ends 2 nodes status --nodes x --config "$WORK/config" --json
valid fleet
says '"without_answer": 5'
says '"it says that it is '"'n1'"'"'
# Only warnings.
printf 'n2|idle\n' >nodes
answer n2 "$(found warning keys 'the key is unused')" >answers/n2
ends 1 nodes status --config "$WORK/config"

# Saved answers; nobody is asked.
rm -f started answers/failed.fails
ends 2 nodes status --answers answers
says 'half '
check test ! -e started
ends 2 nodes status --answers answers --json
valid fleet
mkdir nothing
refuse 66 'no answers are in nothing*' nodes status --answers nothing
refuse 66 'cannot read missing: *' nodes status --answers missing
refuse 64 '*--nodes*' nodes status --answers answers --nodes n1
refuse 64 '*--at-once*' nodes status --at-once 0
# Slurm's programs that fail, or are missing.
: >nodes
refuse 66 'Slurm names no node; *' nodes status --config "$WORK/config"
printf '#!/bin/sh\necho "slurm_load_node: Unable to contact slurm controller" >&2; exit 1\n' >bin/sinfo
refuse 69 '*Unable to contact slurm controller*' nodes status --config "$WORK/config"
rm bin/sinfo
refuse 69 '*sinfo*' nodes status --config "$WORK/config"
