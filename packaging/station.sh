#!/bin/sh
# Starts the station after log-in and starts it again when it ends other than by being closed properly.
# A station that cannot start is tried again with growing pauses, so that a machine left alone comes back.
pause=1
while :; do
    begun=$(date +%s)
    /usr/local/bin/kiosk run
    code=$?
    [ "$code" -eq 0 ] && exit 0
    [ $(($(date +%s) - begun)) -gt 60 ] && pause=1
    sleep "$pause"
    [ "$pause" -lt 30 ] && pause=$((pause * 2))
done
