#!/bin/sh
# PID 1 of one machine, in mount, UTS, IPC, network and PID namespaces of its own.
#   init.sh NAME FOLDER PROGRAMS
# FOLDER has `private` and `mounts` (lab/private.py) and becomes /run/lab; PROGRAMS becomes /run/lab/bin.
# Says "ready" on stdout when it is.
set -eu
name=$1 folder=$2 programs=$3

hostname "$name"
mount -t sysfs sysfs /sys 2>/dev/null || true   # the devices of this network namespace
# Before there is any link: an address is usable at once, and none comes from elsewhere.
for scope in all default; do
  for setting in accept_dad=0 dad_transmits=0 accept_ra=0 autoconf=0; do
    echo "${setting#*=}" > "/proc/sys/net/ipv6/conf/$scope/${setting%=*}"
  done
  echo 0 > "/proc/sys/net/ipv6/conf/$scope/disable_ipv6"
done
echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range   # ping needs no privilege

mkdir -p "$folder/run"
mount -t tmpfs -o mode=755 lab "$folder/run"
mkdir -p "$folder/run/lab" "$folder/run/frr" "$folder/run/lock" "$folder/run/sshd"
mount --bind "$folder" "$folder/run/lab"
mkdir -p "$folder/bin"
mount --bind "$programs" "$folder/run/lab/bin"
mount -n --move "$folder/run" /run
if id frr > /dev/null 2>&1; then chown frr:frr /run/frr; fi

while read -r path; do mount --bind "/run/lab/private$path" "$path"; done < /run/lab/mounts

cd /
echo ready
exec tini -- sleep infinity > /run/lab/init.log 2>&1 < /dev/null
