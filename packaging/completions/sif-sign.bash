# Completion of sif-sign for bash; installed as bash-completion/completions/sif-sign.
_sif_sign() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  case $prev in
    --passphrase-fd | --group) return ;;
    --pkcs11)
      mapfile -t COMPREPLY < <(compgen -W 'pkcs11:' -- "$cur")
      return ;;
    --pgp)
      mapfile -t COMPREPLY < <(compgen -W "$(gpg --batch --with-colons --list-secret-keys 2>/dev/null |
        awk -F: '$1 == "sec" { on = 1 } $1 == "fpr" && on { print $10; on = 0 }')" -- "$cur")
      return ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W '--key --pgp --pkcs11 --passphrase-file --passphrase-fd --group --replace --json
      --migrate --certificate --ca --intermediates --crl
      --quiet --help --version' -- "$cur")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -F _sif_sign sif-sign
