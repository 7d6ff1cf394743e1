# Completion of sifctl, sif-sign, sif-verify and sif-list for fish, installed under each of these names in
# fish/vendor_completions.d. What is offered the program says itself, out of its tree of commands
# (keystore/base/completion.h).
function __sifguard_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    for line in ($program --complete $words "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
            case :directories
                __fish_complete_directories (string replace -r '^--[^=]*=' '' -- "$current") ''
            case :users
                __fish_complete_users
            case :groups
                __fish_complete_groups
            case '*'
                echo $line
        end
    end
end
for program in sifctl sif-sign sif-verify sif-list
    complete -c $program -f -a '(__sifguard_complete)'
end
