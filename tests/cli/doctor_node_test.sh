#!/bin/bash
# sifctl doctor and node check: a node's configuration, audit log, account, plugstack.conf, and what it enforces.
# shellcheck disable=SC2046,SC2154 # what $(only …) prints are words; doctor.sh sets what is not set here
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/doctor.sh"
echo "revocation: 'off'" >>config.yaml
with_signer

# The configuration
echo "keystroke: x" >>config.yaml
finds 2 problem "sifguard.yaml:4: unknown field 'keystroke'; did you mean 'keystore'*" $(only leftovers)
sed -i '$d' config.yaml
sed -i "s#^keystore: .*#keystore: /elsewhere#" config.yaml
finds 1 warning "launches on this host use the keystore /elsewhere, not the one examined; *" $(only leftovers)
sed -i "s#^keystore: .*#keystore: $STORE#" config.yaml

# The audit log
: >audit.jsonl && chmod 666 audit.jsonl
finds 2 problem "the audit log $WORK/audit.jsonl is writable by group or others; *" $(only audit-log)
rm audit.jsonl && mkdir audit.jsonl
finds 2 problem "the audit log $WORK/audit.jsonl cannot be written; *" $(only audit-log)
rmdir audit.jsonl && sed -i "s#^audit_file: .*#audit_file: $WORK/none/audit.jsonl#" config.yaml
finds 2 problem "cannot open $WORK/none: No such file*" $(only audit-log)

# The account
echo "verifier_user: no-such-user" >>config.yaml
finds 2 problem "there is no account 'no-such-user'; useradd *" $(only account)
sed -i '$d' config.yaml && echo "verifier_user: daemon" >>config.yaml
examine 0 $(only account)

# plugstack.conf
plug=(--plugstack "$WORK/plugstack.conf")
finds 2 problem "cannot open $WORK/plugstack.conf: No such file*" "${plug[@]}" $(only plugstack)
mkdir plug.d
printf '%s\n' '# a comment' 'required other.so' 'include plug.d/*.conf' >plugstack.conf
finds 2 problem "neither $WORK/plugstack.conf nor what it includes loads the plugin; *" "${plug[@]}" $(only plugstack)
echo "#required $WORK/spank_sifguard.so" >plug.d/sifguard.conf
finds 2 problem "neither *" "${plug[@]}" $(only plugstack)
echo "required $WORK/spank_sifguard.so config=$WORK/config.yaml # here" >plug.d/sifguard.conf
finds 2 problem "cannot open $WORK/spank_sifguard.so: No such file*" "${plug[@]}" $(only plugstack)
version=$("$SIFCTL" --version | cut -d' ' -f2)
printf 'ELF\0sifguard-plugin-version=%s\0rest' "$version" >spank_sifguard.so
examine 0 "${plug[@]}" $(only plugstack)
sed -i 's/required/optional/' plug.d/sifguard.conf
finds 2 problem "the plugin is optional: *; write required instead of optional" "${plug[@]}" $(only plugstack)
echo "required $WORK/spank_sifguard.so" >plug.d/sifguard.conf
finds 1 warning "the plugin uses the configuration /etc/sifguard/sifguard.yaml, not the one examined; *" "${plug[@]}" $(only plugstack)
# The second file, for what depends on a job's account, partition, QOS or reservation
both=(--plugstack "$WORK/both.conf")
first="required $WORK/spank_sifguard.so config=$WORK/config.yaml"
second="required $WORK/spank_sifguard_job.so"
printf '%s\n' "$first" "$second" >both.conf
examine 2 "${both[@]}" $(only plugstack)
says "cannot open $WORK/spank_sifguard_job.so: No such file"
cp spank_sifguard.so spank_sifguard_job.so
finds 1 warning "nothing depends on what spank_sifguard_job.so writes down, and slurmd starts two processes more for every job; take its line out*" "${both[@]}" $(only plugstack)
accept image bind part --match "$WORK/part.sif" --signer "$spki" --everyone --allow-partition secure
examine 0 "${both[@]}" $(only plugstack)
echo "$first" >both.conf
finds 1 warning "binding 'part' depends on a job's account, partition, QOS or reservation, and spank_sifguard_job.so, which writes them down, is not loaded: for each step squeue asks *; add the line: required /PATH/spank_sifguard_job.so, and restart slurmd" "${both[@]}" $(only plugstack)
accept image unbind part
examine 0 "${both[@]}" $(only plugstack)
cp config.yaml kept.yaml && echo 'enforce: {partitions: [secure]}' >>config.yaml
finds 1 warning "'enforce' depends on a job's account, *" "${both[@]}" $(only plugstack)
echo "$second" >>both.conf
examine 0 "${both[@]}" $(only plugstack)
cp kept.yaml config.yaml
echo "$second" >both.conf
finds 2 problem "neither $WORK/both.conf nor what it includes loads the plugin; *" "${both[@]}" $(only plugstack)
rm both.conf spank_sifguard_job.so

echo 'include *.conf' >plug.d/sifguard.conf
finds 2 problem "* is included too deep; *" "${plug[@]}" $(only plugstack)

for word in enforc Enforce enforce=yes verbose helper=here state=; do
  echo "required $WORK/spank_sifguard.so config=$WORK/config.yaml $word" >plug.d/sifguard.conf
  finds 2 problem "the plugin does not know the argument '$word'; write enforce, helper=/PATH, *" "${plug[@]}" $(only plugstack)
done
echo "required $WORK/spank_sifguard.so config=$WORK/config.yaml enforce state=$WORK/state" >plug.d/sifguard.conf
examine 0 "${plug[@]}" $(only plugstack)

# What is enforced: nobody says otherwise, and users cannot trace their way out
cp config.yaml kept.yaml
enforcing() {   # enforcing ARGUMENTS CONFIGURATION-LINE…
  echo "required $WORK/spank_sifguard.so config=$WORK/config.yaml state=$WORK/state $1" >plug.d/sifguard.conf
  cp kept.yaml config.yaml
  shift
  printf '%s\n' "$@" >>config.yaml
}
enforcing '' 'Enforce: always'
finds 2 problem "unknown field 'Enforce'; *no images are enforced on this host, until then" "${plug[@]}" $(only enforcement)
enforcing enforce 'Enforce: always'
finds 2 problem "unknown field 'Enforce'; *every step on this host refuses until then" "${plug[@]}" $(only enforcement)
enforcing '' 'enforce: requested'
examine 0 "${plug[@]}" $(only enforcement)
enforcing enforce 'enforce: requested'
finds 2 problem "sifguard.yaml says 'enforce: requested', plugstack.conf says 'enforce': every step on this host refuses; *" "${plug[@]}" $(only enforcement)
if [ "$(id -u)" = 0 ]; then
  if ! grep -qs '[1-3]' /proc/sys/kernel/yama/ptrace_scope; then
    printf '\177ELF' >runtime && chmod 755 runtime
    enforcing enforce 'enforce: always' "runtime: $WORK/runtime"
    examine 2 "${plug[@]}" $(only enforcement)
    says "users can trace what starts them: "
    says "chmod 0711 these, or sysctl kernel.yama.ptrace_scope=1; the steps that are enforced refuse until then"
    slurm_has() {  # NODES PARTITIONS: what sinfo answers
      printf '%s\n' '#!/bin/sh' 'echo "$*" >>'"$WORK/asked" "case \$* in *--Node*) printf '$1' ;; *) printf '$2' ;; esac" >sinfo
      chmod 755 sinfo
    }
    slurm_has 'n1 main\nn1 secure\nn2 secure\nn3 secure\nn3 main\n' 'main\nsecure\n'
    enforcing enforce 'enforce: {partitions: [secure]}' "squeue: $WORK/squeue"
    examine 2 "${plug[@]}" $(only enforcement)
    says "node n1, and 1 more, is in partition secure, which enforces images, and in main, which does not: "
    check test "$(cat asked)" = $'--noheader --all --format=%R\n--noheader --all --Node --format=%N %R'
    check bash -c "! grep -q 'which Slurm does not have' '$OUT'"
    slurm_has 'n1 secure\nn2 main\n' 'secure\nmain\n'
    sifctl doctor --config "$WORK/config.yaml" "${plug[@]}" $(only enforcement)
    check bash -c "! grep -q 'which enforces images' '$OUT'"
    enforcing enforce 'enforce: {partitions: [Secure, main]}' "squeue: $WORK/squeue"
    examine 2 "${plug[@]}" $(only enforcement)
    says "'enforce' names partition Secure, which Slurm does not have; write it as 'sinfo"
    enforcing enforce 'enforce: {partitions: [Secure, secrue]}' "squeue: $WORK/squeue"
    examine 2 "${plug[@]}" $(only enforcement)
    says "'enforce' names partition Secure, which Slurm does not have: no step of this host is enforced"
    says "'enforce' names partition secrue, which Slurm does not have: no step of this host is enforced"
    rm sinfo
    examine 2 "${plug[@]}" $(only enforcement)
    says "whether Slurm has the partitions that enforce images is not known"
    says "whether other partitions share nodes with those that enforce is not known"
    rm runtime
  fi
  enforcing '' 'enforce: always' "runtime: $WORK/none"
  examine 2 "${plug[@]}" $(only enforcement)
  says "nothing but this file says yet that this host enforces images"
  mkdir state && : >"state/enforcement.$(uname -n)"
  examine 2 "${plug[@]}" $(only enforcement)
  says "what this host remembers of sifguard.yaml, in $WORK/state/enforcement.*, is damaged"
  enforcing ''
  : >config.yaml
  examine 2 "${plug[@]}" $(only enforcement)
  says "problem   enforcement    the node's configuration is gone or empty, and it enforced images before: every step on this host refuses"
  enforcing '' 'Enforce: always'
  finds 2 problem "unknown field 'Enforce'; *every step on this host refuses until then" "${plug[@]}" $(only enforcement)
  rm -r state
else
  echo "SKIPPED, NOT TESTED: what a host remembers, and tracing (needs root)"
fi
cp kept.yaml config.yaml

# node check
accept node check config.yaml && says "$WORK/config.yaml: no step must name an image (the file does not say 'enforce')"
: >silent.yaml
accept node check silent.yaml && says "$WORK/silent.yaml: no step must name an image (the file is empty: a node that enforced images before refuses every step with it)"
echo 'enforce: {partitions: [a, b]}' >enforcing.yaml
accept node check enforcing.yaml && says "every step must name an image in a, b"
accept node check enforcing.yaml --json && says '"enforce": "partitions"'
echo 'enforce: {partitions: ["secure*"]}' >enforcing.yaml
refuse 78 "sifguard.yaml:1: enforce: partitions: not a partition's name: 'secure*' (*); patterns*" node check enforcing.yaml
echo 'enforce: always' >enforcing.yaml
accept node check "$WORK/enforcing.yaml" && says "every step must name an image"
accept node check "$WORK/none.yaml" && says "is absent, so the defaults count"
echo 'Enforce: always' >enforcing.yaml
refuse 78 "sifguard.yaml:1: unknown field 'Enforce' (*); did you mean 'enforce'*" node check enforcing.yaml
ln -sf /nonexistent linked.yaml
refuse 78 "$WORK/linked.yaml is a symbolic link (*); *" node check linked.yaml
