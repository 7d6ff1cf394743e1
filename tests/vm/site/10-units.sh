# shellcheck shell=bash
# shellcheck disable=SC2154  # address and what else: of site.sh
# The packages, installed under a running systemd, and their units. Sourced by site.sh.
tar -x -C / -f /out/state.tar
check "the packages are installed" dpkg -i /out/packages/*.deb
systemctl daemon-reload
check "none of their units runs unasked" is "$(systemctl list-units --plain --no-legend 'sifguard-*')" ""
ip link set lo up
busybox httpd -p 127.0.0.1:8080 -h /apps/www

ends_well() {   # ends_well NAME: of one that a condition keeps from starting systemctl says the same
    check "sifguard-$1.service ends well" systemctl start "sifguard-$1"
    check "and was not skipped" has "$(journalctl -q -o cat -u "sifguard-$1")" 'Finished'
}
systemctl start sifguard-ocsp || true
answered() { local i; for ((i = 0; i < 50; i++)); do ! asked >/dev/null || return 0; sleep 0.5; done; asked; }
asked() {
    openssl ocsp -issuer /apps/site/root.pem -cert /apps/site/carol.pem -url http://127.0.0.1:2560/ -CAfile /apps/site/root.pem 2>&1 |
        tee "$tmp/asked" | grep ': good' || { cat "$tmp/asked"; return 1; }
}
check "sifguard-ocsp.service answers" answered
check "and runs" is "$(systemctl is-active sifguard-ocsp)" active
account=$(id -u sifguard-ocsp)
check "what clients reach is the no-login account's" grep -qx "$account" <<<"$(ps -o uid= --ppid "$(systemctl show -P MainPID sifguard-ocsp)" | tr -d ' ')"
ends_well fetch
check "and has fetched list and answer" has "$(journalctl -q -o cat -u sifguard-fetch)" 'crl|list'
ends_well crl
check "its list can be read by a web server" setpriv --reuid=65534 --regid=65534 --clear-groups head -c 1 /var/lib/sifguard-crl/crl.pem
ends_well reap
(umask 077; echo "a password of the site's" >/etc/sifguard/backup.password)
ends_well backup
check "the backup is root's alone" is "$(stat -c '%U %a' /var/lib/sifguard-backup /var/lib/sifguard-backup/keystore.backup | xargs)" "root 700 root 600"
# Whatever doctor says of a node without Slurm: that it could look, and in which unit.
systemctl start sifguard-doctor || true
check "sifguard-doctor.service says what it found" has "$(journalctl -q -o cat -u sifguard-doctor)" 'runtime|programs|permissions|problem|warning|ok'
mapfile -t waiting < <(cd /usr/lib/systemd/system && ls sifguard-*.timer sifguard-*.path)
mapfile -t services < <(cd /usr/lib/systemd/system && ls sifguard-*.service)
for timer in "${waiting[@]}"; do
    check "$timer starts" systemctl start "$timer"
done
check "all of them wait" is "$(systemctl is-active "${waiting[@]}" | sort -u)" active
mkdir -p /var/spool/sifguard
echo "no bundle" >/var/spool/sifguard/new
mv /var/spool/sifguard/new /var/spool/sifguard/cluster.bundle
carried() { local i; for ((i = 0; i < 50; i++)); do [[ $(systemctl show -P Result sifguard-bundle) == success ]] || return 0; sleep 0.5; done; return 1; }
check "sifguard-bundle.path has what was carried here taken, which is no bundle" carried
rm /var/spool/sifguard/cluster.bundle
systemctl stop "${waiting[@]}" sifguard-ocsp
for unit in "${services[@]}"; do
    score=$(systemd-analyze security --no-pager "$unit" | tail -n 1)
    echo "      ${score#*→ }"
done
check "no other has failed" is "$(systemctl list-units --plain --no-legend --failed 'sifguard-*' | grep -vE 'sifguard-(doctor|bundle)')" ""
