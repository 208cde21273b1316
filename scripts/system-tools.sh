#!/bin/sh
# Installs the system tools that are needed, by apt where we may, else names them and stops.
# LightGBM needs libgomp1; the tests also need git, and a JDK with Maven for the real Neo4j.
#   system-tools.sh run     what `make demo` needs
#   system-tools.sh test    what `make test` needs
set -eu

missing=""
need() { # need COMMAND-TEST PACKAGE
    sh -c "$1" >/dev/null 2>&1 || missing="$missing $2"
}

if [ "${1:-test}" = test ]; then
    need 'javac -version 2>&1 | grep -Eq "javac (1[7-9]|[2-9][0-9])"' default-jdk-headless
    need 'command -v mvn' maven
    need 'command -v git' git
fi
need 'ls /usr/lib/*/libgomp.so.1 /usr/lib64/libgomp.so.1 2>/dev/null | grep -q .' libgomp1

[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing:$missing"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
else
    echo "missing system tools:$missing" >&2
    echo "install them (on Debian or Ubuntu: sudo apt-get install$missing) and run the same command again" >&2
    exit 1
fi
