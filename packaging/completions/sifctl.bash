# Completion of sifctl for bash; installed as bash-completion/completions/sifctl.
_sifctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local word group='' command='' sub='' skip=no keystore=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ "$skip" = yes ]; then
      keystore=(--keystore "$word")
      skip=no
      continue
    fi
    case $word in
      --keystore) skip=yes ;;
      -*) ;;
      *) if [ -z "$group" ]; then group=$word
         elif [ -z "$command" ]; then command=$word
         elif [ "$group $command" = 'key rule' ] && [ -z "$sub" ]; then sub=$word; fi ;;
    esac
  done
  local words=''
  case $prev in
    --pfx-password-file | --password-file | --file-prefix | --certificate | --policy | --image | --certs | --config | --node | --keystore | --plugstack | --out | --intermediate-out | --audit)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    --key) words=$(sifctl "${keystore[@]}" key list 2>/dev/null | awk 'NR > 1 { print $1 }') ;;
    --signer) words=$(sifctl "${keystore[@]}" signer list 2>/dev/null | awk 'NR > 1 { print $1 }') ;;
    --reason)
      words='unspecified keyCompromise cACompromise affiliationChanged superseded cessationOfOperation
        privilegeWithdrawn aACompromise' ;;
    --user | --allow-user | --deny-user)
      mapfile -t COMPREPLY < <(compgen -u -- "$cur")
      return ;;
    --group | --allow-group | --deny-group)
      mapfile -t COMPREPLY < <(compgen -g -- "$cur")
      return ;;
    --seal) words='file file:/etc/sifguard/store.key systemd-creds systemd-creds:host systemd-creds:tpm2' ;;
    --skip)
      words='permissions store-key expiry signers files keys launches published leftovers plugstack enforcement programs account versions sandbox mounts audit-log break-glass bindings' ;;
    --bits) words='2048 3072 4096' ;;
    --algorithm) words='p-256 p-384 ed25519 rsa3072 rsa4096' ;;
    --state) words='valid expiring expired revoked' ;;
    --authority) words='root intermediate' ;;
    --mode) words='enforce warn' ;;
    --decision) words='allow refuse' ;;
    --only | --binding) words=$(sifctl "${keystore[@]}" image list 2>/dev/null | awk 'NR > 1 { print $1 }') ;;
    --ttl) words='30m 1h 8h 24h' ;;
  esac
  local audience='--allow-user --allow-group --allow-account --allow-partition --allow-qos --allow-reservation
    --allow-node --everyone --deny-user --deny-group'
  local holder='--signer --host --user --subject --san --out --days --force --accept-clock' serials=''
  [ "$group" != ca ] || serials=$(sifctl "${keystore[@]}" ca list 2>/dev/null | awk 'NR > 1 { print $1 }')
  local make='--file-prefix --pfx-password-file --pfx-password-fd --force' keys=''
  [ "$group" != key ] || keys=$(sifctl "${keystore[@]}" key list 2>/dev/null | awk 'NR > 1 { print $1 }')
  local value=$words # of the option before
  [ -n "$value" ] || case "$group $command" in
    ' ') words='init reseal key signer trust ca image policy digest import explain test audit node bundle breakglass doctor backup restore --keystore --json --help --version' ;;
    'init ' | 'reseal ') words='--seal' ;;
    'key ') words='create import list show export-public rule retire suspend resume revoke destroy rotate' ;;
    'signer ') words='add fetch list show retire restore revoke remove' ;;
    'trust ') words='add-root add-intermediate add-crl add-source remove-source sources fetch list remove' ;;
    'trust add-source') words='crl ocsp host proxy' ;;
    'trust remove') words="--dry-run --config --audit $(sifctl "${keystore[@]}" trust list 2>/dev/null | awk 'NR > 1 { print $2 }')" ;;
    'ca ') words='init issue sign-csr renew revoke crl list show expire restore ocsp' ;;
    'ca ocsp') words='serve --listen --hours --accept-clock' ;;
    'ca init') words='--subject --out --intermediate --intermediate-out --algorithm --days --intermediate-days
      --path-length --permit --exclude --crl-url --ocsp-url --pkcs11 --intermediate-pkcs11 --force' ;;
    'ca issue') words="--algorithm --password-file --password-fd $holder" ;;
    'ca sign-csr') words=$holder ;;
    'ca renew') words='--out --new-key --supersede --days --force --algorithm --password-file --password-fd
      --accept-clock' ;;
    'ca revoke') words="--reason --dry-run --yes --config --audit $serials" ;;
    'ca crl') words='--out --days --authority --der --accept-clock' ;;
    'ca list') words='--state --within' ;;
    'ca show') words="--pem $serials" ;;
    'ca expire') words='--older-than --dry-run --accept-clock' ;;
    'ca restore') words='--password-file --password-fd --pkcs11 --intermediate-pkcs11 --fingerprint --yes' ;;
    'image ') words='bind unbind list show prefetch publish unpublish published' ;;
    'key create') words="--bits $make" ;;
    'key import') words='--name --pkcs11 --certificate --public --password-file --password-fd' ;;
    'key show') words="$keys" ;;
    'key export-public') words="--pkcs1 $keys" ;;
    'key rotate') words="--name --dry-run $make $keys" ;;
    'key retire' | 'key suspend' | 'key resume') words="--dry-run --config --audit $keys" ;;
    'key revoke') words="--reason --dry-run --yes --config --audit $keys" ;;
    'key destroy') words="--yes --dry-run --config --audit $keys" ;;
    'key rule')
      case $sub in
        '') words='show set widen reset' ;;
        show) words="$keys" ;;
        reset) words="--dry-run --config --audit $keys" ;;
        set) words="--signer --all-signers --user --group --everyone --dry-run $keys" ;;
        *) words="--signer --user --group --everyone --dry-run $keys" ;;
      esac ;;
    'signer add') words='--fingerprint --label' ;;
    'signer fetch') words='--keyserver' ;;
    'signer list') words='--config' ;;
    'signer show')
      words="--config $(sifctl "${keystore[@]}" signer list 2>/dev/null | awk 'NR > 1 { print $1 }')" ;;
    'signer retire' | 'signer restore' | 'signer revoke')
      words="--at --reason --dry-run --yes --config --audit $(sifctl "${keystore[@]}" signer list 2>/dev/null | awk 'NR > 1 { print $1 }')" ;;
    'signer remove') words="--dry-run --config --audit $(sifctl "${keystore[@]}" signer list 2>/dev/null | awk 'NR > 1 { print $1 }')" ;;
    'image bind') words="--match --signer --all-signers --key --digest --not-before --not-after --signed-after --mode --release --preloaded
      --runtime-allow --bind --contain --replace --dry-run $audience" ;;
    'image prefetch') words='--nodes --as --srun --config' ;;
    'image publish') words='--name --dry-run --config' ;;
    'image unpublish')
      words="--yes --config $(sifctl "${keystore[@]}" image published 2>/dev/null | awk 'NR > 1 { print $1 }')" ;;
    'image published') words='--config' ;;
    'image show') words="$(sifctl "${keystore[@]}" image list 2>/dev/null | awk 'NR > 1 { print $1 }')" ;;
    'image unbind') words="--dry-run $(sifctl "${keystore[@]}" image list 2>/dev/null | awk 'NR > 1 { print $1 }')" ;;
    'policy ') words='check diff apply' ;;
    'policy apply') words='--dry-run --force' ;;
    'import ') words='shipyard' ;;
    'import shipyard') words="--certs --password-file --password-fd --dry-run $audience" ;;
    'test ') words='--policy' ;;
    'digest ') words='revoke restore show list' ;;
    'digest revoke') words='--reason --image --dry-run --config --audit' ;;
    'digest show') words='--image' ;;
    'digest restore') words="--image --dry-run $(sifctl "${keystore[@]}" digest list 2>/dev/null | awk 'NR > 1 { print $1 }')" ;;
    'backup ') words='--out --password-file --password-fd --force' ;;
    'restore ') words='--password-file --password-fd --seal --dry-run --yes' ;;
    'doctor ') words='--days --config --plugstack --skip' ;;
    'audit ') words='verify tail show' ;;
    'audit verify') words='--changes' ;;
    'audit tail') words='--lines --follow --changes' ;;
    'audit show') words='--job --user --image --decision --since --until --changes' ;;
    'node ') words='init show list check trust distrust' ;;
    'node init') words='--type --name --key --certificate --out --replace' ;;
    'node show') words='--out' ;;
    'bundle ') words='export import show list signer' ;;
    'bundle export') words='--node --only --out --force --accept-clock' ;;
    'bundle import') words='--dry-run' ;;
    'bundle signer') words='--out' ;;
    'breakglass ') words='grant list end' ;;
    'breakglass grant') words='--binding --user --ttl --reason' ;;
    'breakglass end') words=$(sifctl "${keystore[@]}" breakglass list 2>/dev/null | awk 'NR > 1 { print $1 }') ;;
    'explain ') words='--user --image --account --partition --qos --reservation --node --verify --config' ;;
  esac
  # What does something takes --json.
  case "$value/$group $command $sub" in
    '/key rule ' | '/ca ocsp '*) ;;
    "/$group "?*' '* | '/init '* | '/reseal '* | '/explain '* | '/test '* | '/doctor '* | '/backup '* | '/restore '*)
      words+=' --json' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  if [ ${#COMPREPLY[@]} -eq 0 ] || [[ $group$command =~ ^(keyimport|signeradd|trustadd.+|ca(sign-csr|renew|revoke|show|restore)|policy.+|importshipyard|audit.+|node(init|check|trust)|bundle(export|import|show)|test|restore)$ ]]; then
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -F _sifctl sifctl
