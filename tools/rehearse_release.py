"""Rehearse a release from end to end in a clone of its own: ``make release DRY_RUN=1``.

    python tools/rehearse_release.py out/rehearsal
    python tools/rehearse_release.py out/rehearsal --version 0.2.0

Clones what is committed, sets version and dates, commits, tags with a key made for this, and runs
``make release`` there, whose environments are new and hold what is pinned by hash. Then it does
with the files what users do: checks signatures and sums, installs the wheel into an environment
that has nothing of this checkout, runs it, builds a wheel from the source distribution alone and
compares the two, and reads the citation, the manual pages, the lists of components and the recipe.
All of it happens in a temporary folder; neither commit, tag nor key is anybody's. What would be
published is moved to the folder of the command line, and the rest removed.

Ends with 1 at the first step that fails, and leaves what it had come to. Needs Python, git, make,
ssh-keygen and a package index.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PINNED = ("--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement")
OFFLINE = ("--quiet", "--no-deps", "--no-index")
WHO = "rehearsal@example.org"


@dataclass(frozen=True)
class Rehearsal:
    """Where a release is rehearsed, and under which version."""

    folder: Path
    version: str

    @property
    def clone(self) -> Path:
        """The clone that is released."""
        return self.folder / "clone"

    @property
    def released(self) -> Path:
        """What would be published."""
        return self.clone / "out" / "release"

    @property
    def key(self) -> Path:
        """The key of this rehearsal alone."""
        return self.folder / "key"

    @property
    def wheel(self) -> Path:
        """The wheel that would be published."""
        return self.released / f"shortaxis-{self.version}-py3-none-any.whl"

    @property
    def python(self) -> Path:
        """The interpreter of the environment into which the wheel is installed."""
        return self.folder / "installed" / "bin" / "python"

    def ran(self, *command: object, cwd: Path | None = None, **variables: str) -> str:
        """Output of a command in the clone; an error of it ends the rehearsal."""
        run = subprocess.run(
            [str(each) for each in command], cwd=cwd or self.clone,
            env={**_plain(os.environ), **variables},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if run.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}\n{run.stdout[-3000:]}")
        return run.stdout

    def git(self, *words: str) -> str:
        """Output of git in the clone, as somebody who signs with the key."""
        settings = ("user.name=Rehearsal", f"user.email={WHO}", f"user.signingkey={self.key}.pub")
        return self.ran("git", *(word for each in settings for word in ("-c", each)), *words)


def _plain(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment without what this make says to that of the clone, and without our sources."""
    ours = {"DRY_RUN", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONPATH"}
    return {name: value for name, value in variables.items() if name not in ours}


def clone(release: Rehearsal) -> str:
    """What is committed, in a folder of its own."""
    quiet = ("git", "clone", "--quiet", "--no-tags", REPOSITORY, release.clone)
    release.ran(*quiet, cwd=release.folder)
    changed = subprocess.run(
        ["git", "-C", str(REPOSITORY), "status", "--porcelain"], capture_output=True, text=True,
        check=True,
    ).stdout.splitlines()  # fmt: skip
    left_out = f"; {len(changed)} changes that are not committed are left out" if changed else ""
    return release.git("log", "-1", "--format=%h %s").strip() + left_out


def set_version(release: Rehearsal) -> str:
    """Version and date in each place."""
    release.ran(sys.executable, "tools/set_version.py", release.version, "--folder", release.clone)
    return release.version


def pin_images(release: Rehearsal) -> str:
    """Digests of base images: those of today's registry, or those committed."""
    try:
        release.ran("make", "pin-image")
    except RuntimeError:
        release.git("checkout", "--", "deploy")
        return "NOT REHEARSED: no registry of images was reached; the committed digests stay"
    return "by the registry"


def tag(release: Rehearsal) -> str:
    """A commit, and a tag signed by a key that the clone trusts."""
    key = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", WHO, "-f", release.key)
    release.ran(*key)
    public = release.key.with_suffix(".pub").read_text(encoding="utf-8")
    trusted = release.folder / "allowed_signers"
    trusted.write_text(f"{WHO} {public}", encoding="utf-8")
    release.git("config", "gpg.format", "ssh")
    release.git("config", "gpg.ssh.allowedSignersFile", str(trusted))
    release.git("commit", "--quiet", "--all", "--message", f"Version {release.version}")
    release.git("tag", "--sign", f"v{release.version}", "--message", release.version)
    return f"v{release.version}"


def build(release: Rehearsal) -> str:
    """All that `make release` does: checks, builds, lists, attests and signs."""
    release.ran("make", "release", f"KEY={release.key}", f"PYTHON={sys.executable}")
    return ", ".join(sorted(each.name for each in release.released.iterdir()))


def verify(release: Rehearsal) -> str:
    """Tag, signature and sums, as users verify them."""
    release.git("verify-tag", f"v{release.version}")
    trusted = release.folder / "allowed_signers"
    with (release.released / "SHA256SUMS").open("rb") as sums:
        subprocess.run(
            ["ssh-keygen", "-Y", "verify", "-f", trusted, "-I", WHO, "-n", "file",
             "-s", release.released / "SHA256SUMS.sig"],
            stdin=sums, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
    told = release.ran("sha256sum", "--check", "SHA256SUMS", cwd=release.released)
    return f"{told.count(': OK')} files"


def install(release: Rehearsal) -> str:
    """The wheel in a new environment: its version is the tag's, and it reorients a study."""
    release.ran(sys.executable, "-m", "venv", release.python.parents[1])
    pip = (release.python, "-m", "pip", "install")
    release.ran(*pip, *PINNED, "requirements/base.txt")
    release.ran(*pip, *OFFLINE, release.wheel)
    command = release.python.with_name("shortaxis")
    told = release.ran(command, "--version", cwd=release.folder).strip()
    if told != f"shortaxis {release.version}":
        raise RuntimeError(f"expected shortaxis {release.version}, found {told}")
    study = release.clone / "demo" / "study.dcm"
    release.ran(command, "reorient", study, "--out", "slices", cwd=release.folder)
    return told


def rebuild(release: Rehearsal) -> str:
    """A wheel of the source distribution alone, without git and index: the same to the last bit."""
    unpacked = release.folder / "unpacked"
    (sdist,) = release.released.glob("*.tar.gz")
    shutil.unpack_archive(sdist, unpacked, filter="data")
    builder = release.clone / ".venv-release" / "bin" / "python"
    when = release.git("log", "-1", "--format=%ct").strip()
    release.ran(
        builder, "-m", "build", "--wheel", "--no-isolation", "--outdir", unpacked,
        cwd=unpacked / f"shortaxis-{release.version}", SOURCE_DATE_EPOCH=when, PIP_NO_INDEX="1",
    )  # fmt: skip
    if (unpacked / release.wheel.name).read_bytes() != release.wheel.read_bytes():
        raise RuntimeError("the wheel of the source distribution is another one")
    return release.wheel.name


def read_published(release: Rehearsal) -> str:
    """Citation, recipe and lists of components, by their schemas; manual pages by groff."""
    tools, builder = release.clone / "tools", release.clone / ".venv-release" / "bin" / "python"
    schemas = release.folder / "schemas"
    target = ("--target", schemas)
    release.ran(builder, "-m", "pip", "install", *target, *PINNED, "requirements/citation.txt")
    told = [release.ran(builder, tools / "check_citation.py", "CITATION.cff", schemas).strip()]
    told.append(release.ran(builder, tools / "check_published.py", release.released).strip())
    if shutil.which("groff"):
        pages = sorted((release.clone / "out" / "man").glob("*.1"))
        words = release.ran("groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-z", *pages)
        if words:
            raise RuntimeError(f"groff says of the manual pages: {words}")
        told.append(f"{len(pages)} manual pages")
    return "; ".join(told)


STEPS: tuple[Callable[[Rehearsal], str], ...] = (
    clone, set_version, pin_images, tag, build, verify, install, rebuild, read_published,
)  # fmt: skip


def newest_heading(folder: Path) -> str:
    """The version that the changelog begins with."""
    text = (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    return re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)[0]


def main() -> None:
    """Rehearse, and say of each step what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--version", default=newest_heading(REPOSITORY))
    arguments = parser.parse_args()
    release = Rehearsal(Path(tempfile.mkdtemp(prefix="shortaxis-release-")), arguments.version)
    for step in STEPS:
        begun = time.monotonic()
        try:
            told = step(release)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"{step.__name__} FAILED in {release.folder}: {error}")
        name = step.__name__.replace("_", " ")
        print(f"{name:15s} {time.monotonic() - begun:5.0f} s  {told}", flush=True)
    shutil.rmtree(arguments.folder, ignore_errors=True)
    shutil.copytree(release.released, arguments.folder)
    shutil.rmtree(release.folder)
    print(f"{release.version} can be released; what would be published is in {arguments.folder}")


if __name__ == "__main__":
    main()
