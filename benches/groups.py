"""Who is measured against whom."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from services import BENCH

CONTESTANTS = Path(__file__).parent / "contestants"
# As many pages as the contestants read of a hundred records each.
PAGES = 20
CHATS, POLLS = 1000, 20


@dataclass
class Contestant:
    """A program to measure. The first peer of a group is what the others are compared with."""

    group: Group
    name: str
    command: list[str]
    # What each round gave, by name: `seconds` and `cpu` an iteration, `peak_kib`, and what only some can tell.
    figures: dict[str, list[float]] = field(default_factory=dict)
    check: str = ""
    requests: int = 0
    service: str = ""


@dataclass
class Group:
    """Contestants that do the same."""

    name: str
    service: str
    # How many of what the group counts one iteration is.
    unit: str
    units: int = 1
    contestants: list[Contestant] = field(default_factory=list)
    # By how much the numbers of requests may differ: logins, look-ups of hosts, polls that were under way at the end. Nothing
    # where polls go on for as long as the program runs.
    tolerance: int | None = 5
    # Seconds from poll to poll where it runs for a time and not for a number of iterations, so that no outcome can be compared.
    interval: float | None = None
    # It is run once for each of these numbers of records, for its memory only.
    sizes: tuple[int, ...] = ()
    # How many records its contestants read, where that are not the usual ones.
    records: int | None = None

    @property
    def kind(self) -> str:
        return "paced" if self.interval else "memory" if self.sizes else "repeated"

    def add(self, name: str, command: list[str], service: str = "") -> None:
        self.contestants.append(Contestant(self, name, command, service=service or self.service))


def python(*words: str) -> list[str]:
    return [sys.executable, str(CONTESTANTS / words[0]), *words[1:]]


def node(*words: str) -> list[str]:
    return ["node", str(BENCH / "node" / words[0]), *words[1:]]


def program(*words: str) -> list[str]:
    return [str(BENCH / "bin" / words[0]), *words[1:]]


def calls() -> list[Group]:
    in_python = Group("call, Python", "sandbox", "calls")
    in_python.add("httpx", python("call_httpx.py"))
    in_python.add("requests", python("call_requests.py"))
    in_python.add("lpchat", python("call_lpchat.py"))
    in_python.add("lpchat again (A/A)", python("call_lpchat.py"))
    in_node = Group("call, Node", "sandbox", "calls")
    in_node.add("fetch", node("call_fetch.mjs"))
    in_node.add("lpchat", node("call_lpchat.mjs"))
    in_c = Group("call, C", "sandbox", "calls")
    in_c.add("libcurl", program("call_libcurl"))
    in_c.add("lpchat", program("call_lpchat"))
    return [in_python, in_node, in_c]


def saturated(name: str, rows: list[tuple[str, list[str]]], polls: int = POLLS) -> Group:
    """Every chat is polled as fast as it goes."""
    group = Group(name, "chat 1", "polls", tolerance=CHATS * polls // 4)
    for row, command in rows:
        group.add(row, [*command, "saturated", str(CHATS), str(polls)])
    return group


def paced(name: str, chats: int, interval: int, rows: list[tuple[str, list[str]]], stalled: int = 0) -> Group:
    """Every chat is polled in an interval of milliseconds."""
    group = Group(name, f"chat 1 {stalled}", "polls", interval=interval / 1000)
    for row, command in rows:
        group.add(row, [*command, "paced", str(chats), "4", str(interval)])
    return group


def sends(name: str, rows: list[tuple[str, list[str]]], lines: int) -> Group:
    """Every chat sends one line after the other."""
    # A chat of lpchat is polled while lines are sent, one of the bare loop is not: the numbers of requests differ.
    group = Group(name, "chat 1", "lines", tolerance=None)
    for row, command in rows:
        group.add(row, [*command, "sends", str(CHATS), str(lines)])
    return group


def chats() -> list[Group]:
    core = [("reqwest + serde", program("bench-chat", "reqwest")), ("lpchat", program("bench-chat", "lpchat"))]
    in_node = [
        ("undici.request", node("chat_peer.mjs", "undici")),
        ("fetch", node("chat_peer.mjs", "fetch")),
        ("lpchat", node("chat_lpchat.mjs")),
    ]
    in_python = [
        ("aiohttp + orjson", python("chat_aiohttp.py")),
        ("pyreqwest", python("chat_pyreqwest.py")),
        ("lpchat", python("chat_lpchat.py")),
    ]
    in_c = [("libcurl multi + yyjson", program("chat_libcurl")), ("lpchat", program("chat_lpchat"))]
    events = Group("chat, events in batches of 64", "chat 64", "events", tolerance=None)
    events.add("C", program("events_lpchat"))
    events.add("Python", python("events_lpchat.py"))
    events.add("Node", node("events_lpchat.mjs"))
    return [
        saturated("chat, core", [*core, ("lpchat again (A/A)", core[1][1])], polls=3 * POLLS),
        sends("chat, lines, core", core, lines=2 * POLLS),
        saturated("chat, Node", in_node),
        saturated("chat, Python", in_python),
        saturated("chat, C", in_c, polls=3 * POLLS),
        events,
        paced("chat, 5,000 at 2 s, core", 5000, 2000, core),
        paced("chat, 5,000 at 2 s of which 1 % stall, core", 5000, 2000, core[1:], stalled=100),
        paced("chat, 1,000 at 150 ms, core", 1000, 150, core),
        paced("chat, 2,000 at 2 s, Node", 2000, 2000, in_node),
    ]


HISTORY = "history 1000000"


def searches() -> list[Group]:
    objects = Group("search → objects, Python", HISTORY, "pages", PAGES)
    objects.add("requests + json", python("search_requests.py", "objects"))
    objects.add("aiohttp + orjson", python("search_aiohttp.py", "objects"))
    objects.add("urllib3 + msgspec, typed", python("search_urllib3.py"))
    objects.add("lpchat", python("search_lpchat.py", "objects"))
    objects.add("lpchat again (A/A)", python("search_lpchat.py", "objects"))
    frames = Group("search → data frame, Python", HISTORY, "pages", PAGES)
    frames.add("requests + json → pandas.json_normalize", python("search_requests.py", "normalize"))
    frames.add("requests + json → pandas, 9 columns", python("search_requests.py", "pandas"))
    frames.add("aiohttp + orjson → pyarrow, 9 columns", python("search_aiohttp.py", "orjson"))
    frames.add("aiohttp + polars JSON, 9 columns", python("search_aiohttp.py", "polars"))
    frames.add("aiohttp + pyarrow NDJSON, 9 columns", python("search_aiohttp.py", "ndjson"))
    frames.add("lpchat → polars, whole table", python("search_lpchat.py", "polars"))
    frames.add("lpchat → pandas, whole table", python("search_lpchat.py", "pandas"))
    frames.add("lpchat → polars batch by batch, whole table", python("search_lpchat.py", "batches"))
    in_node = Group("search → objects, Node", HISTORY, "pages", PAGES)
    in_node.add("fetch + JSON.parse", node("search_fetch.mjs"))
    in_node.add("lpchat", node("search_lpchat.mjs"))
    in_c = Group("search → records, C", HISTORY, "pages", PAGES)
    in_c.add("libcurl multi + yyjson", program("search_libcurl"))
    in_c.add("lpchat", program("search_lpchat"))
    exports = Group("export → Parquet, Python", HISTORY, "pages", PAGES)
    exports.add("requests + json → pandas.to_parquet", python("search_requests.py", "parquet"))
    exports.add("aiohttp + orjson → pyarrow.ParquetWriter", python("search_aiohttp.py", "parquet"))
    exports.add("lpchat, all tables", python("search_lpchat.py", "parquet"))
    # Enough pages for some to fail.
    thousands = 40
    disturbed = Group("export → Parquet, 1 % faults", HISTORY, "pages", 10 * thousands, tolerance=50, records=1000 * thousands)
    disturbed.add("lpchat, undisturbed", python("search_lpchat.py", "parquet"))
    disturbed.add("lpchat, 1 % of the pages fail", python("search_lpchat.py", "parquet"), f"{HISTORY} 100")
    in_core = Group("search → records, core", HISTORY, "pages", PAGES)
    for name, client in (("reqwest + serde, typed", "reqwest"), ("lpchat", "lpchat")):
        in_core.add(name, program("bench-chat", client, "search", str(100 * PAGES)))
    return [in_core, objects, frames, exports, disturbed, in_node, in_c]


def decodings() -> list[Group]:
    """Pages that lie in memory: ten, of the records that the server makes its pages of."""
    file = str(BENCH / "records.jsonl")
    in_core = Group("decode → records, core", HISTORY, "pages")
    for name in ("serde_json-value", "serde_json", "sonic-rs", "lpchat"):
        in_core.add(name, program("bench-chat", name, "decode", file))
    objects = Group("decode → objects, Python", HISTORY, "pages")
    for name in ("json", "orjson", "msgspec", "lpchat"):
        objects.add(name, python("decode.py", name, file))
    tables = Group("decode → Arrow, Python", HISTORY, "pages")
    for name, what in (
        ("orjson + pyarrow, 9 columns", "orjson"),
        ("polars, 9 columns", "polars"),
        ("pyarrow NDJSON, 9 columns", "ndjson"),
    ):
        tables.add(name, python("decode.py", what, file, "table"))
    tables.add("lpchat, whole table", python("decode.py", "lpchat", file, "table"))
    in_node = Group("decode → objects, Node", HISTORY, "pages")
    for name, what in (("JSON.parse", "peer"), ("lpchat", "lpchat")):
        in_node.add(name, node("decode.mjs", what, file))
    in_c = Group("decode → records, C", HISTORY, "pages")
    in_c.add("yyjson", program("decode_yyjson", file))
    in_c.add("lpchat", program("decode_lpchat", file))
    return [in_core, objects, tables, in_node, in_c]


def memories(long: bool) -> list[Group]:
    """How the most memory a process ever had grows with the records it reads."""
    thousand = 1000
    streamed = Group("search → objects one by one", HISTORY, "records", sizes=(10 * thousand, 100 * thousand))
    streamed.add("requests + json", python("search_requests.py", "objects"))
    streamed.add("urllib3 + msgspec, typed", python("search_urllib3.py"))
    streamed.add("lpchat", python("search_lpchat.py", "objects"))
    collected = Group("search → data frame", HISTORY, "records", sizes=(thousand, 10 * thousand))
    collected.add("requests + json → pandas.json_normalize", python("search_requests.py", "normalize"))
    collected.add("aiohttp + orjson → pyarrow, 9 columns", python("search_aiohttp.py", "orjson"))
    collected.add("lpchat → polars, whole table", python("search_lpchat.py", "polars"))
    collected.add("lpchat → polars batch by batch, whole table", python("search_lpchat.py", "batches"))
    exported = Group("export → Parquet", HISTORY, "records", sizes=(10 * thousand, 100 * thousand))
    exported.add("aiohttp + orjson → pyarrow.ParquetWriter", python("search_aiohttp.py", "parquet"))
    exported.add("lpchat, all tables", python("search_lpchat.py", "parquet"))
    if long:
        exported.sizes = (10 * thousand, 100 * thousand, 1000 * thousand)
        streamed.sizes = (10 * thousand, 100 * thousand, 1000 * thousand)
        collected.sizes = (thousand, 10 * thousand, 100 * thousand)
    return [streamed, collected, exported]


def starts() -> list[Group]:
    in_python = Group("start, Python", "sandbox", "starts")
    for what in ("bare", "lpchat", "httpx", "requests"):
        in_python.add(what if what == "bare" else f"import {what}", python("start.py", what))
    found = [in_python]
    for system, load in (("commonjs", "require"), ("module", "import")):
        group = Group(f"start, Node {system}", "sandbox", "starts")
        group.add("bare", node("start.mjs", f"bare-{system}"))
        group.add(f"{load} lpchat", node("start.mjs", load))
        found.append(group)
    return found


def all_groups(long: bool) -> list[Group]:
    """All, with what takes long where that is asked for."""
    return [*calls(), *chats(), *searches(), *decodings(), *memories(long), *starts()]
