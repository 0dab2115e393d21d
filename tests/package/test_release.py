"""A release is refused unless tag, version and changelog agree, and says what it was made of."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from repository import REPOSITORY

TOOLS = REPOSITORY / "tools"
DIGEST = "sha256:" + "5e" * 32
AGREED = {
    "src/shortaxis/_version.py": '__version__ = "1.2.0"\n',
    "CITATION.cff": "title: T\nversion: 1.2.0\ndate-released: 2026-11-05\n",
    "CHANGELOG.md": "# Changelog\n\n## [1.2.0] - 2026-11-05\n\n## [1.1.0] - 2026-01-01\n",
    "deploy/Containerfile": f"FROM docker.io/library/python:3.12-slim@{DIGEST}\nWORKDIR /\n",
    "requirements/release.txt": "a==1\n",
    "requirements/pip.txt": "b==1\n",
}


def git(folder: Path, *words: str) -> str:
    settings = ["-c", "user.name=N", "-c", "user.email=n@example.org", "-c", "gpg.format=ssh"]
    command = ["git", "-C", str(folder), *settings, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def committed(folder: Path, **changes: str) -> Path:
    """A repository of what agrees, but for some files."""
    for name, text in {**AGREED, **changes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")
    return folder


def sign(folder: Path, keys: Path, tag: str) -> None:
    """Tag the commit with a key that the repository trusts."""
    keys.mkdir()
    key = keys / "key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(command, check=True)
    public = key.with_suffix(".pub").read_text(encoding="utf-8")
    (keys / "trusted").write_text(f"n@example.org {public}", encoding="utf-8")
    git(folder, "config", "gpg.format", "ssh")
    git(folder, "config", "gpg.ssh.allowedSignersFile", str(keys / "trusted"))
    git(folder, "-c", f"user.signingkey={key}", "tag", "--sign", tag, "--message", tag)


def check(folder: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, str(TOOLS / "release_check.py"), "--folder", str(folder), *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout


def test_what_agrees_can_be_released_before_the_tag_and_with_it(tmp_path: Path) -> None:
    folder = committed(tmp_path / "work")

    assert check(folder, "--before-the-tag") == (0, "1.2.0 can be released\n")
    code, words = check(folder)
    assert (code, words.count("\n")) == (1, 1)
    assert "no tag v1.2.0" in words

    sign(folder, tmp_path / "keys", "v1.2.0")
    assert check(folder) == (0, "1.2.0 can be released\n")


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("CHANGELOG.md", "## [1.3.0] - 2026-11-05\n", "begins with 1.3.0"),
        ("CHANGELOG.md", "## [1.2.0] - unreleased\n", "no date for 1.2.0"),
        ("CHANGELOG.md", "# Changelog\n", "begins with nothing"),
        ("CITATION.cff", "version: 1.1.0\ndate-released: 2026-11-05\n", "says 1.1.0"),
        ("CITATION.cff", "version: 1.2.0\n", "not the date"),
        ("deploy/Containerfile", "FROM docker.io/library/python:3.12-slim\n", "make pin-image"),
        ("deploy/viewer/Containerfile", "FROM debian:bookworm-slim\n", "deploy/viewer/Container"),
        ("src/shortaxis/_version.py", '__version__ = "1.2.1"\n', "says 1.2.1"),
    ],
)
def test_what_disagrees_is_named_with_a_way_on(
    tmp_path: Path, path: str, text: str, named: str
) -> None:
    folder = committed(tmp_path, **{path: text})

    code, words = check(folder, "--before-the-tag")

    assert code == 1
    assert named in words


def test_a_tag_without_a_signature_and_one_of_another_version_are_none(tmp_path: Path) -> None:
    folder = committed(tmp_path)
    git(folder, "tag", "v1.1.0")
    assert "there is v1.1.0" in check(folder)[1]

    git(folder, "tag", "--annotate", "v1.2.0", "--message", "Not signed")

    code, words = check(folder)
    assert code == 1
    assert "signature of v1.2.0 is missing" in words


@pytest.mark.parametrize(("other", "is_refused"), [("v1.10.0", True), ("v1.2.0rc1", False)])
def test_a_commit_is_one_release_and_its_candidates(
    tmp_path: Path, other: str, is_refused: bool
) -> None:
    folder = committed(tmp_path / "work")
    sign(folder, tmp_path / "keys", "v1.2.0")
    git(folder, "tag", other)

    code, words = check(folder)

    # Of several tags the highest is built.
    assert (code, f"the tag {other}" in words) == (int(is_refused), is_refused)


def test_a_version_that_packages_spell_otherwise_is_none(tmp_path: Path) -> None:
    files = {name: text.replace("1.2.0", "1.2.0-rc1") for name, text in AGREED.items()}
    folder = committed(tmp_path, **files)

    code, words = check(folder, "--before-the-tag")

    assert code == 1
    assert "1.2.0-rc1 is not spelt" in words


def test_changes_that_are_not_committed_are_no_release(tmp_path: Path) -> None:
    folder = committed(tmp_path)
    (folder / "more.txt").write_text("more", encoding="utf-8")

    assert "The work tree has changes" in check(folder, "--before-the-tag")[1]


def test_a_changed_tree_at_a_signed_tag_is_no_release(tmp_path: Path) -> None:
    folder = committed(tmp_path / "work")
    sign(folder, tmp_path / "keys", "v1.2.0")
    # Who hides new files from `git status` builds them all the same.
    git(folder, "config", "status.showUntrackedFiles", "no")
    package = folder / "src/shortaxis"
    (package / "new.py").write_text("new", encoding="utf-8")
    assert "The work tree has changes" in check(folder)[1]
    (package / "new.py").unlink()
    assert check(folder)[0] == 0

    with (package / "_version.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")

    code, words = check(folder)
    assert (code, "The work tree has changes" in words) == (1, True)


@pytest.mark.parametrize(
    ("said", "rehearses"), [([], False), (["DRY_RUN=0"], False), (["DRY_RUN="], False),
                            (["DRY_RUN=1"], True)],
)  # fmt: skip
def test_only_a_one_rehearses(said: list[str], rehearses: bool) -> None:
    release = would_run("release", *said)
    checked = would_run("release-check", *said)

    assert (release.returncode, checked.returncode) == (0, 0), release.stderr
    assert ("rehearse_release.py" in release.stdout) == rehearses
    assert ("attest.py" in release.stdout) != rehearses
    assert ("--before-the-tag" in checked.stdout) == rehearses


@pytest.mark.parametrize("target", ["release", "release-check"])
def test_a_word_that_may_mean_a_rehearsal_releases_nothing(target: str) -> None:
    run = would_run(target, "DRY_RUN=yes")

    assert run.returncode
    assert "DRY_RUN=1 rehearses" in run.stderr
    assert "attest.py" not in run.stdout


def would_run(*words: str) -> subprocess.CompletedProcess[str]:
    """What make would do, which it prints instead."""
    ours = {"DRY_RUN", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    env = {name: value for name, value in os.environ.items() if name not in ours}
    command = ["make", "--dry-run", *words]
    return subprocess.run(
        command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False
    )


def test_files_of_a_release_are_named_by_hash_with_what_built_them(tmp_path: Path) -> None:
    folder, released = committed(tmp_path / "work"), tmp_path / "release"
    released.mkdir()
    (released / "shortaxis-1.2.0.tar.gz").write_bytes(b"sources")
    code = "import sys, pathlib; sys.path.insert(0, sys.argv[1]); from attest import attest;"
    code += "attest(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))"

    for _ in range(2):  # what an earlier run wrote is no file of the release
        command = [sys.executable, "-c", code, str(TOOLS), str(released), str(folder)]
        subprocess.run(command, check=True)

    statement = json.loads((released / "provenance.json").read_text(encoding="utf-8"))
    sources = hashlib.sha256(b"sources").hexdigest()
    assert statement["subject"] == [
        {"name": "shortaxis-1.2.0.tar.gz", "digest": {"sha256": sources}}
    ]
    build = statement["predicate"]["buildDefinition"]
    revision = git(folder, "rev-parse", "HEAD")
    assert build["resolvedDependencies"][0]["digest"] == {"gitCommit": revision}
    pins = hashlib.sha256(b"a==1\n").hexdigest()
    assert build["resolvedDependencies"][1]["digest"] == {"sha256": pins}
    checked = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=released, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert checked.stdout.split() == ["provenance.json:", "OK", "shortaxis-1.2.0.tar.gz:", "OK"]


def with_program(folder: Path, name: str, script: str) -> dict[str, str]:
    """Environment in which only the programs of a plain shell and this one are found."""
    programs = folder / "programs"
    programs.mkdir()
    for each in ("sh", "sed", "head", "tail", "cat", "rm", "grep"):
        (programs / each).symlink_to(shutil.which(each) or each)
    (programs / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (programs / name).chmod(0o755)
    return {**os.environ, "PATH": str(programs)}


def ran(script: str, env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("sh") or "sh"
    command = [shell, str(TOOLS / script), *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_the_image_of_the_container_is_pinned_by_its_digest_and_again(tmp_path: Path) -> None:
    recipe = tmp_path / "Containerfile"
    shutil.copy(REPOSITORY / "deploy" / "Containerfile", recipe)
    before = recipe.read_text(encoding="utf-8")
    env = with_program(tmp_path, "skopeo", f"echo {DIGEST}")

    first = ran("pin_image.sh", env, str(recipe))
    again = ran("pin_image.sh", env, str(recipe))

    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    text = recipe.read_text(encoding="utf-8")
    assert len(re.findall(rf"^FROM [^@\s]+@{DIGEST}$", text, re.MULTILINE)) == 1
    plain = re.sub("@sha256:[0-9a-f]+", "", text)
    assert plain == re.sub("@sha256:[0-9a-f]+", "", before)


def test_every_recipe_builds_on_an_image_by_its_digest() -> None:
    recipes = sorted((REPOSITORY / "deploy").glob("**/Containerfile"))
    bases = [re.findall(r"^FROM (.+)$", recipe.read_text("utf-8"), re.M) for recipe in recipes]

    assert len(recipes) == 3
    for base in bases:
        assert re.fullmatch(r"docker\.io/library/\S+:\S+@sha256:[0-9a-f]{64}", *base)


@pytest.mark.parametrize(
    ("pulls", "builds", "code", "tried", "says"),
    [
        (0, 0, 0, 3, "deploy/ohif/Containerfile is built: shortaxis-ohif"),
        (1, 0, 0, 0, "deploy/ohif/Containerfile is not built: docker.io/library/debian"),
        (0, 1, 1, 1, "deploy/Containerfile cannot be built"),
    ],
    ids=["built", "no registry", "broken"],
)
def test_images_are_built_where_something_builds_them(
    tmp_path: Path, pulls: int, builds: int, code: int, tried: int, says: str
) -> None:
    contexts = {
        "deploy/Containerfile": ".",
        "deploy/orthanc/Containerfile": "deploy/orthanc",
        "deploy/ohif/Containerfile": "deploy/ohif",
    }
    log = tmp_path / "log"
    script = f'echo "$@" >> {log}\ncase $1 in pull) exit {pulls};; *) exit {builds};; esac'
    env = with_program(tmp_path, "buildah", script)

    run = ran("build_images.sh", env, *contexts)

    assert (run.returncode, says in run.stdout + run.stderr) == (code, True), run.stderr
    built = [line.split() for line in log.read_text().splitlines() if line.startswith("build")]
    given = [(each[each.index("--file") + 1], each[-1]) for each in built]
    assert given == list(contexts.items())[:tried]


def test_where_nothing_builds_images_it_is_said(tmp_path: Path) -> None:
    run = ran("build_images.sh", with_program(tmp_path, "nothing", ""), "deploy/Containerfile")

    assert run.returncode == 0
    assert "None of buildah, podman and docker is installed" in run.stdout


def test_a_registry_that_does_not_answer_leaves_the_recipe_as_it_was(tmp_path: Path) -> None:
    recipe = tmp_path / "Containerfile"
    recipe.write_text("FROM docker.io/library/python:3.12-slim\n", encoding="utf-8")
    env = with_program(tmp_path, "skopeo", "echo refused >&2; exit 1")

    run = ran("pin_image.sh", env, str(recipe))

    assert run.returncode == 1
    assert "cannot be learnt" in run.stderr
    assert recipe.read_text(encoding="utf-8") == "FROM docker.io/library/python:3.12-slim\n"


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ("echo 'No known vulnerabilities found'", 0, "nothing known against it"),
        ("echo 'Found 2 known vulnerabilities in 1 package'; exit 1", 1, "Found 2"),
        ("echo 'ConnectionError: no route' >&2; exit 1", 2, "cannot be reached from here"),
    ],
)
def test_an_audit_that_did_not_happen_is_none_that_was_passed(
    tmp_path: Path, answer: str, code: int, words: str
) -> None:
    env = with_program(tmp_path, "pip-audit", answer)

    run = ran("audit.sh", env, str(tmp_path / "programs" / "pip-audit"), "requirements/base.txt")

    assert run.returncode == code
    assert words in run.stdout


VERSIONED = {
    "tools/tagged_version.py": (TOOLS / "tagged_version.py").read_text(encoding="utf-8"),
    "pyproject.toml": (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"),
    "README.md": "# A\n",
    "LICENSE": "L\n",
    "src/shortaxis/__init__.py": "",
}


def built_version(folder: Path) -> tuple[str, str]:
    """Version of the metadata and of the package inside a wheel, built offline."""
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        "out",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (wheel,) = (folder / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.read("shortaxis/_version.py").decode()
    wheel.unlink()
    return wheel.name.split("-")[1], inside.split('"')[1]


def test_what_is_built_has_the_version_of_the_tag(tmp_path: Path) -> None:
    folder = committed(tmp_path, **VERSIONED)
    assert built_version(folder) == ("1.2.0", "1.2.0")  # no tag: that of the checkout

    for name in ("v1.3.0rc1", "v1.3.0", "latest", "version-of-mine"):
        git(folder, "tag", name)

    assert built_version(folder) == ("1.3.0", "1.3.0")


def test_a_tag_of_a_repository_around_the_sources_is_none_of_theirs(tmp_path: Path) -> None:
    around = committed(tmp_path)
    git(around, "tag", "v9.9.9")
    inside = tmp_path / "unpacked"
    for name, text in {**AGREED, **VERSIONED}.items():
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text(text, encoding="utf-8")

    assert built_version(inside) == ("1.2.0", "1.2.0")


def test_a_version_is_set_in_each_place_or_in_none(tmp_path: Path) -> None:
    unreleased = "# Changelog\n\n## [1.2.0] - unreleased\n\n## [1.1.0] - 2026-01-01\n"
    folder = committed(tmp_path, **{"CHANGELOG.md": unreleased})
    command = [sys.executable, str(TOOLS / "set_version.py"), "1.3.0", "--folder", str(folder)]

    subprocess.run([*command, "--date", "2026-12-24"], check=True)
    git(folder, "commit", "--quiet", "--all", "--message", "Version 1.3.0")

    assert check(folder, "--before-the-tag") == (0, "1.3.0 can be released\n")
    assert "## [1.1.0] - 2026-01-01" in (folder / "CHANGELOG.md").read_text("utf-8")
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "CHANGELOG.md: expected" in again.stderr
    assert git(folder, "status", "--porcelain") == ""
