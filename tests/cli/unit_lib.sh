# Sourced by tests of systemd units, after lib.sh: what a unit sets, read from its file and the drop-in of all of them, and
# its commands with that alone writable and with the rights that it leaves. UNITS: where they are as they are installed.

# units_can_be_tried KEYSTORE: or the test is skipped.
units_can_be_tried() {
  [ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
  [[ $1 == /var/lib/* ]] || { echo "SKIPPED: the keystore is at $1"; exit 77; }
  unshare -m true 2>/dev/null || { echo "SKIPPED: no mount namespaces here"; exit 77; }
  command -v setpriv >/dev/null || { echo "SKIPPED: needs setpriv"; exit 77; }
}

# set_to KEY UNIT: the values of KEY, a line each.
set_to() {
  sed -n "s/^$1=//p" "$UNITS/$2" "$SANDBOX"
}
SANDBOX=$HERE/../../packaging/systemd/sifguard-.service.d/sandbox.conf

# What setpriv takes as the capabilities that the unit leaves.
bounds_of() {
  local capability bounds=-all
  for capability in $(set_to CapabilityBoundingSet "$1"); do
    capability=${capability#CAP_}
    bounds+=,+${capability,,}
  done
  echo "$bounds"
}

# The directories that the unit may write to.
writable_of() {
  local each
  set_to ReadWritePaths "$1"
  for each in $(set_to LogsDirectory "$1"); do echo "/var/log/$each"; done
  for each in $(set_to StateDirectory "$1"); do echo "/var/lib/$each"; done
}

# The commands of the unit, a line each, of the program under test, with the directories that systemd names.
commands_of() {
  sed -e ':a' -e '/\\$/N; s/\\\n *//; ta' "$UNITS/$1" | sed -n 's/^ExecStart=//p' |
    sed "s,^[^ ]*/sifctl,$SIFCTL,; s,\${STATE_DIRECTORY},/var/lib/$(set_to StateDirectory "$1"),
         s,\${CREDENTIALS_DIRECTORY},/run/credentials,"
}

# in_unit UNIT SETUP [WRITABLE]: with an empty /var and /run runs SETUP, then the unit's commands where only what the unit
# lets (or WRITABLE) can be written, and CHECK, whose output alone is in $OUT.kept. Ends as the last command that was run.
in_unit() {
  rm -f "$OUT.kept"
  # shellcheck disable=SC2016 # it expands in there
  SETUP=$2 WRITABLE=${3-$(writable_of "$1")} COMMANDS=$(commands_of "$1") BOUNDS=$(bounds_of "$1") \
    STATE=$(set_to StateDirectory "$1") KEPT=$OUT.kept SIFCTL=$SIFCTL unshare -m bash -c 'set -e
    mount --make-rprivate /
    for each in /var /run; do mount -t tmpfs -o mode=755 none $each; done
    mkdir -p /var/{lib,log,spool,tmp} /run/credentials && mkdir -m 700 /var/log/sifguard /var/lib/sifguard
    eval "$SETUP"
    for each in $STATE; do mkdir -p "/var/lib/$each"; done
    for each in $WRITABLE; do mount --bind "$each" "$each"; done
    mount -o remount,bind,ro /var && mount -o remount,bind,ro /run
    status=0
    while read -r command; do
      setpriv --bounding-set "$BOUNDS" --no-new-privs $command </dev/null || { status=$?; break; }
    done <<<"$COMMANDS"
    eval "${CHECK:-:}" >"$KEPT"
    cat "$KEPT"
    exit $status' >"$OUT" 2>"$ERR"
}

# ends STATUS UNIT SETUP [WRITABLE]
ends() {
  local status=0
  checks=$((checks + 1))
  in_unit "${@:2}" || status=$?
  [ "$status" = "$1" ] || wrong "$2 ended with $status, not $1: $(tail -n 1 "$ERR")"
}
