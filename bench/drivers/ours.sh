#!/bin/bash
# NetCruiser Mail. VARIANT=local | ceiling (the same server on a store that discards). The contract is in ../README.md
. "$(dirname "$0")/../lib.sh"
ROOT=$(cd "$HERE/.." && pwd); NODE=$ROOT/node_modules/.bin/node; D=$STATE/ours; SMTP=12525; POP3=12526; variant=${VARIANT:-local}
# What protects a server from strangers is raised: all load comes from one address.
world() {
  printf '[settings.server]\nhostname = "mx.bench.test"\n[settings.mailServer]\nconnectionsPerClientMax = 20000\nconnectionsMax = 20000\njunkCommandsMax = 100000\n'
  printf '[settings.pop3Server]\nconnectionsPerClientMax = 20000\nconnectionsMax = 20000\nloginMs = 600000\n[[domain]]\nname = "%s"\n' "$DOMAIN"
  for i in $(seq 1 $NUSERS); do printf '[[mailbox]]\nname = "user%s"\npassword = "%s"\npop3 = true\n' $i "$PASS"; done
}
serve() {
  ulimit -n $(ulimit -Hn)
  if [ "$variant" = ceiling ]; then exec "$NODE" "$HERE/ceiling.ts" $SMTP; fi
  exec "$NODE" "$ROOT/bin/netcruiser.ts" serve --data "$D" --listen smtp=127.0.0.1:$SMTP --listen pop3=127.0.0.1:$POP3 --json --log-level warn
}
running() { [ -n "$(pids)" ]; }
pids() { local p; p=$(cat "$STATE/ours.pid" 2>/dev/null) && [ -d "/proc/$p" ] && echo "$p"; }
case $1 in
start) [ "$variant" = ceiling ] || [ -e "$D/mail.db" ] || "$0" reset; serve > "$STATE/ours.log" 2>&1 & echo $! > "$STATE/ours.pid"; wait_port $SMTP;;
stop) p=$(pids); [ -n "$p" ] && kill $p && wait_gone $p; rm -f "$STATE/ours.pid"; true;;
reset) was=$(pids); [ -n "$was" ] && "$0" stop; rm -rf "$D"; world | "$ROOT/netcruiser" settings import - --data "$D" > /dev/null || exit 1; [ -z "$was" ] || "$0" start;;
info) echo "name=ours smtp=127.0.0.1:$SMTP pop3=127.0.0.1:$POP3 users=$NUSERS pass=$PASS watch=pop3 version=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$ROOT/package.json" | head -1)";;
import) was=$(pids); [ -n "$was" ] && "$0" stop; "$NODE" "$HERE/fill.ts" "$D" $2 $3 $4 || exit 1; [ -z "$was" ] || "$0" start;;
copy) n=$("$ROOT/netcruiser" mailbox list --json --data "$D" | grep -o "\"name\":\"$2\"[^}]*" | grep -o '"messages":[0-9]*' | cut -d: -f2); "$0" import $3 $n ${4:-4096};;
cold) was=$(pids); if [ -n "$was" ]; then "$0" stop; "$0" start; fi;;
filled) [ -e "$D/.filled" ];;
filldone) touch "$D/.filled";;
queued) "$ROOT/netcruiser" queue list --json --data "$D" | grep -o '"id"' | wc -l;;
pids) pids;;
esac
