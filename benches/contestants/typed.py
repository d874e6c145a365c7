"""Pages decoded by msgspec into typed objects of the eight fields and the lines' texts, and those read."""

import msgspec


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


decoder = msgspec.json.Decoder(Page)


def objects(pages) -> str:
    texts = seen = 0
    for records in pages:
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
