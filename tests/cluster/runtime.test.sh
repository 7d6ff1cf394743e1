# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Options of the container, their defaults from the environment, and what a binding makes of them. Sourced by run.
image=(-w node1 --sif-verify="$encrypted")

launch alice "${image[@]}" --sif-action=run one 'two words'
ran "--sif-action=run: the runscript gets the arguments" out='[runscript][one][two words]'
launch alice "${image[@]}" --sif-action=run -
ran "--sif-action=run -: it gets none" out='[runscript]'
launch alice "${image[@]}" --sif-action=run - - x
ran "what follows '-' are its arguments" out='[runscript][-][x]'
launch alice "${image[@]}" -
ran "'-' is a command like any other without it" rc=127 err~"no command '-' in the image"
launch alice "${image[@]}" --sif-action=run --sif-action=exec cat /marker
ran "the last --sif-action wins" out=good
launch alice "${image[@]}" --sif-workdir=/data pwd
ran "--sif-workdir" out=/data
launch alice "${image[@]}" --sif-workdir=/none pwd
ran "--sif-workdir that the image lacks" rc=66 out= err~'^sifguard: the working directory /none in the image: No such file'
check "is told in one line" is "$(grep -c . <<<"$err")" 1
launch alice "${image[@]}" --sif-workdir=/data sh -c 'echo $PWD'
ran "PWD follows --sif-workdir" out=/data

launch alice "${image[@]}" --export=ALL,LABEL=host sh -c 'echo $LABEL'
ran "the image's own variable wins over the job's" out=image
launch alice "${image[@]}" --export=ALL,LABEL=host --sif-env=LABEL sh -c 'echo $LABEL'
ran "--sif-env=NAME: the job's wins" out=host
launch alice "${image[@]}" --sif-env='LABEL=a b=c,EMPTY=,NONE' sh -c 'echo "$LABEL ${EMPTY-unset} ${NONE-unset}"'
ran "--sif-env=NAME=VALUE" out='a b=c  unset'
# Values that a shell would read, bytes that are no text: the runtime's shell evaluates what it sets.
value=$'p$HOME"w`id -un`\\x\x27!! $(id) ${X:?} \\\\ \n-= \xff\xfe\r\n\\u000A'
digest=$(printf %s "$value" | md5sum)
odd() { capture as alice env TOKEN="$value" EMPTY= srun "${image[@]}" "$@" </dev/null; }
odd --sif-env=TOKEN sh -c 'printf %s "$TOKEN" | md5sum'
ran "--sif-env=NAME: the value as it is" out="$digest"
odd sh -c 'printf %s "$TOKEN" | md5sum'
ran "a variable of the job's: the same" out="$digest"
odd --sif-env=EMPTY,A='$(id -un)`id -u`\x"' sh -c 'echo "[${EMPTY-unset}]"; printf "[%s]\n" "$A"'
ran "--sif-env=NAME=VALUE: the same" out='[]
[$(id -un)`id -u`\x"]'
odd --sif-action=run --sif-env=TOKEN,LABEL='$X' -
ran "and for the runscript it starts at all" out='[runscript]'
refuse "a variable that the runtime keeps for itself" 64 'HOME: the container runtime sets it itself' alice --sif-verify="$encrypted" --sif-env=HOME=/x true
launch alice "${image[@]}" --export='ALL,LIST=x' --sif-env='LD_PRELOAD=/none.so' sh -c 'echo $LD_PRELOAD'
ran "a variable of the loader, inside alone" out=/none.so
launch alice "${image[@]}" --export=NONE --sif-env=A=1 sh -c 'echo $A'
ran "--sif-env with --export=NONE" out=1

as_at alice node1 sh -c 'echo here >/tmp/of-the-node'
undo as_at alice node1 rm -f /tmp/of-the-node
launch alice "${image[@]}" cat /tmp/of-the-node
ran "the node's /tmp is seen" out=here
launch alice "${image[@]}" --sif-contain sh -c 'ls -A /tmp /home/alice | grep -v "^/"; cat /marker'
ran "--sif-contain: nothing of it, nor of the home" out~$'^\n*good$'
# No GPU here, but programs that the runtime brings along for one.
ctl sh -c 'for name in nvidia-smi rocminfo; do printf "%s\n" "#!/bin/sh" "echo $name" >/usr/local/bin/$name; chmod 0755 /usr/local/bin/$name; done'
undo ctl rm -f /usr/local/bin/nvidia-smi /usr/local/bin/rocminfo
# An execute-only runtime finds no libraries of a GPU (packaging/doc/admin.md).
ctl chmod 0755 /usr/bin/apptainer
undo ctl chmod 0711 /usr/bin/apptainer
launch alice "${image[@]}" --sif-nv sh -c 'nvidia-smi; rocminfo 2>/dev/null'
ran "--sif-nv" rc=127 out=nvidia-smi
launch alice "${image[@]}" --sif-rocm sh -c 'rocminfo; nvidia-smi 2>/dev/null'
ran "--sif-rocm" rc=127 out=rocminfo

launch alice "${image[@]}" --sif-signer="$(fingerprint_of carol)" cat /marker
ran "--sif-signer: one that the binding names" out=good
refuse "--sif-signer: another one" 77 "'secure' does not name signer" alice --sif-verify="$encrypted" --sif-signer="$(fingerprint_of bob)" true

# --- a binding restricts and adds -----------------------------------------------------------------------------------
strict=$made/free/strict.sif
ctl cp "$plain" "$strict"
undo ctl rm -f "$strict"
bound() {   # bound SIFCTL-ARGUMENT…
    ctl sifctl image unbind strict >/dev/null 2>&1 || true
    ctl sifctl image bind strict --match "$strict" --signer "$(fingerprint_of carol)" --everyone "$@" >/dev/null
}
undo ctl sifctl image unbind strict
bound --runtime-allow none --contain
for option in --sif-env=A=1 --sif-nv --sif-rocm --sif-bind=/data; do
    refuse "a binding without ${option%%=*}" 77 "'strict' does not allow ${option%%=*}" alice --sif-verify="$strict" $option true
done
launch alice -w node1 --export=ALL,APPTAINERENV_A=1,SINGULARITYENV_A=2,A=3 --sif-verify="$strict" sh -c 'echo $A'
ran "nor its other names" out=3
launch alice -w node1 --sif-verify="$strict" --sif-workdir=/data --sif-action=exec sh -c 'pwd; cat /tmp/of-the-node'
ran "a binding that contains, and what every user may choose" rc=1 out=/data
bound --runtime-allow env
launch alice -w node1 --export=ALL,APPTAINERENV_A=1 --sif-verify="$strict" --sif-env=B=2 sh -c 'echo $A $B'
ran "a binding with env alone" out='1 2'
refuse "it allows nothing else" 77 "--sif-nv" alice --sif-verify="$strict" --sif-nv true

# --- defaults -------------------------------------------------------------------------------------------------------
with() { capture as alice env "$@" </dev/null; }
with SLURM_SIF_VERIFY="$encrypted" srun cat /marker
ran "SLURM_SIF_VERIFY" out=good
with SLURM_SIF_VERIFY="$encrypted" SLURM_SIF_WORKDIR=/data SLURM_SIF_ENV=LABEL=x SLURM_SIF_CONTAIN=1 SLURM_SIF_QUIET=yes \
    srun --export=NONE sh -c 'pwd; echo $LABEL; ls -A /home/alice; env | grep SPANK_OPTION'
ran "a variable for each option, also with --export=NONE; none stays" rc=1 out='/data
x' silent
with SLURM_SIF_VERIFY="$made/tools/unsigned.sif" SLURM_SIF_WORKDIR=/none srun --sif-verify="$encrypted" --sif-workdir=/data pwd
ran "the command line wins over them" out=/data
with SLURM_SIF_VERIFY= SLURM_SIF_NV=0 srun sh -c 'test ! -e /marker && echo host'
ran "an empty one is none" out=host
with SLURM_SIF_BIND=/data SLURM_SIF_NV=1 srun sh -c 'test ! -e /marker && echo host; env | grep -c SLURM_SPANK__'
ran "they wait for an image in silence, and Slurm's names for them do not stay" rc=1 out='host
0' silent
with SLURM_SIF_VERIFY="$encrypted" SLURM_SIF_NV=perhaps srun true
ran "SLURM_SIF_NV=perhaps" rc=failed out=
with SLURM_SIF_SIGNER=0123 srun --sif-verify="$encrypted" true
ran "a malformed default" rc=failed out=
with SLURM_SIF_VERIFY="$plain" salloc -Q -N1 --sif-verify="$encrypted" sh -c 'srun sh -c "echo \$APPTAINER_CONTAINER"; srun --sif-verify=$SLURM_SIF_VERIFY sh -c "echo \$APPTAINER_CONTAINER"'
ran "salloc's option wins over the default, and srun's over salloc's" out='/run/sifguard/job/image/lolcow.sif
/run/sifguard/job/image/plain.sif'
