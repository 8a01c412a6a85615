# fish completion for offhook(1)
#
# What is offered is asked of `offhook complete`, which knows the commands,
# and of the running phone; where none runs, none is started.

function __offhook_complete
    set -l typed (commandline -opc)
    # The word at the cursor without its quotes
    set -l word (commandline -ct | string replace -ra '[\\\\"\']' '')
    test -n "$word"; or set word ''

    for line in (offhook complete -- $typed[2..-1] "$word" 2>/dev/null)
        switch $line
            case \tfile\*
                __fish_complete_path "$word"
            case \tfolder\*
                __fish_complete_directories "$word"
            case '*'
                echo $line
        end
    end
end

complete -c offhook -f -k -a '(__offhook_complete)'
