#!/bin/sh
# Removes everything from a base image that serving does not need. Keeps Python and its byte code, libraries,
# certificates, time zones, and dpkg's list of packages for scanners; removes pip, apt, perl, documentation, translations.
set -eu
standard=$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
python -c 'import site; print("\n".join(site.getsitepackages()))' | while read -r packages; do
  rm -rf "$packages"
done
rm -rf "$standard/ensurepip" "$standard/idlelib" "$standard/lib2to3" "$standard/pydoc_data" "$standard/test" \
  "$standard/tkinter" "$standard/turtledemo" "$standard/distutils" "$standard/unittest" "$standard"/config-*
rm -f /usr/bin/pip* /usr/local/bin/pip* /usr/local/bin/idle* /usr/local/bin/pydoc*
rm -rf /usr/sbin/* /usr/bin/dpkg* /usr/bin/gpgv /usr/bin/openssl /usr/bin/localedef /usr/share/bash-completion
rm -rf /usr/bin/apt* /usr/lib/apt /usr/lib/*-linux-gnu/libapt* /var/lib/apt /var/cache/* /var/log/*
rm -rf /usr/bin/perl* /usr/lib/*-linux-gnu/perl* /usr/lib/*-linux-gnu/libperl* /usr/share/perl* /usr/share/perl5
rm -rf /usr/share/doc /usr/share/info /usr/share/locale /usr/share/man /usr/share/python-wheels \
  /usr/lib/*-linux-gnu/gconv
python -m compileall -q --invalidation-mode unchecked-hash -f "$standard"
