#!/bin/sh
# Makes a fresh Debian root what the image is: Squid, libldns, an init, and the folders of a pod. Run in it as root; the program
# /usr/bin/steer is put there beside this.
set -eu

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# tini is the first process: it hands signals on, and buries the helpers of a Squid that died.
apt-get install -y -qq --no-install-recommends squid libldns3 tini

# What Debian's service of Squid needs, and this image does not: its settings, spool, logs, and everything that is only read by
# people. mime.conf and the error pages stay.
rm -rf /etc/squid/conf.d /etc/squid/squid.conf /etc/logrotate.d/squid /var/spool/squid /var/log/squid
rm -rf /usr/share/doc/* /usr/share/man/* /usr/share/info/* /usr/share/lintian /usr/share/locale/*
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* /tmp/*

# Where a pod mounts its settings and volumes: the root itself is read-only.
mkdir -p /etc/steer /run/steer /var/lib/steer
# 'proxy' is whom Steer and Squid run as; manifests say its number.
[ "$(id -u proxy):$(id -g proxy)" = 13:13 ]
