# fish completion for offhook(1)
#
# Contacts, calls, accounts and settings are asked of the running phone;
# where none runs, none is started.

# METHOD KEY: the values of KEY
function __offhook_ask
    offhook status --format '' >/dev/null 2>&1; or return
    offhook rpc $argv[1] 2>/dev/null |
        string match -ra "\"$argv[2]\": *(?:\"[^\"\\\\]*\"|[0-9]+)" |
        string replace -r '^[^:]*: *"?(.*?)"?$' '$1' | sort -u
end

set -l calls answer reject hangup hold resume mute unmute silence dtmf sas \
    acknowledge security record transfer join split swap early allow deny
set -l commands call msg calls log chats contacts contact accounts account \
    register status config devices audio volume mic doctor events rpc demo relay quit verifications watch pickup presence voicemail trace \
    redial dnd block unblock forward $calls
set -l none "not __fish_seen_subcommand_from $commands"

complete -c offhook -f
complete -c offhook -l host -x -a '(__fish_print_hostnames)' -d 'the phone of another machine'
complete -c offhook -l linear -d 'no screen, lines'
complete -c offhook -l profile -r -a '(__fish_complete_directories)' -d 'keep everything below'
complete -c offhook -l json -d 'print JSON'
complete -c offhook -n $none -l help -d 'the commands'
complete -c offhook -n $none -l version -d 'the version'
complete -c offhook -n $none -s p -x -a 'contacts calls log chat status trace' -d 'one panel'
complete -c offhook -n $none -s t -x -a 'dark light contrast mono' -d theme

complete -c offhook -n $none -a call -d 'call a contact, an address or a number'
complete -c offhook -n $none -a answer -d 'answer'
complete -c offhook -n $none -a reject -d 'reject a ringing call'
complete -c offhook -n $none -a hangup -d 'hang up, reject, cancel'
complete -c offhook -n $none -a hold -d 'hold'
complete -c offhook -n $none -a resume -d 'resume a held call'
complete -c offhook -n $none -a mute -d 'mute the microphone'
complete -c offhook -n $none -a unmute -d 'open the microphone'
complete -c offhook -n $none -a silence -d 'silence the ringing'
complete -c offhook -n $none -a dtmf -d 'send DTMF digits'
complete -c offhook -n $none -a transfer -d 'hand a call on'
complete -c offhook -n $none -a join -d 'a conference of two calls'
complete -c offhook -n $none -a split -d 'take a call out of its conference'
complete -c offhook -n $none -a swap -d 'talk to the call that is held'
complete -c offhook -n $none -a redial -d 'call the last one again'
complete -c offhook -n $none -a early -d 'be heard before the answer'
complete -c offhook -n $none -a allow -d 'yes: go where the call is sent to'
complete -c offhook -n $none -a deny -d 'no: do not go there'
complete -c offhook -n $none -a dnd -d 'do not disturb'
complete -c offhook -n $none -a block -d 'who may not ring'
complete -c offhook -n $none -a unblock -d 'may ring again'
complete -c offhook -n $none -a forward -d 'send calls on to another address'
complete -c offhook -n '__fish_seen_subcommand_from dnd' -a 'on off'
complete -c offhook -n '__fish_seen_subcommand_from forward' -a 'always busy no-answer off'
complete -c offhook -n '__fish_seen_subcommand_from block unblock' -a '(__offhook_ask contact.list name)' -d contact
complete -c offhook -n $none -a sas -d 'the words of a call; do they match?'
complete -c offhook -n $none -a acknowledge -d 'the warnings of a call were read'
complete -c offhook -n $none -a security -d 'who could listen, and all algorithms'
complete -c offhook -n $none -a verifications -d 'when words were compared'
complete -c offhook -n $none -a calls -d 'list the calls'
complete -c offhook -n $none -a log -d 'list the call log'
complete -c offhook -n $none -a watch -d 'show when a contact is ringing or busy'
complete -c offhook -n $none -a pickup -d 'answer what rings at a watched contact'
complete -c offhook -n $none -a presence -d 'how you are shown to others'
complete -c offhook -n "__fish_seen_subcommand_from presence" -xa 'auto off online away busy offline'
complete -c offhook -n $none -a voicemail -d 'call the mailbox'
complete -c offhook -n '__fish_seen_subcommand_from watch pickup' -a '(__offhook_ask contact.list name)' -d contact
complete -c offhook -n $none -a trace -d 'what was said by SIP'
complete -c offhook -n $none -a msg -d 'send a message'
complete -c offhook -n $none -a chats -d 'list the conversations'
complete -c offhook -n $none -a contacts -d 'list the contacts'
complete -c offhook -n $none -a contact -d 'add, edit or remove a contact'
complete -c offhook -n $none -a accounts -d 'list the accounts'
complete -c offhook -n $none -a account -d 'add, edit, remove or test an account'
complete -c offhook -n $none -a register -d 'register again now'
complete -c offhook -n $none -a status -d 'accounts, calls and what is new'
complete -c offhook -n $none -a config -d 'the settings of the phone'
complete -c offhook -n $none -a mic -d 'volume of the microphone'
complete -c offhook -n $none -a volume -d 'volume of the loudspeaker'
complete -c offhook -n $none -a audio -d 'test the sound'
complete -c offhook -n $none -a record -d 'record a call'
complete -c offhook -n $none -a devices -d 'list the sound devices'
complete -c offhook -n $none -a doctor -d 'what is wrong and how to mend it'
complete -c offhook -n $none -a events -d 'one JSON event a line'
complete -c offhook -n $none -a rpc -d 'any method of the phone'
complete -c offhook -n $none -a demo -d 'a test partner and a console'
complete -c offhook -n $none -a relay -d 'speak to the phone on stdin and stdout'
complete -c offhook -n $none -a quit -d 'stop the phone'

complete -c offhook -n '__fish_seen_subcommand_from call msg' -a '(__offhook_ask contact.list name)' -d contact
complete -c offhook -n '__fish_seen_subcommand_from call msg' -l account -x -a '(__offhook_ask account.list address)'
complete -c offhook -n '__fish_seen_subcommand_from call' -l wait -d 'stay until the call ends'
complete -c offhook -n "__fish_seen_subcommand_from $calls" -a '(__offhook_ask call.list id)' -d call
complete -c offhook -n '__fish_seen_subcommand_from trace' -l call -x -a '(__offhook_ask call.list id)' -d call
complete -c offhook -n '__fish_seen_subcommand_from trace' -l pcap -r -d file
complete -c offhook -n '__fish_seen_subcommand_from trace' -l follow -d 'as it comes'
complete -c offhook -n '__fish_seen_subcommand_from trace' -l ladder -d 'ladders only'
complete -c offhook -n '__fish_seen_subcommand_from log' -l search -x -d text
complete -c offhook -n '__fish_seen_subcommand_from log' -l limit -x -d rows
complete -c offhook -n '__fish_seen_subcommand_from status' -l format -x -d 'what to print'
complete -c offhook -n '__fish_seen_subcommand_from status' -l wait-registered -x -d seconds
complete -c offhook -n '__fish_seen_subcommand_from register' -a '(__offhook_ask account.list address)' -d account
complete -c offhook -n '__fish_seen_subcommand_from config; and not __fish_seen_subcommand_from get set list' -a 'get set list'
complete -c offhook -n '__fish_seen_subcommand_from config; and __fish_seen_subcommand_from get set' -a '(__offhook_ask config.list key)'
complete -c offhook -n '__fish_seen_subcommand_from rpc' -a '(__offhook_ask phone.describe name | string match "*.*")'

set -l deed 'not __fish_seen_subcommand_from add edit remove test cert'
complete -c offhook -n "__fish_seen_subcommand_from account; and $deed" -a 'add edit remove test cert'
complete -c offhook -n '__fish_seen_subcommand_from account; and __fish_seen_subcommand_from edit remove test cert' -a '(__offhook_ask account.list address)'
set -l adding '__fish_seen_subcommand_from account; and __fish_seen_subcommand_from add edit'
complete -c offhook -n $adding -l server -x -d 'SIP URI of the server'
complete -c offhook -n $adding -l user -x -d login
complete -c offhook -n $adding -l realm -x -d 'realm of the login'
complete -c offhook -n $adding -l password-file -r -F -d 'file with the password'
complete -c offhook -n $adding -l password-command -x -d 'command that prints the password'
complete -c offhook -n $adding -l ca -r -F -d 'authorities to trust'
complete -c offhook -n $adding -l pin -x -d 'SHA-256 of the one certificate to believe'
complete -c offhook -n $adding -l client-cert -r -F -d 'certificate and key to show'
complete -c offhook -n $adding -l allow -x -d 'who else may send requests'
complete -c offhook -n $adding -l name -x -d 'name others are shown'
complete -c offhook -n $adding -l direct -d 'no server'
complete -c offhook -n $adding -l listen -x -d 'address to listen at'
complete -c offhook -n $adding -l presence -x -a 'auto on off' -d 'takes part in presence'
complete -c offhook -n $adding -l security -x -a 'off prefer require e2e verified' -d 'least protection of calls'
complete -c offhook -n $adding -l auto-answer -d 'answer every call'
complete -c offhook -n "__fish_seen_subcommand_from contact; and $deed" -a 'add edit remove'
complete -c offhook -n '__fish_seen_subcommand_from contact; and __fish_seen_subcommand_from edit remove' -a '(__offhook_ask contact.list name)'
