# shellcheck shell=bash
# What every refusal must look like. Sourced by run.
# shellcheck disable=SC2154  # rc, err, tmp: set by check.sh and run

code_word() {   # the audit log's word for an exit status
    case $1 in
        64) echo usage ;; 65) echo refused ;; 66) echo no_input ;; 69) echo unavailable ;; 70) echo internal ;;
        75) echo temporary ;; 77) echo denied ;; 78) echo config ;;
    esac
}

node_state() { at "$1" /src/tests/cluster/lib/node-state.sh; }
state_of() {   # state_of WORD STATE: what the lines of STATE that begin with WORD say
    local line
    while IFS= read -r line; do [[ $line != "$1 "* ]] || echo "${line#"$1 "}"; done <<<"$2"
}

# before [NODE]: remembers the node's state, to be compared by refused.
before() { watched=${1:-node1}; state_before=$(node_state "$watched"); }

refusal_line() {   # one line for the user, and the right one; prints what is wrong
    local regex=$1 told
    told=$(but_for_delays <<<"$err")   # a refusal may begin with "copying the image" or "unlocking …", too
    [[ $told == "sifguard: "* ]] || echo "stderr does not start with 'sifguard: '"
    (($(grep -c . <<<"$told") == 1)) || echo "stderr is not one line"
    [[ $err =~ $regex ]] || echo "stderr lacks: $regex"
}

audit_line() {   # audit_line CODE: of state_after
    local last before_count count
    last=$(state_of last "$state_after")
    before_count=$(state_of audit "$state_before") count=$(state_of audit "$state_after")
    ((count > before_count)) || { echo "no new audit record on $watched"; return; }
    [[ $last == *'"decision":"refuse"'* && $last == *"\"code\":\"$(code_word "$1")\""* && $last == *'"uid":'* ]] ||
        echo "audit record: $last"
}

# Sets state_after, once Slurm has ended all that it ends and the nodes are idle ("plnd" is idle, with plans).
settle() {
    local i slurm
    for ((i = 0; i < 40; i++)); do
        state_after=$(node_state "$watched")
        slurm=$(state_of slurm "$state_after")
        [[ ! $slurm =~ ^(idle|plnd)(\ plnd)?$ || -n $(state_of left "$state_after") ]] || return 0
        sleep 0.1
    done
    return 1
}

leftovers() {   # what settle waited for in vain, and what is new in the cache
    ((settled == 0)) || echo "nodes: $(state_of slurm "$state_after"); left on $watched: $(state_of left "$state_after")"
    [[ $(state_of entry "$state_after") == "$(state_of entry "$state_before")" ]] ||
        echo "cache entries changed: $(state_of entry "$state_after")"
}
# nothing_left: after before and a launch; prints what is.
nothing_left() {
    settled=0
    settle || settled=1
    leftovers
}

# refused WHAT CODE REGEX [no-audit]: the last capture, after before. REGEX is looked for in the user's line.
refused() {
    local what=$1 code=$2 regex=$3 audit=${4:-}
    local problems
    settled=0
    settle || settled=1
    problems=$(
        [[ $rc == "$code" ]] || echo "exit status $rc, not $code"
        [[ -z $out ]] || echo "there is output: $out"
        refusal_line "$regex"
        [[ -n $audit ]] || audit_line "$code"
        leftovers
    )
    if [[ -z $problems ]]; then ok "$what"; else bad "$what" "$problems" "stderr:" "$(cat "$tmp/err.all")"; fi
}

# refuse WHAT CODE REGEX USER SRUN-ARGUMENT…: launches on node1 and expects a refusal.
refuse() {
    local what=$1 code=$2 regex=$3 user=$4
    shift 4
    before node1
    launch "$user" -w node1 "$@"
    refused "$what" "$code" "$regex"
}
