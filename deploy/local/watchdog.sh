#!/bin/sh
# Outlives the supervisor it belongs to: reads "add PID SIGNAL" and "drop PID" from standard input, and when that
# ends (the supervisor is gone, however it went) stops what is still listed. Each PID leads a process group.
list=""
while read -r verb pid signal; do
  kept=""
  for entry in $list; do
    [ "${entry%%:*}" = "$pid" ] || kept="$kept $entry"
  done
  list="$kept"
  [ "$verb" = "add" ] && list="$list $pid:$signal"
done
[ -n "$list" ] || exit 0
for entry in $list; do
  kill -s "${entry#*:}" "${entry%%:*}" 2>/dev/null
done
tries=0
while [ "$tries" -lt 100 ]; do
  alive=""
  for entry in $list; do
    kill -0 "${entry%%:*}" 2>/dev/null && alive="yes"
  done
  [ -n "$alive" ] || break
  tries=$((tries + 1))
  sleep 0.1
done
for entry in $list; do
  kill -s KILL "-${entry%%:*}" 2>/dev/null
done
exit 0
