#!/bin/sh
# PID 1 of one machine, in mount, UTS, IPC, network and PID namespaces of its own.
#   init.sh NAME FOLDER PROGRAMS TREE
# FOLDER has `private` and `mounts` (lab/private.py) and becomes /run/lab; PROGRAMS, if any, becomes /run/lab/bin.
# TREE, if any, is another Debian than the host's (lab/versions.py), and becomes /.
# Says "ready" on stdout when it is.
set -eu
name=$1 folder=$2 programs=$3 tree=$4

hostname "$name"
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
if id frr > /dev/null 2>&1; then chown frr:frr "$folder/run/frr"; fi
cat /proc/sys/kernel/random/uuid > "$folder/run/boot_id"
mount --bind "$folder" "$folder/run/lab"
if [ -n "$programs" ]; then
  mkdir -p "$folder/bin"
  mount --bind "$programs" "$folder/run/lab/bin"
fi

if [ -n "$tree" ]; then   # many machines share it: read-only
  mount --bind "$tree" "$tree"
  mount -o remount,bind,ro "$tree"
  mount -t proc proc "$tree/proc"
  mount --rbind /dev "$tree/dev"
fi
if [ -z "$tree" ]; then   # the host's /usr is not a machine's to change
  mount --bind /usr /usr
  mount -o remount,bind,ro /usr
fi
mount -t sysfs sysfs "$tree/sys" 2>/dev/null || true   # the devices of this network namespace
mount -n --move "$folder/run" "$tree/run"
if [ -n "$tree" ]; then
  cd "$tree"
  pivot_root . .
  umount -l .   # the host's, which now lies over it
fi

cd /
while read -r path; do mount --bind "/run/lab/private$path" "$path"; done < /run/lab/mounts
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id   # the kernel's own would stay the same over a reboot

echo ready
exec tini -- sleep infinity > /run/lab/init.log 2>&1 < /dev/null
