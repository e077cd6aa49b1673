#!/bin/sh
# Makes a small system around a real systemd and becomes its first process: a tree in memory, with this machine's /usr and the program
# in /opt/netcruiser, both read-only. Run by systemd-rig.ts inside namespaces of its own, so nothing of it is seen outside or outlives
# it. $1: an empty folder for the tree. $2: the program.
set -eu
mount -t tmpfs -o mode=755,size=1g tree "$1"
cd "$1"
mkdir -p usr etc/systemd/system proc sys dev run root home/ann srv tmp var/tmp var/lib var/log var/cache opt/netcruiser before
chmod 1777 tmp var/tmp
chmod 700 root
for name in bin sbin lib lib32 lib64; do
  if [ -L "/$name" ]; then ln -s "usr/$name" "$name"; fi
done
mount --bind /usr usr
mount -o remount,bind,ro usr
mount --bind "$2" opt/netcruiser
mount -o remount,bind,ro opt/netcruiser
ln -s /run var/run

cp /etc/ld.so.cache /etc/login.defs etc/
printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' > etc/nsswitch.conf
printf '%s\n' 'root:x:0:0::/root:/bin/sh' 'nobody:x:65534:65534::/:/bin/false' 'ann:x:1000:1000::/home/ann:/bin/sh' > etc/passwd
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' 'ann:x:1000:' > etc/group
echo 'root:!:1:0:99999:7:::' > etc/shadow
chmod 600 etc/shadow
echo 0123456789abcdef0123456789abcdef > etc/machine-id
echo '127.0.0.1 localhost mx.example.org' > etc/hosts
echo 'nameserver 127.0.0.1' > etc/resolv.conf
: > etc/os-release
echo 'for ann only' > home/ann/letter # and readable, were the folder seen

mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 devices dev
while read -r name minor; do
  mknod -m 666 "dev/$name" c 1 "$minor"
done <<DEVICES
null 3
zero 5
full 7
random 8
urandom 9
DEVICES
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620 terminals dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s null dev/console
mount -t tmpfs -o mode=755 run run
hostname mx.example.org
ip link set lo up
printf '%s\n' '[Unit]' 'Requires=systemd-journald.service' 'After=systemd-journald.service' > etc/systemd/system/small.target

pivot_root . before
umount -l /before
exec env -i container=other PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --system --unit=small.target --show-status=no
