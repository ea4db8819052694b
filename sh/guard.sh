#!/bin/sh
# Ends what our parent started once the parent is gone, however it went: kill -9 lets nobody say goodbye, and foreign programs
# (PostgreSQL, Temporal, git) do not look after their parent. The parent holds the other end of our input; its end is ours.
#
#   watch PID SIGNAL SECONDS [SIGNAL SECONDS …]   a negative PID is a process group
#   forget PID
trap '' HUP INT TERM QUIT PIPE
watched=
newline='
'

# A pid alone proves nothing: the start time with it does. Empty for what has ended, also when nobody has asked for its exit.
start_of() {
  case $1 in -*) kill -s 0 -- "$1" 2>/dev/null && echo group; return ;; esac
  if [ -d /proc/self ]; then
    read -r stat 2>/dev/null <"/proc/$1/stat" || return
    set -- ${stat##*) }
    [ "$1" = Z ] || echo "${20}"
  else
    ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _
  fi
}

end() {
  pid=$1 start=$2
  shift 2
  while [ $# -ge 2 ]; do
    [ "$(start_of "$pid")" = "$start" ] || return
    kill -s "$1" -- "$pid" 2>/dev/null
    tenths=$(($2 * 10))
    while [ $tenths -gt 0 ] && [ "$(start_of "$pid")" = "$start" ]; do
      sleep 0.1
      tenths=$((tenths - 1))
    done
    shift 2
  done
}

forget() {
  kept=
  rest=$watched
  while [ -n "$rest" ]; do
    line=${rest%%"$newline"*}
    rest=${rest#*"$newline"}
    [ "${line%% *}" = "$1" ] || kept=$kept$line$newline
  done
  watched=$kept
}

while read -r verb pid steps; do
  forget "$pid"
  start=$(start_of "$pid")
  # The newest first: a worker ends before the servers it works with.
  [ "$verb" != watch ] || [ -z "$start" ] || watched="$pid $start $steps$newline$watched"
done

while [ -n "$watched" ]; do
  line=${watched%%"$newline"*}
  watched=${watched#*"$newline"}
  end $line
done
