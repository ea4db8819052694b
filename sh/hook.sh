#!/bin/sh
# tributary-hook 1 @digest@
# Tells Tributary of a new commit, in the background. Made by `tributary hook install`; `tributary hook remove` takes it away
# and puts back the hook that was here before. The commit never waits for it and never fails by it.

tributary_kept=${0%/*}/@hook@.before-tributary
tributary_status=0
# Where a hook manager moved this file and is itself what this file keeps, each would run the other for ever.
if [ -x "$tributary_kept" ] && { [ "${0##*/}" = @hook@ ] || [ -z "${TRIBUTARY_HOOK-}" ]; }; then
  TRIBUTARY_HOOK=@hook@ "$tributary_kept" "$@"
  tributary_status=$?
fi

(
  exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  # Neither a closed terminal nor Ctrl-C in a long rebase ends it.
  trap '' HUP INT QUIT
  umask 077
  # The shell that commits may have the settings of another project.
  unset DATABASE_URL TEMPORAL_ADDRESS TEMPORAL_NAMESPACE TEMPORAL_PROFILE TEMPORAL_CONFIG_FILE TEMPORAL_API_KEY NODE_OPTIONS
  unset TEMPORAL_TLS_CLIENT_CERT_PATH TEMPORAL_TLS_CLIENT_CERT_DATA TEMPORAL_TLS_CLIENT_KEY_PATH TEMPORAL_TLS_CLIENT_KEY_DATA
  unset TRIBUTARY_TASK_QUEUE TRIBUTARY_TEMPORAL_CLI TRIBUTARY_RAW_RETENTION_DAYS TRIBUTARY_RECENT_HASHES TRIBUTARY_STAGES TRIBUTARY_ALLOW_VOLATILE
@settings@

  [ -d "$state" ] || { [ -d "$TRIBUTARY_HOME" ] && mkdir -p "$state"; }
  cd "$state" || exit 0
  # Only a stack that runs, or once crashed, has this file; without one, the next sync brings the commit.
  [ -n "$start$elsewhere" ] || [ -e "$TRIBUTARY_HOME/stack.json" ] || exit 0

  note() {
    printf '%s %s: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$source" "$1" >>"$log"
  }

  # One process at a time. A lock whose holder was killed is taken over at once; one whose holder's number went to another
  # process, when it is older than any nudge takes. Two holders at once would only be one nudge too many. While one is at
  # work, the others of a long rebase start no process but find.
  alive() {
    kill -0 "$1" || return
    # Killed, but nobody has asked for its exit yet: on Linux it still answers.
    read -r skip skip life skip <"/proc/$1/stat" && [ "$life" = Z ] && return 1
    return 0
  }
  isOld() {
    [ -n "$(find lock -mmin +@staleMinutes@)" ]
  }
  take() {
    holder=
    read -r holder <lock && alive "$holder" && ! isOld && return 1
    [ -z "$holder" ] || rm -f lock
    me=$(exec sh -c 'echo "$PPID"')
    (set -C && echo "$me" >lock) && return
    # Another was faster; or a full disk took no number, and nobody holds it.
    isOld && rm -f lock
    return 1
  }

  nudge() {
    # Of a device there is no end to count.
    [ -f "$log" ] && [ "$(wc -c <"$log")" -gt @logBytesMax@ ] && mv -f "$log" "$log.1"
    true >>"$log" || log=/dev/null
    [ -x "$node" ] || node=$(command -v node) || { note 'node was not found; run `tributary hook install` again'; return; }
    [ -f "$program" ] || { note 'Tributary is no longer where it was; run `tributary hook install` again'; return; }
    # macOS has no setsid; there the program itself ignores what a closed terminal sends. A stack that it starts stays as it was
    # started, and must not stay behind everything else.
    before=
    words=setsid
    [ -n "$start" ] || words='nice setsid'
    for word in $words; do command -v "$word" && before="$before $word"; done
    # shellcheck disable=SC2086 -- both are words of ours, or nothing
    $before "$node" "$program" "$source" $start >>"$log" 2>&1
  }

  # The mark comes before the lock is tried, and the holder looks for marks after it let the lock go: whoever finds the lock
  # held leaves its mark to somebody who has yet to look.
  true >pending || exit 0
  rounds=0
  while [ -e pending ] && [ "$((rounds += 1))" -le 1000 ] && take; do
    rm -f pending
    nudge
    rm -f lock
  done
) </dev/null >/dev/null 2>&1 &

exit "$tributary_status"
