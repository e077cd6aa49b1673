#!/bin/bash
# No server: a line with a round trip of 20 ms between two network namespaces, ncfar (10.99.0.1) and ncnear (10.99.0.2).
. "$(dirname "$0")/../lib.sh"; PIDF=$STATE/far.pid
end() { ip -n $1 addr add $2 dev tun0 && ip -n $1 link set tun0 up; }
start() { local ns i; for ns in ncfar ncnear; do ip netns add $ns && ip -n $ns link set lo up || return 1; done
  "$BIN/delaytun" ncfar ncnear ${DELAY_MS:-10} > "$STATE/far.log" 2>&1 & echo $! > "$PIDF"
  for i in $(seq 1 100); do grep -q ready "$STATE/far.log" && break; sleep 0.05; done
  end ncfar 10.99.0.1/30 && end ncnear 10.99.0.2/30; }
stop() { local p ns; p=$(cat "$PIDF" 2>/dev/null) && grep -q delaytun "/proc/$p/comm" 2>/dev/null && { kill $p; wait_gone $p; }
  rm -f "$PIDF"; for ns in ncfar ncnear; do [ ! -e /run/netns/$ns ] || ip netns del $ns; done; }
case $1 in
present) [ $(id -u) = 0 ] && [ -c /dev/net/tun ] && command -v ip > /dev/null;;
start) start;;
stop) stop;;
pids) cat "$PIDF";;
esac
