#!/bin/sh
# Installs what package-lock.json names, once; called by npm start, npm test and the launcher.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.installed
if [ ! -e "$stamp" ] || ! cmp -s package-lock.json "$stamp"; then
  echo 'Installing the packages named in package-lock.json ...' >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json "$stamp"
fi
node_modules/.bin/node scripts/build-page.ts
