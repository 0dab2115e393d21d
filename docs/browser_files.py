"""Put beside the page that works in the browser alone what it loads: the runtime and the weights.

A hook of mkdocs, and a command for a folder of one's own::

    python docs/browser_files.py FOLDER
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]

PAGE = REPOSITORY / "docs" / "browser"
RUNTIME = REPOSITORY / "deploy" / "browser" / "node_modules" / "onnxruntime-web" / "dist"
WEIGHTS = REPOSITORY / "src" / "shortaxis" / "inference" / "installed_weights" / "default"

RUNTIME_FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)
WEIGHT_FILES = ("record.json", "localiser.onnx", "refiner.onnx")
PAGE_FILES = ("index.html", "page.css", "page.js", "cascade.js", "files.js", "volumes.js")


def copy_page(folder: Path, runtime: Path = RUNTIME) -> bool:
    """The page with all that it loads; False where the runtime is not installed."""
    vendor = folder / "vendor"
    vendor.mkdir(parents=True, exist_ok=True)
    for name in PAGE_FILES:
        shutil.copyfile(PAGE / name, folder / name)
    for name in WEIGHT_FILES:
        shutil.copyfile(WEIGHTS / name, vendor / name)
    if not all((runtime / name).is_file() for name in RUNTIME_FILES):
        return False
    for name in RUNTIME_FILES:
        shutil.copyfile(runtime / name, vendor / name)
    return True


def on_post_build(config: Any, **_: Any) -> None:  # noqa: ANN401 - as mkdocs calls it
    """Complete the page of a built site."""
    if not copy_page(Path(config["site_dir"]) / "browser"):
        print("onnxruntime-web is not installed: the page in the browser says so")


if __name__ == "__main__":
    sys.exit(0 if copy_page(Path(sys.argv[1])) else "npm ci --prefix deploy/browser installs it")
