#!/bin/sh
# Everything that the lab and the tests need, on Debian: packages, virtual environment, compiled programs.
# Each step is skipped when it is done, and can be interrupted; none asks a question.
#   lab/setup.sh
set -eu
umask 022
cd "$(dirname "$0")/.."

packages='curl frr frr-pythontools iproute2 iputils-ping openssh-server python3-venv tayga tini util-linux'
notes=build/set-up # what an interrupted run must not forget

# One at a time, from beginning to end.
mkdir -p $notes
exec 9> $notes/lock
flock 9

say() { printf 'set-up: %s\n' "$*"; }
fail() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

# Debian packages. Their services must start neither now (policy-rc.d) nor at the next boot (disable):
# on the host there would be a second zebra, which takes the routes away. What was installed before is
# left alone.

policy=/usr/sbin/policy-rc.d
policy_text='#!/bin/sh
# Written by lab/setup.sh for as long as it installs packages: no service starts.
exit 101'

installed() { dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii  *//p' | sort; }

absent() {
  for package in $packages; do
    installed_now=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2> /dev/null) || installed_now=
    case $installed_now in ii*) ;; *) printf '%s ' "$package" ;; esac
  done
}

lift_policy() {
  if [ -e "$policy" ] && [ "$(cat "$policy")" = "$policy_text" ]; then rm -f "$policy"; fi
}

disable_services_of() {
  for unit in $(dpkg -L "$1" | sed -nE 's#^(/usr)?/lib/systemd/system/([^/@]*\.(service|socket|timer|path))$#\2#p'); do
    DPKG_MAINTSCRIPT_PACKAGE=$1 deb-systemd-helper disable "$unit" > /dev/null 2>&1 < /dev/null || true
    if command -v systemctl > /dev/null; then systemctl --quiet disable "$unit" > /dev/null 2>&1 < /dev/null || true; fi
  done
  for script in $(dpkg -L "$1" | sed -n 's#^/etc/init\.d/##p'); do
    update-rc.d "$script" disable > /dev/null 2>&1 < /dev/null || true
  done
}

install_packages() {
  missing=$(absent)
  if [ -z "$missing" ] && [ ! -e $notes/installed-before ]; then return; fi
  [ "$(id -u)" = 0 ] || fail "needs root for Debian packages ($missing): sudo make, or sudo lab/setup.sh"
  command -v apt-get > /dev/null || fail "is for Debian and its like; install by other means: $missing"
  interrupted=yes
  if [ ! -e $notes/installed-before ]; then
    interrupted=
    installed > $notes/installed-before.new
    mv $notes/installed-before.new $notes/installed-before
  fi
  trap lift_policy EXIT
  trap 'exit 130' INT TERM HUP
  if [ ! -e "$policy" ]; then
    printf '%s\n' "$policy_text" > "$policy"
    chmod 755 "$policy"
  fi
  if [ -n "$interrupted" ]; then
    say 'an earlier set-up was interrupted: completing what dpkg has begun'
    apt_log dpkg --force-confold --configure -a || true # apt-get says what is wrong
    missing=$(absent)
  fi
  say "Debian packages: ${missing:-done} (half a minute; what apt says goes to $notes/apt.log)"
  # shellcheck disable=SC2086
  if ! apt_get install $missing; then
    say 'package lists are out of date: fetching them'
    apt_get update && apt_get install $missing || { tail -n 20 $notes/apt.log >&2; fail 'apt-get failed'; }
  fi
  installed | comm -13 $notes/installed-before - | while read -r package; do disable_services_of "$package"; done
  rm $notes/installed-before
  lift_policy
  trap - EXIT INT TERM HUP
}

apt_log() { DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l "$@" >> $notes/apt.log 2>&1 < /dev/null; }

apt_get() {
  apt_log apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confold "$@"
}

# The virtual environment, as requirements.lock says.

find_python() {
  for python in python3 python3.13 python3.12 python3.11; do
    if command -v $python > /dev/null && $python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
      echo $python
      return
    fi
  done
  fail 'needs Python 3.11 or later, with venv'
}

pip_install() { .venv/bin/python -m pip --disable-pip-version-check install -qq "$@"; }

install_python() {
  wanted=$(cat requirements.lock pyproject.toml | sha256sum)
  if [ "$(cat .venv/installed 2> /dev/null)" = "$wanted" ]; then return; fi
  say 'Python packages, into .venv (half a minute)'
  if ! .venv/bin/python -c 'import pip' 2> /dev/null; then
    rm -rf .venv
    python=$(find_python)
    $python -m venv .venv
  fi
  # First what builds packages, from the same lock file: else pip would fetch the newest for itself.
  sed -n '/^setuptools==/,/^[^ ]/ { /^setuptools==/p; /^ /p }' requirements.lock > $notes/setuptools.txt
  pip_install --require-hashes --no-deps -r $notes/setuptools.txt
  # The lock file is complete. With resolving, the pip of Debian 12 asks for the newest of whatever has an extra.
  pip_install --require-hashes --no-deps --no-build-isolation -r requirements.lock
  pip_install --no-deps --no-build-isolation --editable .
  printf '%s\n' "$wanted" > .venv/installed
}

install_packages
install_python
.venv/bin/python -m lab build
