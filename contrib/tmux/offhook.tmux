#!/bin/sh
# offhook in the status line of tmux: missed calls, unread messages, and the
# call there is. Put this into ~/.tmux.conf:
#
#   run-shell /usr/local/share/offhook/tmux/offhook.tmux
#
# It goes in front of what status-right shows. Where no phone runs nothing
# is shown, and none is started.

# tmux gives the line to strftime first, hence two per cent signs each
format="%%S %%p %%d  %%m missed %%u new"
line="#(offhook status --format \"$format\" 2>/dev/null | sed \"s/^ *//\")"

right=$(tmux show-option -gqv status-right)
case $right in
*'offhook status'*) ;;
*) tmux set-option -g status-right "$line $right" ;;
esac

# A call has seconds; fifteen, tmux's default, are long for a ring
interval=$(tmux show-option -gqv status-interval)
[ "${interval:-15}" -le 5 ] || tmux set-option -g status-interval 5

# prefix P opens the desk of desk.conf in a window of its own
desk=$(dirname "$0")/desk.conf
tmux bind-key P source-file "$desk"
