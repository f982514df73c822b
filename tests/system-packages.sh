#!/usr/bin/env bash
# Install what some checks need from the system: a browser, a second SPARQL server and a sandbox. Debian and Ubuntu, as root;
# elsewhere say what is missing: those checks are then skipped, each with its reason.
set -euo pipefail

wanted=()
command -v chromium >/dev/null || wanted+=(chromium)
command -v bwrap >/dev/null || wanted+=(bubblewrap)
command -v virtuoso-t >/dev/null || wanted+=(virtuoso-opensource-7-bin)

if [ "${#wanted[@]}" -eq 0 ]; then
  exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${wanted[@]}" >/dev/null
else
  # The checks that need them are skipped, each with its reason; with CI=true they fail.
  echo "Not installed: ${wanted[*]}. To run all checks: sudo apt-get install --no-install-recommends ${wanted[*]}"
fi
