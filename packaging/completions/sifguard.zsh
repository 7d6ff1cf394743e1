#compdef sifctl sif-sign sif-verify sif-list
# Completion of sifctl, sif-sign, sif-verify and sif-list for zsh, installed as zsh/site-functions/_sifguard. What is
# offered the program says itself, out of its tree of commands (keystore/base/completion.h).
_sifguard() {
  local line
  local -a offered
  for line in "${(@f)$("${words[1]}" --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files) _files ;;
      :directories) _files -/ ;;
      :users) _users ;;
      :groups) _groups ;;
      *) offered+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  _describe -t values value offered
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _sifguard "$@"; else compdef _sifguard sifctl sif-sign sif-verify sif-list; fi
