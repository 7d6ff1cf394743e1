# Completion of sif-verify for bash; installed as bash-completion/completions/sif-verify.
_sif_verify() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  case $prev in
    --fingerprint) return ;;
    --keystore)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W '--pgp-key --fingerprint --public-key --certificate --ca
      --intermediates --crl --ocsp --keystore --revocation --allow-legacy --pki-legacy --all-of --json --list --quiet --help
      --version' -- "$cur")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -F _sif_verify sif-verify
