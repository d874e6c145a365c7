"""Records both sides of a chat at two terminals, through a sandbox, into an animated picture.

    record-chat.py FOLDER PICTURE     the folder has lpchat and lpchat-sandbox in it

The terminals are pseudo-terminals, and what stands on them is what lpchat wrote. Only the time is arranged: a frame is taken when
the screens show what is waited for, and stays for as long as it takes to read, so that every run gives the same picture.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import NamedTuple

import pyte

COLUMNS, ROWS = 68, 22
PATIENCE = 60.0

# --- terminals --------------------------------------------------------------------------------------------------------


class Run(NamedTuple):
    """A piece of a row that looks the same throughout."""

    text: str
    colour: str
    bold: bool
    column: int


Row = tuple[Run, ...]


class Still(NamedTuple):
    """A screen at one moment."""

    rows: list[Row]
    cursor: tuple[int, int]


class Terminal:
    """A command at a terminal, and its screen."""

    def __init__(self, title: str, command: list[str]) -> None:
        self.title = title
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.rest = b""
        self.ended = False
        environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", "XDG_CONFIG_HOME": "/nonexistent"}
        self.process, self.file = pty.fork()
        if self.process == 0:
            os.execve(command[0], command, environment)
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self) -> None:
        try:
            written = os.read(self.file, 65536)
        except OSError:  # It has ended.
            written = b""
        text = self.rest + written
        # An escape sequence may come in two pieces.
        start = text.rfind(b"\x1b")
        whole = start < 0 or any(65 <= byte <= 122 and byte != 91 for byte in text[start + 1 :])
        text, self.rest = (text, b"") if whole or not written else (text[:start], text[start:])
        # The emulator knows no dimmed text, but a dark colour.
        self.stream.feed(text.replace(b"\x1b[2m", b"\x1b[90m"))

    def press(self, keys: str) -> None:
        os.write(self.file, keys.encode())

    def takes_keys(self) -> bool:
        """Whether the last row is the one that keys go to: all else was written before."""
        return re.match(r"(\[\d+\] )?>", self.text().rstrip().rpartition("\n")[2]) is not None

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def row(self, number: int) -> Row:
        runs: list[Run] = []
        cells = self.screen.buffer[number]
        for column in range(COLUMNS):
            cell = cells[column]
            if runs and (runs[-1].colour, runs[-1].bold) == (cell.fg, cell.bold):
                runs[-1] = runs[-1]._replace(text=runs[-1].text + cell.data)
            else:
                runs.append(Run(cell.data, cell.fg, cell.bold, column))
        return tuple(run._replace(text=run.text.rstrip()) for run in runs if run.text.strip())

    def still(self) -> Still:
        return Still([self.row(number) for number in range(ROWS)], (self.screen.cursor.x, self.screen.cursor.y))


@dataclass
class Recording:
    """What stood on the screens, and for how long."""

    terminals: list[Terminal]
    frames: list[tuple[float, list[Still]]] = field(default_factory=list)

    def wait(self, what: str, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not ready():
            files = {terminal.file: terminal for terminal in self.terminals}
            for file in select.select(list(files), [], [], 0.05)[0]:
                files[file].read()
            if time.monotonic() > until:
                screens = "\n---\n".join(terminal.text() for terminal in self.terminals)
                raise SystemExit(f"waited in vain for {what}\n{screens}")

    def shows(self, terminal: Terminal, *texts: str) -> None:
        for text in texts:
            self.wait(text, lambda text=text: text in terminal.text())

    def loses(self, terminal: Terminal, text: str) -> None:
        self.wait(f"no {text}", lambda: text not in terminal.text())

    def frame(self, seconds: float) -> None:
        """Takes the screens as they are."""
        for terminal in self.terminals:
            if not terminal.ended:
                self.wait("a whole screen", lambda terminal=terminal: terminal.takes_keys())
        self.frames.append((seconds, [terminal.still() for terminal in self.terminals]))

    def types(self, terminal: Terminal, text: str, meanwhile: Callable[[], None] | None = None) -> None:
        """Types a text, in pieces that a picture can show; `meanwhile` is waited for once the first is there."""
        for end in range(4, len(text) + 4, 4):
            terminal.press(text[end - 4 : end])
            self.shows(terminal, "> " + text[:end].rstrip())
            if meanwhile is not None and end == 4:
                meanwhile()
            self.frame(0.22)

    def enter(self, terminal: Terminal) -> None:
        terminal.press("\r")
        self.wait("an empty line", lambda: terminal.text().rstrip().endswith(">"))

    def says(self, speaker: Terminal, text: str, other: Terminal, seen: tuple[str, str], seconds: float) -> None:
        """Types and sends a line, which the other side sees come; `seen`: what says so there, and what stands before the line."""
        typing, name = seen
        self.types(speaker, text, lambda: self.shows(other, typing))
        self.enter(speaker)
        self.shows(other, name + text)
        self.loses(other, typing)
        self.frame(seconds)

    def last(self, terminal: Terminal) -> None:
        """Presses Enter behind the last command."""
        terminal.press("\r")
        terminal.ended = True
        self.wait("the end", lambda: os.waitpid(terminal.process, os.WNOHANG)[0] != 0)
        terminal.read()


# --- what happens -----------------------------------------------------------------------------------------------------


def beside(command: list[str]) -> subprocess.Popen[bytes]:
    """Somebody who is not in the picture."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def record(folder: Path, config: str) -> Recording:
    lpchat = [str(folder / "lpchat"), "--sandbox-config", config]
    agent = Terminal("lpchat agent", [*lpchat, "agent", "--poll-ms", "100"])
    recording = Recording([agent])
    recording.shows(agent, "you are online", "Chats ring here")
    zoe = Terminal(
        "lpchat chat --skill Human --visitor-name Zoë",
        [*lpchat, "chat", "--skill", "Human", "--visitor-name", "Zoë", "--poll-ms", "100"],
    )
    recording.terminals = [zoe, agent]
    first_chat(recording, zoe, agent)
    others = second_chat(recording, zoe, agent, lpchat)
    farewell(recording, zoe, agent)
    for process in others:
        process.kill()
        process.communicate()
    return recording


def first_chat(recording: Recording, zoe: Terminal, agent: Terminal) -> None:
    recording.shows(zoe, "Type a line", "shortly.")
    recording.shows(agent, "/accept within 19 s")
    recording.frame(1.5)
    recording.shows(agent, "/accept within 18 s")
    recording.frame(0.8)
    recording.types(agent, "/accept")
    recording.enter(agent)
    recording.shows(agent, "chat 1 is open", "You are now chatting")
    recording.shows(zoe, "You are now chatting with Alex.")
    recording.frame(1.8)
    recording.says(zoe, "Hello! My lamp arrived broken.", agent, ("[1] Zoë is typing…", "[1] Zoë: "), 1.8)
    recording.says(agent, "I am sorry! A new one, or your money back?", zoe, ("the agent is typing…", "Alex: "), 2.0)


def second_chat(recording: Recording, zoe: Terminal, agent: Terminal, lpchat: list[str]) -> list[subprocess.Popen[bytes]]:
    bob = beside([*lpchat, "chat", "--json", "--skill", "Human", "--visitor-name", "Bob"])
    recording.shows(agent, "/accept within 18 s")
    recording.frame(1.2)
    recording.types(agent, "/accept")
    recording.enter(agent)
    recording.shows(agent, "[2] · You are now chatting with Alex.")
    bob.stdin.write(b"Do you ship to Norway?\n")
    bob.stdin.flush()
    recording.shows(agent, "[2] Bob: Do you ship to Norway?")
    recording.frame(2.0)
    recording.says(zoe, "A new one, please.", agent, ("[1] Zoë is typing…", "[1] Zoë: "), 1.2)
    recording.types(agent, "/switch 2")
    recording.enter(agent)
    recording.shows(agent, "[2] >")
    robin = beside([*lpchat, "agent", "--json", "--username", "agent2@example.com", "--state", "occupied", "--accept-all"])
    while b'"Occupied"' not in robin.stdout.readline():
        pass
    recording.types(agent, "/transfer agent Robin -- asks about Norway")
    recording.enter(agent)
    recording.shows(agent, "chat 2 goes to Robin", "the current one is 1")
    recording.frame(2.2)
    return [bob, robin]


def farewell(recording: Recording, zoe: Terminal, agent: Terminal) -> None:
    recording.says(agent, "It leaves today.", zoe, ("the agent is typing…", "Alex: "), 1.6)
    recording.types(zoe, "/end")
    recording.last(zoe)
    recording.shows(zoe, "the chat has ended", "lpchat history search")
    recording.shows(agent, "chat 1 is closed (ended)")
    recording.frame(2.0)
    recording.types(agent, "/quit")
    recording.last(agent)
    recording.frame(3.0)


# --- the picture ------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 7.8, 18  # Of a character.
PADDING, TITLE, GAP = 12, 30, 16
WINDOW, TALL = COLUMNS * WIDTH + 2 * PADDING, TITLE + ROWS * HEIGHT + 2 * PADDING
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
COLOURS = {"default": "#d7dae0", "cyan": "#56c8d8", "brightblack": "#8b93a1"}


class Time:
    """When each frame begins, and how long all of them take."""

    def __init__(self, frames: list[tuple[float, list[Still]]]) -> None:
        self.total = sum(seconds for seconds, _ in frames)
        self.starts = [sum(seconds for seconds, _ in frames[:index]) for index in range(len(frames))]

    def shown(self, frames: set[int], drawn: str) -> str:
        """What is drawn, to be seen in these frames only. Where nothing moves, the last frame is to be seen."""
        last = len(self.starts) - 1
        if len(frames) == last + 1:
            return drawn
        changes = [index for index in range(last + 1) if index == 0 or (index in frames) != (index - 1 in frames)]
        values = ";".join("visible" if index in frames else "hidden" for index in changes)
        times = ";".join(f"{self.starts[index] / self.total:.5f}".rstrip("0").rstrip(".") for index in changes)
        visibility = "" if last in frames else ' visibility="hidden"'
        return (
            f'<g{visibility}><animate attributeName="visibility" values="{values}" keyTimes="{times}" calcMode="discrete" '
            f'dur="{self.total:.2f}s" repeatCount="indefinite"/>{drawn}</g>'
        )


def drawn_row(row: Row, x: float, y: float) -> str:
    """The length of each run is said, so that any font of fixed width fits."""
    pieces = []
    for run in row:
        look = f'fill="{COLOURS[run.colour]}"' + (' font-weight="700"' if run.bold else "")
        length = f'textLength="{len(run.text) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"'
        pieces.append(f'<text x="{x + run.column * WIDTH:.1f}" y="{y:.1f}" {look} {length}>{escape(run.text)}</text>')
    return "".join(pieces)


def window(title: str, left: float) -> list[str]:
    return [
        f'<rect x="{left:.1f}" width="{WINDOW:.1f}" height="{TALL}" rx="8" fill="#1f2430"/>',
        f'<rect x="{left:.1f}" y="{TITLE - 1}" width="{WINDOW:.1f}" height="1" fill="#3a4150"/>',
        *(f'<circle cx="{left + 16 + 16 * dot:.1f}" cy="15" r="5" fill="#4a5263"/>' for dot in range(3)),
        f'<text x="{left + WINDOW / 2:.1f}" y="19.5" fill="#aab1bf" text-anchor="middle">{escape(title)}</text>',
    ]


def contents(stills: list[Still], time: Time, left: float) -> list[str]:
    """Each row that ever stood somewhere is one element, and so is each place of the cursor."""
    rows: dict[tuple[int, Row], set[int]] = {}
    cursors: dict[tuple[int, int], set[int]] = {}
    for index, still in enumerate(stills):
        for number, row in enumerate(still.rows):
            if row:
                rows.setdefault((number, row), set()).add(index)
        cursors.setdefault(still.cursor, set()).add(index)
    x, y = left + PADDING, TITLE + PADDING
    drawn = [time.shown(frames, drawn_row(row, x, y + (number + 1) * HEIGHT - 5)) for (number, row), frames in rows.items()]
    for (column, number), frames in cursors.items():
        place = f'x="{x + column * WIDTH:.1f}" y="{y + number * HEIGHT + 1}" width="{WIDTH}" height="{HEIGHT - 2}"'
        drawn.append(time.shown(frames, f'<rect {place} fill="#d7dae0" fill-opacity="0.55"/>'))
    return drawn


def picture(recording: Recording) -> str:
    """The frames as SVG."""
    time = Time(recording.frames)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WINDOW + GAP:.1f} {TALL}" font-size="13" '
        f'xml:space="preserve" font-family="{FONTS}">',
        "<title>A visitor and an agent chat at two terminals</title>",
    ]
    for side, terminal in enumerate(recording.terminals):
        left = side * (WINDOW + GAP)
        stills = [screens[side] for _, screens in recording.frames]
        parts += window(terminal.title, left) + contents(stills, time, left)
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    folder, target = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    command = [str(folder / "lpchat-sandbox"), "--seed", "7", "--engagements", "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sandbox:
        config = sandbox.stdout.readline().decode().strip()
        assert json.loads(config)["kind"] == "lpchat-sandbox"
        recording = record(folder, config)
        sandbox.send_signal(signal.SIGTERM)
    target.write_text(picture(recording), encoding="utf-8")
    seconds = sum(seconds for seconds, _ in recording.frames)
    print(f"{target}: {len(recording.frames)} frames, {seconds:.0f} s, {target.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
