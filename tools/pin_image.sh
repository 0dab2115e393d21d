#!/bin/sh
# Write the digest of the image that the node's container is built on into its recipe:
#
#   sh tools/pin_image.sh deploy/Containerfile
#
# A tag such as 3.12-slim is another image every few weeks; a digest is one for ever. Asks the
# image's registry by the first of skopeo, crane, docker and podman that is there.
set -eu

recipe=$1
image=$(sed -n 's/^FROM \([^@ ]*\).*/\1/p' "$recipe" | head -n 1)

pulled_digest() {
    "$1" pull --quiet "$2" >/dev/null &&
        "$1" image inspect --format '{{index .RepoDigests 0}}' "$2" | sed 's/.*@//'
}

digest_of() {
    if command -v skopeo >/dev/null 2>&1; then
        skopeo inspect --format '{{.Digest}}' "docker://$1"
    elif command -v crane >/dev/null 2>&1; then
        crane digest "$1"
    elif command -v docker >/dev/null 2>&1; then
        pulled_digest docker "$1"
    elif command -v podman >/dev/null 2>&1; then
        pulled_digest podman "$1"
    else
        echo "None of skopeo, crane, docker and podman is installed." >&2
        return 1
    fi
}

digest=$(digest_of "$image") || digest=""
case $digest in
    sha256:*) ;;
    *)
        echo "The digest of $image cannot be learnt: its registry did not answer, or no program asks it." >&2
        echo "$recipe is as it was. Run this where the image can be pulled, and commit the change." >&2
        exit 1
        ;;
esac
sed "s|^FROM $image[^ ]*|FROM $image@$digest|" "$recipe" >"$recipe.pinned"
cat "$recipe.pinned" >"$recipe"
rm "$recipe.pinned"
echo "$recipe builds on $image@$digest"
