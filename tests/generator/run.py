#!/usr/bin/env python3
"""Prove that an interface is declared once.

Adds an operation with a record, an open enumeration and a list to a copy of the core, generates, and finds all of it,
documented, in every language. No other line is written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COPY = ROOT / "target" / "generator-proof" / "project"
TARGET = ROOT / "target" / "generator-proof" / "target"

# Language → its file, and what must stand there: names, and the core's doc comments.
DOCS = ["Sends a probe through the chat.", "The probe's own name.", "How the probe looks.", "What the probe has seen so far."]
EXPECTED = {
    "Python": (
        "bindings/python/python/lpchat/_native.pyi",
        ["def send_probe(", "probe_label: str", "class ProbeReport:", "def sightings(self) -> list[str]", "ProbeColour", *DOCS],
    ),
    "Python enumeration": (
        "bindings/python/python/lpchat/_enumerations.py",
        ["class ProbeColour", 'SKY_BLUE = "sky-blue"', "Like the sky."],
    ),
    "TypeScript": (
        "bindings/node/ts/generated",
        ["sendProbe(", "probeLabel: string", "class ProbeReport", "sightings", "'sky-blue'", "Like the sky.", *DOCS],
    ),
    "C": (
        "bindings/c/include/lpchat.h",
        [
            "lpchat_visitor_chat_send_probe",
            "lpchat_probe_report_sightings_at",
            "LPCHAT_PROBE_COLOUR_SKY_BLUE",
            "Like the sky.",
            *DOCS,
        ],
    ),
    "C++": (
        "bindings/c/include/lpchat.hpp",
        ["send_probe", "class probe_report", "sightings", "enum class probe_colour", "sky_blue", *DOCS],
    ),
    "Kotlin": (
        "bindings/uniffi/kotlin",
        ["fun `sendProbe`", "`probeLabel`", "data class ProbeReport", "`sightings`", "ProbeColour", "Like the sky.", *DOCS],
    ),
    "conformance": ("tests/conformance/interface.json", ['"send_probe"', '"probe_label"']),
    "README": ("README.md", ["`lpchat_visitor_chat_send_probe`"]),
}


def copy_project() -> None:
    """The tracked and untracked sources, without what is built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    if COPY.exists():
        shutil.rmtree(COPY)
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, COPY / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            # With its time, so that cargo rebuilds only what changed.
            shutil.copy2(source, target)


def add_probe() -> None:
    """The one file, the line that makes it a module, and the line that makes its types public."""
    visitor = COPY / "core/src/visitor"
    shutil.copy(HERE / "probe.rs", visitor / "probe.rs")
    module = visitor / "mod.rs"
    module.write_text(module.read_text() + "\nmod probe;\npub use probe::{ProbeColour, ProbeReport};\n")
    library = COPY / "core/src/lib.rs"
    library.write_text(library.read_text() + "\npub use visitor::{ProbeColour, ProbeReport};\n")


def generate() -> None:
    environment = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
    subprocess.run(
        ["cargo", "build", "--quiet", "-p", "lpchat-uniffi", "-p", "lpchat-codegen"], cwd=COPY, env=environment, check=True
    )
    debug = TARGET / "debug"
    subprocess.run([debug / "lpchat-codegen", debug / "liblpchat_uniffi.so", str(COPY)], check=True, capture_output=True)


def text_of(place: Path) -> str:
    files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    return "\n".join(path.read_text() for path in files)


def flat(text: str) -> str:
    """Without the line breaks and comment signs that a doc comment may have got."""
    return " ".join(text.replace("*", " ").replace("///", " ").split())


def main() -> int:
    copy_project()
    add_probe()
    generate()
    failed = 0
    for language, (place, texts) in EXPECTED.items():
        found = text_of(COPY / place)
        missing = [text for text in texts if text not in found and flat(text) not in flat(found)]
        print(f"{language}: {'ok' if not missing else f'FAILED, {place} lacks {missing}'}")
        failed += bool(missing)
    print(f"generator: {len(EXPECTED) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
