#!/bin/sh
# Commit-confirm for FRR: a change to the running configuration that takes itself back unless it is confirmed.
# Runs on the router. What an operator may want, as the login that made the change or as root:
#
#   sh commit_confirm.sh status          what is pending here, whose it is, and how many seconds it has left
#   sh commit_confirm.sh revert  [ID]    put back now what was running before; also of a change that was confirmed
#   sh commit_confirm.sh confirm [ID]    keep it: write memory
#
# Without an ID the copy in a change's folder is about that change, this file about the one that is pending.
#
# All state is in $S (SIXPEER_STATE, or /var/lib/sixpeer), shared by the router's logins:
#
#   lock          held while a configuration is read, compared and loaded; the timer takes it too
#   pending       the one commit that nobody has confirmed yet; exactly one of confirm, revert and timer can
#                 rename it: to `confirming` or to `reverting`, which stay if that is interrupted
#   OWNER.json    what the owner says is his on this router; written at confirm
#   change-ID/    0700, the last 10 are kept: before/frr.conf (running, before), after (running, after), log,
#                 and, once it has ended, confirmed or reverted
#   rebooted-ID   a commit that the router forgot over a reboot
#
# FRR's startup file stays the old one until confirm, so a reboot takes the change back as well.
set -u
umask 077
export LC_ALL=C
trap '' HUP PIPE # the controller may go away; what was begun here is ended here
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
case $0 in # the copy that is kept with a change knows its folder, and is about that change
  */change-*/*) S=${SIXPEER_STATE:-${0%/change-*}} own=${0%/*} own=${own##*/change-} ;;
  *) S=${SIXPEER_STATE:-/var/lib/sixpeer} own= ;;
esac
ETC=${FRR_ETC:-/etc/frr}
RELOAD=${FRR_RELOAD:-/usr/lib/frr/frr-reload.py}
SYSTEMD=${SYSTEMD_RUN:-/run/systemd/system}
LINGER=${SYSTEMD_LINGER:-/var/lib/systemd/linger}
BOOT=$(cat "${BOOT_ID:-/proc/sys/kernel/random/boot_id}")
login=$(id -un)

# Exit statuses; custom_napalm/frr/commit.py knows them too.
CHANGED=10 PENDING=11 BUSY=12 NOT_READY=13 SYNTAX=14 PUT_BACK=20 NOT_PUT_BACK=21 NOTHING=30 FOREIGN=31 NOT_SAVED=32

say() { printf '%s\n' "$*"; }
die() { # STATUS MESSAGE
  status=$1
  shift
  say "$*"
  exit "$status"
}
log() { logger -t sixpeer -- "$*" 2>/dev/null; } # what the router does by itself is in its journal
ask() { timeout -s KILL 120 vtysh "$@" </dev/null; } # a daemon that hangs must not hang us, who have the lock
field() { sed -n "s/^$2 //p" "$1" 2>/dev/null; } # FILE NAME

# ---- what FRR runs ---------------------------------------------------------------------------------------------------

tidy() { sed -e 's/[ \t\r]*$//' -e '/^Building configuration/d' -e '/^Current configuration/d' -e '/^ *!$/d' -e '/^$/d'; }

running() { # FILE: write the running configuration there, or fail; it is whole if it says `end`
  rm -f "$1.part" "$1.tidy" # another login's, perhaps
  ask -c 'show running-config no-header' >"$1.part" 2>/dev/null && [ "$(tail -n 1 "$1.part")" = end ] &&
    tidy <"$1.part" >"$1.tidy" && mv "$1.tidy" "$1" && rm -f "$1.part"
}

digest() { sha256sum <"$1" | cut -d' ' -f1; }

# FRR may print the same objects in another order after they were removed and put back: each line with its contexts,
# sorted. An interface by itself says nothing; FRR 10 may show one that has nothing left.
flat() {
  awk '{ depth = match($0, /[^ ]/); text = substr($0, depth); path = ""
         for (outer = 1; outer < depth; outer++) if (outer in at) path = path at[outer] " / "
         for (; outer <= deepest; outer++) delete at[outer]
         if (depth > deepest) deepest = depth
         at[depth] = text
         if (text !~ /^(exit.*|end)$/ && (path != "" || text !~ /^interface /)) print path text }' "$1" | sort
}
same() { # FILE FILE
  [ "$(digest "$1")" = "$(digest "$2")" ] && return
  [ -s "$1" ] && [ -s "$2" ] && flat "$1" >"$1.flat" && flat "$2" >"$2.flat" &&
    [ "$(digest "$1.flat")" = "$(digest "$2.flat")" ]
}
differences() { # FILE FILE: the lines that only one of them has, with their context
  flat "$1" >"$1.flat" && flat "$2" >"$2.flat" || return
  { comm -23 "$1.flat" "$2.flat" | sed 's/^/- /'; comm -13 "$1.flat" "$2.flat" | sed 's/^/+ /'; } | head -n 20
}

# A password that goes away is taken away without its value first: frr-reload would write it on a command line.
withdraw_passwords() { # FILE: the configuration that comes
  running "$1.now" && rm -f "$1.withdraw" || return
  awk '/^[^ ]/ { context = $0 }
       context ~ /^router bgp / && $1 == "neighbor" && $3 == "password" {
         $1 = $1
         key = context "\t" $2
         if (NR == FNR) coming[key] = $0; else if (coming[key] != $0) print key
       }' "$1" "$1.now" >"$1.withdraw"
  rm -f "$1.now"
  while IFS='	' read -r context neighbor; do
    ask -c 'configure terminal' -c "$context" -c "no neighbor $neighbor password" || return
  done <"$1.withdraw"
  rm -f "$1.withdraw"
}

# frr-reload leaves the startup file alone when the file it loads is CONFDIR/frr.conf; its own log would show passwords.
frr_reload() { # --test|--reload FOLDER SECONDS
  rm -f "$2/vtysh.conf" && echo 'service integrated-vtysh-config' >"$2/vtysh.conf" || return
  # FRR 10.7 opens a file for its log all the same, one for all logins; whose it is not cannot open it.
  nolog=
  ! grep -q -e --logfile "$RELOAD" || nolog=--logfile=/dev/null
  timeout -s KILL "$3" "$RELOAD" "$1" $nolog --stdout --log-level error --confdir "$2" --rundir "$2" "$2/frr.conf" </dev/null
}

load() { # FOLDER SECONDS: make FOLDER/frr.conf the running configuration; what FRR says is in FOLDER/log
  rm -f "$1/log"
  withdraw_passwords "$1/frr.conf" >"$1/log" 2>&1 && frr_reload --reload "$1" "$2" >>"$1/log" 2>&1
}

# FRR 10 does not let go of an interface that exists: its "no interface X" fails, and what follows goes wrong. So a
# configuration that comes names those that are there now, with nothing in them.
keep_interfaces() { # FILE: the configuration that comes
  running "$1.now" || return
  awk '/^interface / { if (NR == FNR) named[$0] = 1; else if (!named[$0]) print $0 "\nexit" }' "$1" "$1.now" >"$1.kept"
  [ ! -s "$1.kept" ] || { sed -i '/^end$/d' "$1" && cat "$1.kept" >>"$1"; }
  status=$?
  rm -f "$1.now" "$1.kept"
  return $status
}

# What FRR says, each thing once: its line numbers are those of a file that nobody sees, FRR 10 says what goes well too.
essence() {
  sed -e 's/\x1b\[[0-9;]*m//g' -e 's/^line [0-9]*: //' -e '/sending configuration/d' -e '/^Waiting for children/d' \
    -e '/^\[[0-9]*|[a-z0-9]*\] done/d' -e '/MGMTD: No changes/d' -e '/^Configuration file.* processing failure/d' |
    awk 'NF && !seen[$0]++' | head -n 20
}
complaints() { essence <"$1/log"; } # FOLDER

check() { # FOLDER: is FOLDER/frr.conf something FRR can parse?
  said=$(ask -C -f "$1/frr.conf" 2>&1) && return
  say "$said" | essence
  return $SYNTAX
}

save() { # CHANGE: running becomes startup; a write that was cut short is seen
  rm -f "$1/log"
  ask -c 'write memory' >"$1/log" 2>&1 || return
  running "$1/now" && tidy <"$ETC/frr.conf" >"$1/startup" && echo end >>"$1/startup" && same "$1/now" "$1/startup"
}

# ---- may we, at all --------------------------------------------------------------------------------------------------

may_sudo() { [ "$(id -u)" = 0 ] || sudo -n "$1" --version >/dev/null 2>&1; } # COMMAND
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

lacks() { # what a commit needs and is not here: a line each, with the command that mends it
  for tool in vtysh:frr flock:util-linux setsid:util-linux timeout:coreutils sha256sum:coreutils comm:coreutils awk:mawk; do
    command -v "${tool%:*}" >/dev/null || say "${tool%:*} is not on this router: apt-get install ${tool#*:}"
  done
  version=$(ask -c 'show version' 2>/dev/null | sed -n 's/^FRRouting \([0-9.]*\).*/\1/p')
  case $version in
    '') say "$login cannot use vtysh, or FRR does not run: usermod -aG frr,frrvty $login; systemctl status frr" ;;
    8.[4-9]* | 9.* | 10.*) ;;
    *) say "FRR $version runs here, and 8.4 to 10 is what this is for: apt-get install --only-upgrade frr frr-pythontools" ;;
  esac
  [ -x "$RELOAD" ] || say "$RELOAD is missing: apt-get install frr-pythontools"
  if grep -qs '^ *no service integrated-vtysh-config' "$ETC/vtysh.conf" || [ ! -e "$ETC/frr.conf" ]; then
    say "FRR keeps a file for each daemon here, frr-reload.py needs one for all:" \
      "echo 'service integrated-vtysh-config' > $ETC/vtysh.conf; vtysh -c 'write memory'"
  elif [ ! -r "$ETC/frr.conf" ]; then
    say "$login cannot read $ETC/frr.conf: usermod -aG frr $login"
  fi
  if [ -d "$S" ]; then [ -w "$S" ] && [ -g "$S" ]; else may_sudo install; fi ||
    say "$login cannot write to $S, or its files are not its group's: sudo install -d -m 2770 -g frrvty $S; sudo usermod -aG frrvty $login"
  [ "$(keeper)" ] || say "no timer would outlive this login: sudo loginctl enable-linger $login"
}

ready() {
  missing=$(lacks)
  [ -z "$missing" ] || die $NOT_READY "$missing"
  [ -d "$S" ] || as_root install -d -m 2770 -g frrvty "$S" || die $NOT_READY "$S could not be made"
}

lock() { # [SECONDS to wait]
  [ -d "$S" ] || die $NOTHING "nothing is pending: there is no $S"
  (umask 007 && : >>"$S/lock") 2>/dev/null || die $NOT_READY "$login cannot write to $S/lock"
  exec 9>>"$S/lock"
  # shellcheck disable=SC2086
  flock ${1:+-w "$1"} 9 || die $BUSY "the router is being changed by another commit: $(describe pending)"
}

describe() { # FILE of $S
  [ -e "$S/$1" ] || return 0
  since=$(field "$S/$1" since)
  say "$(field "$S/$1" id) by $(field "$S/$1" login) for $(field "$S/$1" owner)" \
    "since $(date -u -d "@$since" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || say "$since"): $(field "$S/$1" message)"
}

# A reboot takes back what was pending, since FRR comes up with the startup file; unless that was being written.
rebooted() { [ "$(say "$1" | field - boot)" != "$BOOT" ] && ! say "$1" | grep -qx saved; } # WHAT IS NOTED
settle() {
  for phase in pending confirming reverting; do
    ! noted=$(cat "$S/$phase" 2>/dev/null) || ! rebooted "$noted" || mv "$S/$phase" "$S/rebooted-$(say "$noted" | field - id)"
  done
}
refuse_if_pending() {
  for phase in pending confirming reverting; do
    [ ! -e "$S/$phase" ] || die $PENDING "another commit is $phase on this router: $(describe $phase)"
  done
}

# ---- the timer -------------------------------------------------------------------------------------------------------

# What keeps the timer: where there is systemd, systemd: root's, or that of a login that lingers. A detached process
# does where nothing (logind, for one) kills it with the session.
keeper() {
  if [ ! -d "$SYSTEMD" ]; then
    say detached
  elif may_sudo systemd-run; then
    say system
  elif [ -e "$LINGER/$login" ]; then
    say user
  elif [ "$(busctl get-property org.freedesktop.login1 /org/freedesktop/login1 \
    org.freedesktop.login1.Manager KillUserProcesses 2>/dev/null)" = 'b false' ]; then
    say detached
  fi
}

arm() { # CHANGE SECONDS: whatever happens to us, the network and sshd, put back in SECONDS
  keeper >"$1/keeper"
  case $(cat "$1/keeper") in
    system) arm_systemd "$@" as_root systemd-run --uid="$login" ;; # its files are the login's
    user) arm_systemd "$@" of_user systemd-run --user ;;
    *) arm_detached "$@" ;;
  esac >"$1/log" 2>&1 || { say "the timer did not start: $(cat "$1/log")"; return 1; }
}

of_user() { XDG_RUNTIME_DIR=/run/user/$(id -u) "$@"; }

arm_systemd() { # CHANGE SECONDS SYSTEMD-RUN...
  unit=$(basename "$1") timer=$1/commit_confirm.sh after=$2
  shift 2
  "$@" --quiet --collect --unit="sixpeer-$unit" --on-active="$after" --timer-property=AccuracySec=100ms \
    --setenv=SIXPEER_STATE="$S" /bin/sh "$timer" timer "$unit"
}

arm_detached() { # CHANGE SECONDS
  # A session of its own, with none of our files: the lock would stay held, and ssh would wait for stdout.
  setsid -f sh "$1/commit_confirm.sh" timer "$(basename "$1")" "$2" </dev/null >/dev/null 2>&1 9>&-
  tries=100
  until [ -s "$1/timer.pid" ]; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return
    sleep 0.02
  done
}

disarm() { # CHANGE: the timer would find nothing to do; this is for tidiness, and fails in silence
  pid=$(cat "$1/timer.pid" 2>/dev/null)
  if [ -n "$pid" ] && [ "$pid" != $$ ] && grep -qs "$(basename "$1")" "/proc/$pid/cmdline"; then
    kill -s TERM -- "-$pid" 2>/dev/null # (dash takes no -- after -TERM)
  fi
  case $(cat "$1/keeper" 2>/dev/null) in
    system) as_root systemctl stop "sixpeer-$(basename "$1").timer" ;;
    user) of_user systemctl --user stop "sixpeer-$(basename "$1").timer" ;;
  esac >/dev/null 2>&1
  rm -f "$1/timer.pid"
}

timer() { # change-ID [SECONDS]
  change=$S/$1 pause=${TIMER_PAUSE:-5}
  [ -z "${2:-}" ] || { echo $$ >"$change/timer.pid"; sleep "$2"; }
  while :; do
    lock
    # Who has the lock and finds `confirming` knows that whoever confirmed is dead.
    find_change "${1#change-}"
    [ $phase != none ] || exit 0
    log "nobody confirmed ${1#change-} in time: putting back what was running before"
    put_back "$change" "nobody confirmed it in time" && exit
    log "${1#change-} could not be put back, perhaps FRR is restarting; next try in $pause s"
    exec 9>&-
    sleep "$pause"
    [ "$pause" -ge 300 ] || pause=$((pause * 2))
  done
}

# ---- the verbs -------------------------------------------------------------------------------------------------------

put_back() { # CHANGE WHY: under the lock; fails if running is not what it was before, and then leaves `reverting`
  [ -e "$S/reverting" ] || mv "$S/pending" "$S/reverting" 2>/dev/null || mv "$S/confirming" "$S/reverting" || return
  rm -f "$1/ballast"
  owner=$(field "$S/reverting" owner)
  # What somebody else did meanwhile is overwritten; it can be read in this file.
  [ -e "$1/after" ] && running "$1/overwritten" && same "$1/after" "$1/overwritten" && rm -f "$1/overwritten"
  [ ! -e "$1/after" ] || [ ! -e "$1/overwritten" ] ||
    log "$(basename "$1"): what somebody else has changed since is overwritten; it can be read in $1/overwritten"
  is_back "$1" || keep_interfaces "$1/before/frr.conf" >/dev/null 2>&1
  # Twice at most: some lines FRR adds by itself once others are gone, and a second run takes those away.
  is_back "$1" || load "$1/before" 600 || sleep 1
  is_back "$1" || load "$1/before" 600
  is_back "$1" || return
  ! grep -qx saved "$S/reverting" || { save "$1" && put_record "$1/record.before"; } || return
  echo "why $2" >>"$S/reverting"
  mv "$S/reverting" "$1/reverted"
  log "$(basename "$1") is put back: $2"
  end "$1"
}

is_back() { running "$1/now" && same "$1/before/frr.conf" "$1/now"; } # CHANGE

end() { # CHANGE: what is left of it is what `revert` and a reader may need
  rm -f "$1/frr.conf" "$1/vtysh.conf" "$1/now" "$1/startup" "$1/ballast" "$1"/*.flat "$1"/before/*.flat
  disarm "$1"
  # By when they ended, not by their names: those are of the controllers' clocks.
  ls -dt "$S"/change-* 2>/dev/null | grep -vxF "$1" | tail -n +10 | while read -r old; do
    rm -rf "$old" "$S/rebooted-${old#"$S"/change-}" 2>/dev/null
  done
  find "$S" -maxdepth 1 -name 'incoming.*' -mmin +60 -exec rm -rf {} + 2>/dev/null
}

not_put_back() { # CHANGE
  complaints "$1/before"
  [ ! -s "$1/now" ] || differences "$1/before/frr.conf" "$1/now"
  die $NOT_PUT_BACK "this could NOT be put back: try again with" \
    "'SIXPEER_STATE=$S sh $1/commit_confirm.sh revert', or load by hand what was running before: $1/before/frr.conf"
}

apply() { # FOLDER: with frr.conf and request in it
  ready
  check "$1" || exit
  lock 10
  settle
  refuse_if_pending
  mkdir "$1/before" && running "$1/before/frr.conf" || die $NOT_READY "the running configuration cannot be read or kept"
  [ "$(digest "$1/before/frr.conf")" = "$(field "$1/request" digest)" ] ||
    die $CHANGED "the running configuration changed since it was read"

  id=$(field "$1/request" id)
  change=$S/change-$id
  seconds=$(field "$1/request" revert_in)
  mv "$1" "$change" && chgrp --reference="$S" "$change" && chmod g+s "$change" ||
    { rm -rf "$change"; die $NOT_READY "no change can be kept in $S"; }
  # Room for the files that putting it back needs, should the disk be full by then.
  head -c $(($(cat "$change/frr.conf" "$change/before/frr.conf" | wc -c) * 8 + 65536)) /dev/zero >"$change/ballast" ||
    { rm -rf "$change"; die $NOT_READY "the disk of $S is full"; }
  {
    echo "id $id"
    echo "login $login"
    echo "boot $BOOT"
    echo "since $(date +%s)"
    sed -n -e '/^owner /p' -e '/^message /p' -e '/^revert_in /p' "$change/request"
  } >"$change/pending" && chgrp --reference="$S" "$change/pending" && chmod 640 "$change/pending" && mv "$change/pending" "$S/pending" ||
    { rm -rf "$change"; die $NOT_READY "no commit can be noted in $S"; }
  arm "$change" "$seconds" || { rm -rf "$S/pending" "$change"; exit $NOT_READY; }

  # The first line changes here. It ends before the timer fires, which would wait for our lock.
  budget=$((seconds > 1 ? seconds - 1 : 1))
  load "$change" $budget
  status=$?
  if [ $status = 0 ] && ! running "$change/after"; then
    say "what it runs now cannot be read"
  elif [ $status = 0 ]; then
    log "$id by $login for $(field "$S/pending" owner) is loaded; it is put back in $seconds s unless it is confirmed"
    say "applied $id"
    [ "$(field "$change/request" confirm)" = yes ] || return 0
    (keep "$change") && return
  fi
  [ $status != 137 ] || say "it took more than $budget seconds"
  complaints "$change"
  put_back "$change" "it could not be loaded" || not_put_back "$change"
  say "everything is put back"
  exit $PUT_BACK
}

find_change() { # ID or nothing; sets change and phase
  for phase in pending confirming reverting; do
    [ -e "$S/$phase" ] || continue
    id=$(field "$S/$phase" id)
    [ -z "${1:-}" ] || [ "$1" = "$id" ] || continue
    change=$S/change-$id
    [ -w "$change" ] || die $NOTHING "only its login or root can end it: $(describe $phase)"
    return
  done
  phase=none change=$S/change-${1:-none}
}

confirm() { # [ID]
  lock 60
  settle
  find_change "${1:-$own}"
  case $phase in
    pending | confirming) keep "$change" ;;
    *) die $NOTHING "nothing to confirm: $(ended)" ;;
  esac
}

keep() { # CHANGE: running stays, becomes startup, and the record says so
  [ -e "$1/after" ] || die $FOREIGN "it was interrupted before it was loaded as a whole"
  running "$1/now" || die $NOT_SAVED "the running configuration cannot be read"
  if ! same "$1/after" "$1/now"; then
    differences "$1/after" "$1/now"
    die $FOREIGN "the running configuration changed since the commit: by somebody else, or by a restart of FRR"
  fi
  [ -e "$S/confirming" ] || mv "$S/pending" "$S/confirming" || die $NOTHING "nothing to confirm: $(ended)"
  # From here on the startup file may hold the change.
  if ! echo saved >>"$S/confirming" || ! save "$1"; then
    complaints "$1"
    mv "$S/confirming" "$S/pending"
    die $NOT_SAVED "it could not be saved to $ETC/frr.conf, which may be damaged: compare it with $1/after"
  fi
  owner=$(field "$S/confirming" owner)
  [ ! -e "$1/record" ] || cat "$S/$owner.json" >"$1/record.before" 2>/dev/null
  put_record "$1/record" || die $NOT_SAVED "it is saved, but not the record $S/$owner.json"
  mv "$S/confirming" "$1/confirmed"
  log "$(basename "$1") is confirmed"
  end "$1"
  say "confirmed $(field "$1/confirmed" id)"
}

put_record() { # FILE; an empty one stands for no record
  [ -e "$1" ] || return 0
  [ -s "$1" ] || { rm -f "$S/$owner.json"; return; }
  cp "$1" "$S/.record.$$" && chmod 640 "$S/.record.$$" && mv -f "$S/.record.$$" "$S/$owner.json"
}

revert() { # [ID]: what is pending; or what ID confirmed, if nobody changed anything since
  lock 60
  settle
  find_change "${1:-$own}"
  if [ $phase = none ] && [ -e "$change/confirmed" ]; then
    refuse_if_pending
    running "$change/now" || die $NOT_READY "the running configuration cannot be read"
    if ! same "$change/after" "$change/now"; then
      differences "$change/after" "$change/now"
      die $FOREIGN "the running configuration changed since the commit: by somebody else, or by a restart of FRR"
    fi
    mv "$change/confirmed" "$S/reverting"
  elif [ $phase = none ]; then
    [ -e "$change/reverted" ] || [ -e "$S/rebooted-${change#"$S"/change-}" ] || die $NOTHING "nothing to put back: $(ended)"
    say "$(ended)"
    return
  fi
  put_back "$change" "asked to" || not_put_back "$change"
  say "reverted $(field "$change/reverted" id)"
}

ended() { # how the change ended, in words
  if [ -e "$change/reverted" ]; then
    say "it was put back, because $(field "$change/reverted" why)"
  elif [ -e "$S/rebooted-${change#"$S"/change-}" ]; then
    say "the router rebooted, and came up without it"
  elif [ -e "$change/confirmed" ]; then
    say "it is confirmed already"
  elif [ -d "$change" ] || [ "${change#"$S"/change-}" != none ]; then
    say "${change#"$S"/change-} is not pending here"
  else
    say "nothing is pending"
  fi
}

status() {
  [ ! -d "$S" ] || [ -r "$S" ] || die $NOT_READY "$login cannot read $S: sudo usermod -aG frrvty $login"
  for phase in pending confirming reverting; do
    # Read once: without the lock it may be renamed at any time.
    if ! noted=$(cat "$S/$phase" 2>/dev/null); then
      [ ! -e "$S/$phase" ] || [ -r "$S/$phase" ] || die $NOT_READY "$login cannot read $S/$phase: sudo chgrp frrvty $S/$phase"
      continue
    fi
    id=$(say "$noted" | field - id)
    ! rebooted "$noted" || phase=rebooted
    say "phase $phase"
    say "$noted"
    say "script $S/change-$id/commit_confirm.sh"
    [ $phase = rebooted ] || say "left $(($(say "$noted" | field - since) + $(say "$noted" | field - revert_in) - $(date +%s)))"
  done
}

delta() { # FOLDER: what FRR would remove and add; a file that does not parse would make it say: everything
  [ -x "$RELOAD" ] || ready
  check "$1" || exit
  frr_reload --test "$1" 600
}

verb=${1:-status}
[ $# = 0 ] || shift
case $verb in
  apply | check | delta | confirm | lacks | revert | status | timer) "$verb" "$@" ;;
  -h | --help) sed -n '2,/^set -u/s/^# \{0,1\}//p' "$0" ;;
  *) die 64 "usage: $0 status | revert [ID] | confirm [ID] | --help" ;;
esac
