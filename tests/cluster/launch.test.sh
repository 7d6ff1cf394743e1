# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Verified images run, and behave as if the task had been started plainly. Sourced by run.

launch alice -N2 --sif-verify="$encrypted" cat /etc/os-release
ran "srun -N2 runs an encrypted image on both nodes" out='PRETTY_NAME="image good"
PRETTY_NAME="image good"'
launch alice -N2 --sif-verify="$plain" cat /marker
ran "an image without encryption, bound without a key" out='good
good'
launch bob -N2 -n6 --sif-verify="$encrypted" sh -c 'echo $SLURM_PROCID $(cat /marker)'
out=$(sort <<<"$out")
ran "several tasks a node" out='0 good
1 good
2 good
3 good
4 good
5 good'
launch alice --sif-verify="$made/secure/link.sif" cat /marker
ran "a symbolic link to the image" out=good

launch alice --sif-verify="$encrypted" sh -c 'id -u; id -g; pwd; echo $SLURM_JOB_UID; echo $HOME'
ran "user, directory and environment of the job" out='1001
1001
/home/alice
1001
/home/alice'
launch alice --sif-verify="$encrypted" sh -c 'exit 42'
ran "an exit status" rc=42
launch alice -n2 --sif-verify="$encrypted" sh -c 'exit $((SLURM_PROCID * 7))'
ran "the exit status of one task of two" rc=7
launch alice --sif-verify="$encrypted" no-such-command
ran "a command that the image lacks" rc=127 err~"^sifguard: there is no command 'no-such-command' in the image"
check "is told in one line" is "$(grep -c . <<<"$err")" 1
as alice sh -c 'mkdir -p start; cd start; printf "%s\n" "#!/none/bash" "echo hi" >script; echo "echo plainly" >plainly; chmod +x *; cp /bin/ls ls; echo x >data'
undo as alice rm -rf start
launch alice --sif-verify="$encrypted" start/script
ran "a script whose interpreter it lacks" rc=126 err~'^sifguard: start/script needs /none/bash, which is not in the image$'
launch alice --sif-verify="$encrypted" start/ls
ran "a program whose loader it lacks" rc=126 err~'^sifguard: start/ls needs /lib64/ld-linux-x86-64.so.2, which is not in the image$'
launch alice --sif-verify="$encrypted" start/data
ran "what must not be executed" rc=126 err~'^sifguard: start/data cannot be run: Permission denied$'
launch alice --sif-verify="$encrypted" start/plainly
ran "a script without a first line is the shell's" out=plainly
launch alice --sif-verify="$encrypted" sh -c 'ls -l /proc/$$/fd | grep -c sifguard'
ran "nothing of ours is left open for it" rc=1 out=0
launch alice --sif-verify="$encrypted" sh -c 'kill -TERM $$'
ran "the end by a signal" rc=143
launch alice --sif-verify="$encrypted" printf '[%s]' 'a b' '' '*' '$HOME' '--help' $'two\nlines'
ran "arguments stay as they are" out='[a b][][*][$HOME][--help][two
lines]'

numbers=$(seq 20000 | sha256sum)
seen=$(seq 20000 | as alice srun --sif-verify="$encrypted" cat 2>"$tmp/err.all" | sha256sum)
check "stdin and stdout" is "$seen" "$numbers"
launch alice --sif-verify="$encrypted" sh -c 'echo to-out; echo to-err >&2'
ran "stderr is apart" out=to-out err~'to-err'

launch alice --sif-verify="$encrypted" sh -c 'trap "echo caught; exit 3" USR1; kill -USR1 $$; sleep 1'
ran "a signal that the program handles" rc=3 out=caught
before node1
as alice rm -f started
(for ((i = 0; i < 200; i++)); do ! as alice test -e started || break; sleep 0.1; done; as alice scancel --name=endless) </dev/null &
launch alice -w node1 -J endless --sif-verify="$encrypted" sh -c 'touch started; while :; do sleep 1; done'
check "scancel ends a step" test "$rc" -gt 128
check "and leaves nothing on the node" is "$(nothing_left)" ""

launch alice --chdir="$made/secure" --sif-verify=lolcow.sif cat /marker
ran "a path relative to --chdir" out=good
launch alice --chdir="$made/tools" --sif-verify=../secure/../secure/./lolcow.sif cat /marker
ran "a path with .. in it" out=good
as alice sh -c "cp $encrypted secure.sif && chmod 0600 secure.sif"
launch alice --sif-verify=secure.sif cat /marker
ran "an image that only its owner can read, in a home that only its owner can enter" out=good
as alice sh -c "mkdir -p tools && cp $plain 'tools/two words.sif'"
launch alice --sif-verify='tools/two words.sif' cat /marker
ran "a blank in the image's name" out=good
launch alice --sif-verify=/etc/nothing --sif-verify="$encrypted" cat /marker
ran "the last --sif-verify wins" out=good

launch alice --sif-verify="$plain" true
ran "nothing of sifguard on stderr" err~'^([^s]|s[^i]|si[^f]|$)'
check "and no notices of the runtime" lacks "$err" 'INFO:'
launch alice --sif-quiet --sif-verify="$encrypted" true
check "--sif-quiet: not a word" is "$rc $err" "0 "

entries() { at node1 sh -c 'stat -c "%i %n" /var/cache/sifguard/entries/*/image.sif'; }
entries_before=$(entries)
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "a warm launch" out=good
check "it made no new copy" is "$(entries)" "$entries_before"
identities() { at node1 sh -c 'tr -d "\0" </var/cache/sifguard/index/files | sha256sum'; }
none=$(sha256sum </dev/null)
at node1 sh -c 'rm -rf /var/cache/sifguard/index/*'
launch alice -w node1 --sif-verify="$encrypted" true
remembered=$(identities)
check "the file's identity is remembered" test "$remembered" != "$none"
launch alice -w node1 --sif-verify="$encrypted" true
check "and known the next time" is "$(identities)" "$remembered"
launch bob -w node1 --sif-verify="$encrypted" cat /marker
ran "another user's launch of the same image" out=good
check "it made no new copy either" is "$(entries)" "$entries_before"
capture as alice bash -c "for i in 1 2 3 4 5 6; do srun --sif-verify=$encrypted cat /marker & done; wait"
ran "several jobs at once" out='good
good
good
good
good
good'

cold() {   # two users at once, and nothing in the cache
    local user count
    at node1 sh -c 'rm -rf /var/cache/sifguard/entries/* /var/cache/sifguard/index/*'
    for user in alice bob; do
        as "$user" bash -c "for i in 1 2; do srun -w node1 --sif-verify=$encrypted cat /marker & done; wait" </dev/null >"$tmp/cold.$user" 2>"$tmp/cold.err" &
    done
    wait
    count=$(cat "$tmp"/cold.alice "$tmp"/cold.bob | grep -cx good)
    is "$count" 4 || cat "$tmp/cold.err"
}
check "two users at once, with nothing in the cache" cold

before node1
launch alice -w node1 --sif-verify="$encrypted" sh -c 'cat /marker; ls /run/sifguard /var/lib/sifguard 2>/dev/null; true'
ran "nothing of sifguard inside the container" out=good
check "nothing is left on the node after a launch" is "$(nothing_left)" ""
last=$(state_of last "$(node_state node1)")
fields() {
    local each
    for each in '"event":"started"' '"decision":"allow"' '"user":"alice"' '"uid":1001' '"node":"node1"' \
        "\"image\":\"$encrypted\"" '"digest":"sha256:' "\"signers\":[\"$(fingerprint_of carol)\"]" '"key_id":"' \
        '"job":' '"step":0' '"duration_ms":' '"time":"20'; do
        [[ $last == *"$each"* ]] || { echo "the record lacks $each: $last"; return 1; }
    done
}
check "the audit record says who, what, where and under which key" fields
intent() { at node1 tail -n 2 /var/log/sifguard/audit.jsonl | head -n 1 | grep -q '"event":"intent"'; }
check "an intent was recorded before" intent
