# Completion of sifctl, sif-sign, sif-verify and sif-list for bash, installed under each of these names in
# bash-completion/completions. What is offered the program says itself, out of its tree of commands
# (keystore/base/completion.h).
_sifguard() {
  local cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD line offered=()
  # Colons and equal signs do not end a word here; bash replaces what follows the last of them alone.
  if declare -F _get_comp_words_by_ref >/dev/null; then _get_comp_words_by_ref -n := cur words cword; fi
  local kept=${cur%"${cur##*[:=]}"} value=$cur
  [[ $cur != --*=* ]] || value=${cur#*=}
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames; mapfile -t -O "${#offered[@]}" offered < <(compgen -f -- "$value") ;;
      :directories) compopt -o filenames; mapfile -t -O "${#offered[@]}" offered < <(compgen -d -- "$value") ;;
      :users) mapfile -t -O "${#offered[@]}" offered < <(compgen -u -- "$value") ;;
      :groups) mapfile -t -O "${#offered[@]}" offered < <(compgen -g -- "$value") ;;
      *) offered+=("${line%%$'\t'*}") ;;
    esac
  done < <("${words[0]}" --complete "${words[@]:1:cword}" 2>/dev/null)
  COMPREPLY=()
  for line in "${offered[@]}"; do COMPREPLY+=("${line#"$kept"}"); done
}
complete -F _sifguard sifctl sif-sign sif-verify sif-list
