"""A search with urllib3 and msgspec, which decodes into typed objects."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import urllib3
from common import CONCURRENCY, HISTORY_HEADERS, Stopwatch, in_flight


class Info(msgspec.Struct):
    engagementId: str
    startTimeL: int
    endTimeL: int | None = None
    duration: int | None = None
    skillName: str | None = None
    agentNickName: str | None = None
    visitorId: str | None = None
    endReason: str | None = None


class Line(msgspec.Struct):
    text: str | None = None


class Transcript(msgspec.Struct):
    lines: list[Line] = []


class Record(msgspec.Struct):
    info: Info
    transcript: Transcript | None = None


class Page(msgspec.Struct):
    interactionHistoryRecords: list[Record]


pool = urllib3.PoolManager(maxsize=CONCURRENCY, headers=HISTORY_HEADERS)
decoder = msgspec.json.Decoder(Page)


def page(request):
    url, body = request
    return decoder.decode(pool.request("POST", url, body=body).data).interactionHistoryRecords


def objects():
    texts = seen = 0
    with ThreadPoolExecutor(CONCURRENCY) as threads:
        for records in in_flight(threads, page):
            for record in records:
                info = record.info
                fields = (
                    info.engagementId,
                    info.startTimeL,
                    info.endTimeL,
                    info.duration,
                    info.skillName,
                    info.agentNickName,
                    info.visitorId,
                    info.endReason,
                )
                seen += len([value for value in fields if value is not None])
                texts += sum(len(line.text or "") for line in record.transcript.lines)
    return f"{seen}/{texts}"


watch = Stopwatch()
watch.report(1, objects())
