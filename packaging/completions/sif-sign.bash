# Completion of sif-sign for bash; installed as bash-completion/completions/sif-sign.
_sif_sign() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  case $prev in
    --passphrase-fd | --group) return ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W '--key --passphrase-file --passphrase-fd --group --replace --json
      --quiet --help --version' -- "$cur")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -F _sif_sign sif-sign
