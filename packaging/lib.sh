# shellcheck shell=bash
# What building packages of any kind begins with: options, version, the one time, and the tree's files. Sourced by
# packaging/deb, rpm and release. No privilege.
tree=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/..")

# packaging_options ARGUMENT…: sets out, build and version.
packaging_options() {
    out=$tree/build/packages build='' version=''
    while (($#)); do
        case $1 in
            --out | --build | --version) printf -v "${1#--}" %s "${2:?$1 needs a value}"; shift ;;
            -h | --help) sed -n '2,6s/^# *//p' "$0"; exit 0 ;;
            *) echo "${0##*/}: unknown argument '$1' (see --help)" >&2; exit 64 ;;
        esac
        shift
    done
    [[ $version ]] || version=$(sed -nE 's/^project\(sifguard VERSION ([0-9.]+).*/\1/p' "$tree/CMakeLists.txt")
    mkdir -p "$out"
    out=$(readlink -f "$out")
    [[ ! $build ]] || build=$(readlink -f "$build")
}

in_tree() { git -c safe.directory='*' -C "$tree" "$@"; }

# Two builds of one commit are the same bytes: its time is the only one that they have.
set_time() {
    [[ ${SOURCE_DATE_EPOCH:-} ]] ||
        SOURCE_DATE_EPOCH=$(in_tree log -1 --format=%ct 2>/dev/null || stat -c %Y "$tree/CMakeLists.txt")
    export SOURCE_DATE_EPOCH
}

# source_archive FILE: the tree's files as a tar archive of the directory sifguard-VERSION, the same bytes each time.
source_archive() {
    in_tree ls-files -z | tar -C "$tree" --null --verbatim-files-from -T - --sort=name --owner=0 --group=0 \
        --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --transform "s,^,sifguard-$version/,S" -cf - | gzip -9n >"$1"
}
