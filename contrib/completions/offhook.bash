# bash completion for offhook(1)
#
# What is offered is asked of `offhook complete`, which knows the commands,
# and of the running phone; where none runs, none is started.

_offhook()
{
    local line raw text i cword=$COMP_CWORD
    local -a words=("${COMP_WORDS[@]}")

    # A SIP URI is one word, whatever bash thinks of colons
    if declare -F _get_comp_words_by_ref > /dev/null; then
        _get_comp_words_by_ref -n :@ words cword
    fi
    raw=${words[cword]}
    for ((i = 1; i <= cword; i++)); do
        words[i]=${words[i]//\\/}
        words[i]=${words[i]#[\"\']}
        [[ $i -eq $cword ]] || words[i]=${words[i]%[\"\']}
    done
    COMPREPLY=()

    while IFS= read -r line; do
        case $line in
        $'\tfile'*)
            compopt -o default
            continue
            ;;
        $'\tfolder'*)
            compopt -o dirnames
            continue
            ;;
        esac
        text=${line%%$'\t'*}
        [[ $raw == [\"\']* ]] || printf -v text '%q' "$text"
        COMPREPLY+=("$text")
    done < <(offhook complete -- "${words[@]:1:cword}" 2> /dev/null)

    ! declare -F __ltrim_colon_completions > /dev/null ||
        __ltrim_colon_completions "$raw"
}

complete -F _offhook offhook
