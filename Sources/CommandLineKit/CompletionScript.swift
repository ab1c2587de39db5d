/// A shell that chantal writes a completion script for.
public enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish

    /// A script that asks the program itself for candidates, so that it never is out of date: `PROGRAM complete -- WORD...`.
    public func completionScript(for program: String) -> String {
        let template =
            switch self {
            case .bash: Shell.bashTemplate
            case .zsh: Shell.zshTemplate
            case .fish: Shell.fishTemplate
            }
        return template.split(separator: "PROGRAM", omittingEmptySubsequences: false).joined(separator: program)
    }

    // bash parts words at the characters of COMP_WORDBREAKS (`=`, `:`, `@`), so the words are taken from the line itself,
    // and of each reply only what follows the last such character goes back.
    private static let bashTemplate = #"""
        # bash completion of PROGRAM; put it into /etc/bash_completion.d/ or: source <(PROGRAM completion bash)
        _PROGRAM() {
            local line="${COMP_LINE:0:COMP_POINT}" current="" strip="" word rest
            local -a words=()
            read -ra words <<<"$line"
            [[ $line == *[[:space:]] ]] && words+=("")
            current="${words[${#words[@]}-1]}"
            COMPREPLY=()
            while IFS=$'\t' read -r word rest; do
                case "$word" in
                    :files) compopt -o filenames; rest="-f" ;;
                    :directories) compopt -o filenames; rest="-d" ;;
                    *) COMPREPLY+=("$word"); continue ;;
                esac
                while IFS= read -r word; do
                    COMPREPLY+=("$word")
                done < <(compgen "$rest" -- "${current#--*=}")
            done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
            if [[ $current == *[=:@]* && ${COMPREPLY[0]-} == "${current%[=:@]*}"* ]]; then
                strip="${current%"${current##*["$COMP_WORDBREAKS"]}"}"
                COMPREPLY=("${COMPREPLY[@]#"$strip"}")
            fi
        }
        complete -F _PROGRAM PROGRAM

        """#

    private static let zshTemplate = #"""
        #compdef PROGRAM
        # zsh completion of PROGRAM; put it into a directory of $fpath as _PROGRAM or: source <(PROGRAM completion zsh)
        _PROGRAM() {
            local line word
            local -a candidates
            for line in "${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                case "$line" in
                    '') ;;
                    :files) [[ -prefix --*= ]] && compset -P '*='; _files ;;
                    :directories) [[ -prefix --*= ]] && compset -P '*='; _files -/ ;;
                    *$'\t'*) word="${line%%$'\t'*}"; candidates+=("${word//:/\\:}:${line#*$'\t'}") ;;
                    *) candidates+=("${line//:/\\:}") ;;
                esac
            done
            (( ${#candidates} )) && _describe -V PROGRAM candidates
        }
        if [[ "${funcstack[1]}" == _PROGRAM ]]; then _PROGRAM "$@"; else compdef _PROGRAM PROGRAM; fi

        """#

    private static let fishTemplate = #"""
        # fish completion of PROGRAM; put it into ~/.config/fish/completions/PROGRAM.fish or: PROGRAM completion fish | source
        function __PROGRAM_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            for line in ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
                switch $line
                    case ':files'
                        __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
                    case ':directories'
                        __fish_complete_directories (string replace -r '^--[^=]*=' '' -- "$current") ''
                    case '*'
                        echo $line
                end
            end
        end
        complete -c PROGRAM -f -a '(__PROGRAM_complete)'

        """#
}
