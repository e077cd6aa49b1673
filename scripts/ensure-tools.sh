#!/bin/sh
# The mail programs that the tests use, from Debian's packages, when this machine can install them. Tests skip what is missing.
missing=''
for tool in curl swaks msmtp mpop fetchmail; do
  command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
[ -z "$missing" ] && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
echo "Installing$missing for the tests ..." >&2
(apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing) >/dev/null 2>&1 || true
