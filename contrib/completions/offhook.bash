# bash completion for offhook(1)
#
# Contacts, calls, accounts, settings and devices are asked of the running
# phone; where none runs, none is started.

_offhook_ask() # METHOD KEY: the values of KEY, one a line
{
    offhook "${profile[@]}" status --format '' > /dev/null 2>&1 || return
    offhook "${profile[@]}" rpc "$1" 2> /dev/null |
        grep -o "\"$2\": *\(\"[^\"\\\\]*\"\|[0-9][0-9]*\)" |
        sed 's/^[^:]*: *//; s/^"\(.*\)"$/\1/' | sort -u
}

_offhook_uris()
{
    offhook "${profile[@]}" status --format '' > /dev/null 2>&1 || return
    offhook "${profile[@]}" rpc contact.list 2> /dev/null |
        grep -o '"sips\?:[^"\\]*"' | tr -d '"' | sort -u
}

# Candidates come one a line and may hold blanks
_offhook_lines()
{
    local line

    while IFS= read -r line; do
        [[ -n $line && ${line,,} == "${cur,,}"* ]] || continue
        printf -v line '%q' "$line"
        COMPREPLY+=("$line")
    done
}

_offhook_words()
{
    local IFS=$' \t\n'

    # shellcheck disable=SC2207
    COMPREPLY+=($(compgen -W "$*" -- "$cur"))
}

_offhook_command() # COMMAND, place of the word behind it
{
    case $1 in
    call)
        _offhook_words --wait --account
        ;;&
    msg)
        [[ $2 -gt 1 ]] && _offhook_words --account
        ;;&
    call | msg)
        if [[ $2 -eq 1 && $cur != -* ]]; then
            _offhook_lines < <(_offhook_ask contact.list name; _offhook_uris)
        fi
        ;;
    answer | reject | hangup | hold | resume | mute | unmute | silence | dtmf | sas | acknowledge | security | \
        record | transfer | join | split | swap | early | allow | deny)
        if [[ $2 -eq 1 ]]; then
            _offhook_lines < <(_offhook_ask call.list id)
        fi
        ;;
    dnd) _offhook_words on off ;;
    presence) _offhook_words auto off online away busy offline ;;
    forward) [[ $2 -ne 1 ]] || _offhook_words always busy no-answer off ;;
    block | unblock)
        _offhook_lines < <(_offhook_ask contact.list name)
        ;;
    trace)
        _offhook_words --call --entry --ladder --follow --pcap
        ;;
    account)
        case $2 in
        1) _offhook_words add edit remove test cert ;;
        2)
            if [[ ${words[command + 1]} != add ]]; then
                _offhook_lines < <(_offhook_ask account.list address)
            fi
            ;;
        *)
            _offhook_words --server --user --realm --password-file \
                --password-command --ca --pin --client-cert --allow \
                --name --direct --listen \
                --security --presence --auto-answer
            [[ ${words[command + 1]} != edit ]] ||
                _offhook_words password --no-direct --no-auto-answer
            ;;
        esac
        ;;
    register)
        _offhook_lines < <(_offhook_ask account.list address)
        ;;
    contact)
        if [[ $2 -eq 1 ]]; then
            _offhook_words add edit remove
        elif [[ $2 -eq 2 && ${words[command + 1]} != add ]]; then
            _offhook_lines < <(_offhook_ask contact.list name)
        elif [[ $2 -gt 2 ]]; then
            _offhook_words --name
        fi
        ;;
    config)
        if [[ $2 -eq 1 ]]; then
            _offhook_words get set list
        elif [[ $2 -eq 2 && ${words[command + 1]} != list ]]; then
            _offhook_lines < <(_offhook_ask config.list key)
        fi
        ;;
    log) _offhook_words --search --limit ;;
    status) _offhook_words --format --wait-registered ;;
    rpc)
        if [[ $2 -eq 1 ]]; then
            _offhook_lines < <(_offhook_ask phone.describe name |
                grep '\.')
        fi
        ;;
    esac
}

_offhook()
{
    local cur prev i cword=$COMP_CWORD command=0
    local -a words=("${COMP_WORDS[@]}") profile=()

    # A SIP URI is one word, whatever bash thinks of colons
    if declare -F _get_comp_words_by_ref > /dev/null; then
        _get_comp_words_by_ref -n :@ cur prev words cword
    fi
    cur=${words[cword]}
    prev=${words[cword - 1]}
    COMPREPLY=()

    for ((i = 1; i < cword; i++)); do
        case ${words[i]} in
        --host) ((i++)) ;;
        --profile)
            profile=(--profile "${words[i + 1]}")
            ((i++))
            ;;
        -p | -t | --panel | --theme) ((i++)) ;;
        -*) ;;
        *)
            command=$i
            break
            ;;
        esac
    done

    case $prev in
    --profile)
        compopt -o dirnames
        return
        ;;
    --ca | --password-file)
        compopt -o default
        return
        ;;
    --account)
        _offhook_lines < <(_offhook_ask account.list address)
        return
        ;;
    --server | --user | --realm | --password-command | --name | --listen | --search | \
        --limit | --format | --wait-registered)
        return
        ;;
    esac

    if [[ $command -eq 0 ]]; then
        case $prev in
        -p | --panel) _offhook_words contacts calls log chat status trace ;;
        -t | --theme)
            _offhook_words dark light contrast mono
            ;;
        *)
            _offhook_words --profile --host --linear --json --help \
                --version -p -t
            [[ $cur == -* ]] || _offhook_words call answer reject hangup \
                hold resume mute unmute silence dtmf sas acknowledge security \
                transfer join split swap redial early allow deny dnd block \
                unblock forward \
                verifications calls log trace watch pickup presence voicemail msg \
                chats contacts contact accounts account register status config \
                devices audio volume mic record doctor events rpc demo relay quit
            ;;
        esac
        return
    fi

    _offhook_command "${words[command]}" $((cword - command))
    [[ $cur != -* ]] || _offhook_words --json
    ! declare -F __ltrim_colon_completions > /dev/null ||
        __ltrim_colon_completions "$cur"
}

complete -F _offhook offhook
