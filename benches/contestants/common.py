"""What the Python contestants share: the sandbox, the clocks, and how a result is reported."""

import json
import os
import resource
import time

LINE = os.environ["SANDBOX_LINE"]
SANDBOX = json.loads(LINE)
ORIGIN = SANDBOX["domain_origin"]
ACCOUNT = SANDBOX["account_id"]
CALLS = 2000
# The 31 days before the sandbox's today.
START, END = 1777593600000, 1780272000000
RECORDS, PAGE = 1000, 100


def status_kib(name: str) -> int:
    """A size from what the system knows of this process; its `rusage` would count what the parent had before the start."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(f"{name}:"))


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Stopwatch:
    """Runs from its making on."""

    def __init__(self) -> None:
        self._cpu, self._wall = cpu(), time.perf_counter()

    def report(self, iterations: int, check: object) -> None:
        """Say what one iteration took, what came out, and the most memory the process ever had."""
        wall, used = time.perf_counter() - self._wall, cpu() - self._cpu
        peak = status_kib("VmHWM")
        print(json.dumps({"seconds": wall / iterations, "cpu": used / iterations, "check": check, "peak_kib": peak}))


def search_url(offset: int) -> str:
    query = f"offset={offset}&limit={PAGE}&sort=start:asc,engagementId:asc&source=bench"
    return f"{ORIGIN}/interaction_history/api/account/{ACCOUNT}/interactions/search?{query}"


FILTER = {"start": {"from": START, "to": END}}
LOGIN_URL = f"{ORIGIN}/api/account/{ACCOUNT}/login?v=1.3"
LOGIN = {"username": SANDBOX["username"], "password": SANDBOX["password"]}


def objects(records) -> str:
    """Read eight fields and the text of every line of each record, as JSON gives them."""
    texts = seen = 0
    for record in records:
        info = record["info"]
        fields = (
            info["engagementId"],
            info["startTimeL"],
            info["endTimeL"],
            info["duration"],
            info["skillName"],
            info["agentNickName"],
            info["visitorId"],
            info["endReason"],
        )
        seen += len([value for value in fields if value is not None])
        texts += sum(len(line.get("text") or "") for line in record["transcript"]["lines"])
    return f"{seen}/{texts}"


def rows(records) -> list[dict]:
    """The columns that a peer takes out of each record for its data frame."""
    return [
        {
            "engagement_id": record["info"]["engagementId"],
            "start_time": record["info"]["startTimeL"],
            "end_time": record["info"]["endTimeL"],
            "requested_time": record["info"].get("chatRequestedTimeL"),
            "duration_seconds": record["info"]["duration"],
            "skill_name": record["info"]["skillName"],
            "agent_nickname": record["info"]["agentNickName"],
            "visitor_id": record["info"]["visitorId"],
            "line_count": len(record["transcript"]["lines"]),
        }
        for record in records
    ]


def summary(table, durations: str) -> str:
    return f"{len(table)}/{int(table[durations].sum())}"
