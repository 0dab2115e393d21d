#!/bin/sh
# The tests check DICOM files with dciodvfy, dcmtk and Orthanc, and the review page with Chromium.
# Install what is missing where that is possible (root and apt); elsewhere the tests that need a
# program say so and skip.
set -u

missing=""
command -v dciodvfy >/dev/null 2>&1 || missing="$missing dicom3tools"
command -v storescu >/dev/null 2>&1 || missing="$missing dcmtk"
command -v Orthanc >/dev/null 2>&1 || [ -x /usr/sbin/Orthanc ] || missing="$missing orthanc"
[ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] || missing="$missing orthanc-dicomweb"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installed:$missing. Tests that need them will be skipped."
    exit 0
fi
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 \
    || echo "Could not install$missing. Tests that need them will be skipped."
exit 0
