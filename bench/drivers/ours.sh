#!/bin/bash
# NetCruiser Mail. VARIANT=local | relay (../relay.toml) | collect (../collect.toml) | ceiling (../ceiling.ts: the same Mail Server on
# a store that keeps nothing). NETNS: the network namespace that it serves in. WORLD: one more file for a new folder.
# OURS_STORE names the data folder, so that a filled one can be kept; OURS_PORT the first of two ports, so that two can
# run side by side; USERS the mailboxes of a new folder. Settings that differ from the shipped ones: ../world.toml.
. "$(dirname "$0")/../lib.sh"
APP=$(dirname "$HERE"); SMTP=${OURS_PORT:-12535}; POP3=$((SMTP+1)); variant=${VARIANT:-local}; DATA=$STATE/ours-${OURS_STORE:-accept}
OUT=$STATE/ours-$SMTP; PIDF=$OUT.pid
app() { "$APP/netcruiser" "$@"; }
fill() { "$NODE26" "$HERE/fill.ts" "$DATA" "$@"; }
make() { rm -rf "$DATA"; app settings import "$HERE/world.toml" --data "$DATA" > /dev/null && { [ ! -e "$HERE/$variant.toml" ] || app settings import "$HERE/$variant.toml" --data "$DATA" > /dev/null; } &&
  { [ -z "$WORLD" ] || app settings import "$WORLD" --data "$DATA" > /dev/null; } && fill users ${USERS:-$NUSERS}; }
serve() { ulimit -n $(ulimit -Hn)
  if [ "$variant" = ceiling ]; then exec "$NODE26" "$HERE/ceiling.ts" $SMTP; fi
  exec $IN_NET "$APP/netcruiser" serve --data "$DATA" --listen smtp=127.0.0.1:$SMTP --listen pop3=127.0.0.1:$POP3 --json --log-level warn; }
start() { [ "$variant" = ceiling ] || [ -e "$DATA/mail.db" ] || make || return 1
  serve > "$OUT.log" 2>&1 & echo $! > "$PIDF"; wait_port $SMTP && { [ "$variant" = ceiling ] || wait_port $POP3; } || { cat "$OUT.log" >&2; return 1; }; }
pids() { local p; p=$(cat "$PIDF" 2>/dev/null) && [ -d "/proc/$p" ] && tree $p; }
stop() { local p; p=$(pids); [ -z "$p" ] || { kill $p; wait_gone $p; }; rm -f "$PIDF"; }
stopped() { local was; was=$(pids); stop; "$@" || return 1; [ -z "$was" ] || start; }   # does it with the server stopped
case $1 in
present) [ "$variant" != ceiling ] || [ -e "$HERE/ceiling.ts" ];;
start) start;;
stop) stop;;
reset) if [ "$variant" = ceiling ]; then stopped true; else stopped make; fi;;
info) echo "name=ours smtp=127.0.0.1:$SMTP pop3=127.0.0.1:$POP3 users=$NUSERS pass=$PASS watch=$([ "$variant" = ceiling ] && echo none || echo pop3) version=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$APP/package.json" | head -1)";;
queue) [ -e "$DATA/mail.db" ] || make; stopped fill queue $2 $3;;
import) [ -e "$DATA/mail.db" ] || make; stopped fill mail $2 $3 $4;;
messages) app mailbox show user1 --json --data "$DATA" | sed -n 's/.*"messages": *\([0-9]*\).*/\1/p';;
account) echo $PASS | app collect add $2 --host $3 --port $4 --user $2 --password-stdin --tls none --plain-login --into user1 --first everything --size-max 200M --${5:-no-leave} --data "$DATA";;
collect) timeout 300 "$APP/netcruiser" collect run $2 --json --data "$DATA";;
cold) stopped true;;   # nothing on disk is a cache of ours, so cold is: started anew
filled) [ -e "$DATA/filled" ];;
filldone) touch "$DATA/filled";;
pids) pids;;
esac
