#!/bin/sh
# Build the images of some recipes, as deploy/compose.yml does:
#
#   sh tools/build_images.sh deploy/Containerfile deploy/*/Containerfile
#
# Asks the first of buildah, podman and docker that is there. Ends with 1 if a recipe cannot be built.
# Where nothing builds, or no registry gives the base image, that is said, and is no error.
set -eu

builder=""
for each in buildah podman docker; do
    command -v "$each" >/dev/null 2>&1 && builder=$each && break
done
if [ -z "$builder" ]; then
    echo "None of buildah, podman and docker is installed. No image is built."
    exit 0
fi

# A registry that is silent is one that does not answer.
patience=""
command -v timeout >/dev/null 2>&1 && patience="timeout 90"

for recipe in "$@"; do
    # The node is made of the whole checkout, the others of what lies beside their recipe.
    case $recipe in
        deploy/Containerfile) context=. name=node ;;
        *) context=${recipe%/*} name=${context##*/} ;;
    esac
    base=$(sed -n 's/^FROM //p' "$recipe" | head -n 1)
    if ! $patience "$builder" pull --quiet "$base" >/dev/null 2>&1; then
        echo "$recipe is not built: $base cannot be pulled here."
        continue
    fi
    if ! "$builder" build --quiet --tag "shortaxis-$name" --file "$recipe" "$context"; then
        echo "$recipe cannot be built by $builder." >&2
        exit 1
    fi
    echo "$recipe is built: shortaxis-$name"
done
