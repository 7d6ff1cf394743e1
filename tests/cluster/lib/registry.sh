# shellcheck shell=bash
# A real registry (docker-registry) on ctl, until the test's end. Sourced by run.
# shellcheck disable=SC2016  # what stands in single quotes expands in the box
registry=/root/registry
start_registry() {   # start_registry PORT YAML-LINE…
    local port=$1
    shift
    ctl bash -c 'mkdir -p "$1"; cd "$1"; port=$2; shift 2
        { printf "version: 0.1\nlog: {level: warn}\nstorage: {filesystem: {rootdirectory: /root/registry/$port}}\n"
          printf "http: {addr: 0.0.0.0:$port}\n"; [ $# = 0 ] || printf "%s\n" "$@"; } >"$port.yml"
        setsid docker-registry serve "$port.yml" >"$port.log" 2>&1 </dev/null & echo $! >"$port.pid"
        for i in $(seq 600); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && exit 0; sleep 0.1; done
        cat "$port.log" >&2; exit 1' bash "$registry" "$port" "$@"
    undo ctl sh -c 'kill "$(cat "$1/$2.pid")"; rm -rf "$1/$2" "$1/$2".*' sh "$registry" "$port"
}
