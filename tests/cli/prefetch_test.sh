#!/bin/bash
# sifctl image prefetch as a script calls it, with a stand-in for srun: what srun gets, and what stays the caller's.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
accept init
mkdir bin
cat >bin/srun <<'EOF'
#!/bin/sh
cat >>"${0%/bin/srun}/eaten"
echo "${0##*/} $*" >>"${0%/bin/srun}/started"
[ ! -e "${0%/bin/srun}/talks" ] || echo "what srun says"
[ ! -e "${0%/bin/srun}/status" ] || exit "$(cat "${0%/bin/srun}/status")"
EOF
chmod 755 bin/srun
printf 'squeue: %s/bin/squeue\n' "$WORK" >config
# The list that a loop reads is the loop's: srun would give it to its tasks.
printf '/apps/%s.sif\n' a b c >list
while read -r image; do
  checks=$((checks + 1))
  "$SIFCTL" --keystore "$STORE" image prefetch "$image" --nodes n1 --config "$WORK/config" >"$OUT" 2>"$ERR" || wrong "prefetch of $image failed"
done <list
check test "$(wc -l <started)" = 3
check grep -q -- '--nodelist=n1 .*/apps/c.sif$' started
check test ! -s eaten
# What srun says does not come into the answer.
: >talks
checks=$((checks + 1))
sifctl image prefetch /apps/a.sif --nodes n1 --config "$WORK/config" --json || wrong "prefetch --json failed"
valid prefetch
checks=$((checks + 1))
grep -qx 'what srun says' "$ERR" || wrong 'what srun says is lost'
rm talks
# A status of ours that a node ended with is ours.
for status in 65 78; do
  echo $status >status
  refuse $status "not every node of n1 has the image: srun ended with status $status; *" image prefetch /apps/a.sif --nodes n1 --config "$WORK/config"
done
echo 1 >status
refuse 69 "not every node of n1 has the image: srun ended with status 1; *" image prefetch /apps/a.sif --nodes n1 --config "$WORK/config"
