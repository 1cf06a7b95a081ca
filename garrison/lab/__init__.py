"""The lab: Debian hosts booted by systemd-nspawn on this machine, reached over SSH like any other."""
