#!/bin/sh
# Pin everything that make installs, with the hashes of its files, for every Python and system:
#
#   sh tools/lock_requirements.sh .venv-release/bin/uv            new requirements of pyproject.toml
#   sh tools/lock_requirements.sh .venv-release/bin/uv --upgrade  newest releases in its ranges
#
# dev.txt decides; the other files take its versions, since they share an environment with it.
set -eu

uv=$1
shift

compile() {
    name=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --only-binary :all: --no-emit-index-url --no-emit-find-links --no-annotate \
        --constraint requirements/constraints.in --custom-compile-command "make lock" \
        --output-file "requirements/$name.txt" "$@"
}

compile torch --group torch "$@"
# What torch of the package index needs, CUDA among it, is pinned in torch.txt alone.
without_torch=$(sed -n 's/^\(torch\|triton\|cuda-[a-z]*\|nvidia-[a-z0-9-]*\)==.*/--no-emit-package \1/p' \
    requirements/torch.txt)
# shellcheck disable=SC2086 - one argument a word
compile dev pyproject.toml --group dev --group build $without_torch \
    --constraint requirements/torch.txt "$@"
for_base="--group build --constraint requirements/dev.txt"
# shellcheck disable=SC2086
compile base pyproject.toml $for_base "$@"
# shellcheck disable=SC2086
compile node pyproject.toml --extra service --extra codecs $for_base "$@"
# shellcheck disable=SC2086
compile docs pyproject.toml --group docs $for_base "$@"
compile release --group release "$@"
compile citation --group citation --no-deps "$@"
compile pip --group pip "$@"
