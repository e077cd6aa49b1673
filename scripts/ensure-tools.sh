#!/bin/sh
# The mail programs that the tests use, from Debian's packages, when this machine can install them. Tests skip what is missing.
missing=''
for tool in curl swaks msmtp mpop fetchmail postfix chromium; do
  command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
[ -x /usr/sbin/dovecot ] || missing="$missing dovecot-core dovecot-pop3d"
/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || missing="$missing python3-aiosmtpd"
[ -z "$missing" ] && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
echo "Installing$missing for the tests ..." >&2
# Postfix comes without a configuration, so that none runs but those that the tests start.
echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections 2>/dev/null
# Nor does a Dovecot: no package may start what it brings.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
(apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing) >/dev/null 2>&1 || true
