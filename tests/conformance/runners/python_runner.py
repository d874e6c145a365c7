"""The conformance runner of the Python package, blocking and awaitable. `../README.md` describes what it reads and prints."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import lpchat

FACES = {"Visitor": "visitor", "Agent": "agent", "History": "history"}
READ = {
    "s": str,
    "i": int,
    "f": float,
    "b": lambda text: text == "true",
    "t": lambda text: datetime.fromtimestamp(0, timezone.utc) + timedelta(milliseconds=int(text)),
    "d": lambda text: timedelta(milliseconds=float(text)),
}


def parse(line: str) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The operation, the fields that begin with a sign, and the arguments."""
    unescape = {"\\t": "\t", "\\n": "\n", "\\\\": "\\"}
    fields = []
    for field in line.rstrip("\n").split("\t"):
        text, index = "", 0
        while index < len(field):
            pair = field[index : index + 2]
            text += unescape.get(pair, field[index])
            index += 2 if pair in unescape else 1
        fields.append(text)
    signs: dict[str, str] = {}
    arguments: dict[str, Any] = {}
    for field in fields[1:]:
        key, _, value = field.partition("=")
        if key in "@>":
            signs[key] = value
        else:
            put(arguments, key.removeprefix("?").split("."), READ[value[0]](value[2:]))
    return fields[0], signs, {name: lists(value) for name, value in arguments.items()}


def put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value


def lists(value: Any) -> Any:
    """Objects whose members are 0, 1, … are lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: lists(item) for name, item in value.items()}
    return list(inner.values()) if all(name.isdigit() for name in inner) else inner


def plain(value: Any) -> Any:
    """A result as JSON."""
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, timedelta):
        return value / timedelta(milliseconds=1)
    if isinstance(value, Decimal | date):
        return str(value)
    return value


def show(value: object) -> None:
    """How a result or an error prints and pickles, where the driver searches for secrets. A text is its own value."""
    if isinstance(value, str):
        return
    logging.getLogger("lpchat").debug("%s", json.dumps(repr(value)))
    if isinstance(value, lpchat.LpchatError):
        logging.getLogger("lpchat").debug("%s %a", json.dumps(str(value)), pickle.dumps(value))


def failure(error: lpchat.LpchatError) -> dict[str, Any]:
    show(error)
    return {"error": plain(error.details())}


def find(objects: dict[str, Any], face: str, name: str) -> Any:
    target = objects[name]
    return getattr(target, FACES[face]) if name == "client" and face in FACES else target


def pages(target: Any) -> Any:
    """A search's own calls lie behind its iterator."""
    return getattr(target, "_search", target)


async def answer(line: str, objects: dict[str, Any], blocking: bool) -> dict[str, Any]:
    operation, signs, arguments = parse(line)
    face, name = operation.split(".")
    try:
        if operation == "Client.new":
            value = (lpchat.Client if blocking else lpchat.AsyncClient)(**arguments)
        else:
            value = getattr(pages(find(objects, face, signs["@"])), name)
            if callable(value):
                value = value(**arguments)
            if asyncio.isfuture(value):
                value = await value
        show(value)
    except lpchat.LpchatError as error:
        return failure(error)
    if ">" in signs and value is not None:
        objects[signs[">"]] = value
        return {"ok": {"object": type(pages(value)).__name__.removeprefix("Async")}}
    return {"ok": plain(value)}


def log_to_standard_error() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("log %(message)s"))
    logger = logging.getLogger("lpchat")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    lpchat.set_log_level(logging.DEBUG)


async def serve(blocking: bool) -> None:
    log_to_standard_error()
    objects: dict[str, Any] = {}
    for line in sys.stdin:
        print(json.dumps(await answer(line, objects, blocking)), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1] == "sync"))
