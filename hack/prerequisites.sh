#!/usr/bin/env bash
# Checks the prerequisites of the build. Fails with what is missing and how to install it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
missing=0
need() { # COMMAND ADVICE
  command -v "$1" >/dev/null && return
  echo "error: $1 is missing: $2" >&2
  missing=1
}
"$here/find-jdk.sh" >/dev/null || missing=1
need mvn "install Maven 3.9 or newer: the package maven of Debian, Fedora and Homebrew, or https://maven.apache.org"
need go "install Go 1.26 or newer: the package golang or go of your distribution or Homebrew, or https://go.dev/dl"
need openssl "install the package openssl of your distribution or Homebrew"
exit "$missing"
