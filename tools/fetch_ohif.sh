#!/bin/sh
# Unpack the build of OHIF that deploy/ohif is tested with into .ohif, by its hash. Without npm, or
# where it cannot be fetched, the test that needs it says so and skips.
set -u

version=$(cat deploy/ohif/VERSION)
sha256=$(cat deploy/ohif/SHA256)
folder=.ohif/$version
[ -e "$folder/package/dist/index.html" ] && exit 0

command -v npm >/dev/null 2>&1 || { echo "npm is not there: OHIF is not tested"; exit 0; }
mkdir -p "$folder"
archive=$(npm pack --silent --pack-destination "$folder" "@ohif/app@$version" 2>/dev/null) \
    || { echo "OHIF $version could not be fetched: it is not tested"; exit 0; }
if ! echo "$sha256  $folder/$archive" | sha256sum --check --status; then
    rm -f "$folder/$archive"
    echo "OHIF $version is not what deploy/ohif/SHA256 says"
    exit 1
fi
tar -xzf "$folder/$archive" -C "$folder" && rm "$folder/$archive"
