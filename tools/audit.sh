#!/bin/sh
# Look every pinned release up among known vulnerabilities:
#
#   sh tools/audit.sh .venv-release/bin/pip-audit requirements/base.txt requirements/node.txt
#
# Ends with 0 if none is known, with 1 if some are, and with 2 if nobody could be asked: an audit
# that did not happen is none that was passed.
set -u

pip_audit=$1
shift
worst=0
for pins in "$@"; do
    answer=$("$pip_audit" --progress-spinner off --disable-pip --require-hashes --requirement "$pins" 2>&1)
    found=$?
    if [ "$found" -eq 0 ]; then
        echo "$pins: nothing known against it"
    elif printf '%s' "$answer" | grep -qE 'Found [0-9]+ known vulnerabilit'; then
        printf '%s\n' "$pins:" "$answer"
        [ "$worst" -eq 2 ] || worst=1
    else
        echo "$pins: not audited, because the list of vulnerabilities cannot be reached from here"
        printf '%s\n' "$answer" | tail -n 1
        worst=2
    fi
done
exit "$worst"
