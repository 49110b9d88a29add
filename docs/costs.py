#!/usr/bin/env python3
"""Computes the monthly cost and prints the tables of costs.md.

    python3 docs/costs.py            print the tables
    python3 docs/costs.py --check    fail unless costs.md contains the tables
    python3 docs/costs.py --prices   print prices and request assumptions as JSON, for the benchmark
"""

import json
import pathlib
import sys

RATES = (1, 100, 10_000)
SECONDS = 730 * 3600
HOURS = 730

DESCRIPTION = json.loads((pathlib.Path(__file__).parent.parent / "openapi.json").read_text(encoding="utf-8"))
FAILURE = DESCRIPTION["components"]["schemas"]["Failure"]["properties"]["errors"]["items"]["properties"]

# Per operation: share of all requests in percent, and number of permanently added items.
MIX = {
    "list-consents": (40, 0),
    "get-consent": (15, 0),
    "get-client": (10, 0),
    "get-personal-question": (10, 0),
    "create-consent": (15, 1),
    "update-mobile-signature-properties": (5, 0),
    "create-personal-question": (3, 1),
    "delete-dispatch-target": (1.9, 0),
    "create-client": (0.1, 6),
}
COSTS = json.loads((pathlib.Path(__file__).parent.parent / "functions" / "costs.json").read_text(encoding="utf-8"))
IDEMPOTENT = 1.0  # share of changes that carry an Idempotency-Key

# Assumptions.
BILLED_SECONDS = 0.020  # average of a function, including cold starts
MEMORY_GB = 0.5
ANSWER_BYTES = 1_000
ITEM_BYTES = 600  # including the 100 that DynamoDB adds
ANSWER_ITEM_BYTES = 700  # kept for a day
LOG_BYTES = 700 + 400 + 4 * 26  # the function's line, the platform's three, CloudWatch's overhead for each
LOG_MONTHS = 3
LOG_COMPRESSION = 0.15
# Custom metrics, whatever the number of operations: see shared/src/metrics.rs and the metric filter.
SERVICE_METRICS, HEALTH_METRICS, JOB_METRICS = 7, 1, 1
CODES = len(FAILURE["code"]["enum"])  # `Errors` is a metric for each code that occurs
METRICS = SERVICE_METRICS + CODES + HEALTH_METRICS + JOB_METRICS
METRICS_LIMIT = 40.00  # dollars a month that custom metrics may cost in an environment
ALARM_METRICS = 12
HEALTH_CHECKS = HOURS * 60  # a month, one a minute
JOB_RUNS = HOURS * 60  # a month, one a minute
JOB_READ_UNITS = 16  # of a run that finds nothing to do
IDLE_FUNCTIONS = 70
UTILISATION = 0.7  # of provisioned capacity

# Prices in US dollars, us-east-1. Tiered prices are lists of (upper bound, price); the last is unbounded.
END = float("inf")
REST_REQUEST = [(333e6, 3.50e-6), (1e9, 2.80e-6), (20e9, 2.38e-6), (END, 1.51e-6)]
HTTP_REQUEST = [(300e6, 1.00e-6), (END, 0.90e-6)]
FUNCTION_REQUEST = 0.20e-6
FUNCTION_GB_SECOND = [(7.5e9, 0.0000133334), (18.75e9, 0.0000120001), (END, 0.0000106667)]
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
WRITE_CAPACITY_HOUR, READ_CAPACITY_HOUR = 0.00065, 0.00013
TABLE_GB, RECOVERY_GB = 0.25, 0.20
LOG_GB = [(10_000, 0.50), (30_000, 0.25), (50_000, 0.10), (END, 0.05)]
LOG_STORED_GB = 0.03
METRIC = 0.30
ALARM_METRIC, DASHBOARD = 0.10, 3.00
TRACE = 5.00e-6
TRANSFER_GB = [(10_000, 0.09), (50_000, 0.085), (150_000, 0.07), (END, 0.05)]


def tiered(amount, tiers):
    cost, begin = 0.0, 0.0
    for end, price in tiers:
        cost += max(0.0, min(amount, end) - begin) * price
        begin = end
    return cost


def cost(name):
    """Returns the read units and write units of a request, and the share of these with an Idempotency-Key.

    The units are those on the demo data. An Idempotency-Key adds a read and an item of a transaction.
    """
    entry = COSTS[name]
    demo = entry.get("demo", {"readUnits": entry["read"]["units"], "writeUnits": entry["write"]["units"]})
    keyed = IDEMPOTENT if demo["writeUnits"] else 0.0
    return demo["readUnits"] + keyed, demo["writeUnits"] + 2 * keyed, keyed


def units():
    """Returns the read units, write units, permanent items and changes of an average request."""
    read = written = kept = changes = 0.0
    for name, (share, new) in MIX.items():
        share /= 100
        reads, writes, keyed = cost(name)
        read += share * reads
        written += share * writes
        kept += share * new
        changes += share * keyed
    return read, written, kept, changes


def month(rate):
    requests = rate * SECONDS
    read, written, kept, changes = units()
    stored = (requests * kept * ITEM_BYTES + rate * changes * 86_400 * ANSWER_ITEM_BYTES) / 1e9
    logs = requests * LOG_BYTES / 1e9
    traces = (min(rate, 1) + max(rate - 1, 0) * 0.05) * SECONDS
    return {
        "API Gateway, REST API": tiered(requests, REST_REQUEST),
        "Lambda, requests": requests * FUNCTION_REQUEST,
        "Lambda, GB-seconds": tiered(requests * BILLED_SECONDS * MEMORY_GB, FUNCTION_GB_SECOND),
        "DynamoDB, writes": requests * written * WRITE_UNIT,
        "DynamoDB, reads": requests * read * READ_UNIT,
        "DynamoDB, storage": stored * TABLE_GB,
        "DynamoDB, point-in-time recovery": stored * RECOVERY_GB,
        "Logs, ingestion": tiered(logs, LOG_GB),
        "Logs, kept": logs * LOG_MONTHS * LOG_COMPRESSION * LOG_STORED_GB,
        "Metrics, alarms, dashboard": METRICS * METRIC + ALARM_METRICS * ALARM_METRIC + DASHBOARD,
        "X-Ray": traces * TRACE,
        "Data out": tiered(requests * ANSWER_BYTES / 1e9, TRANSFER_GB),
    }


def idle():
    """Returns the table of what an environment costs that only its health monitor calls."""
    checks, logs = HEALTH_CHECKS, HEALTH_CHECKS * LOG_BYTES / 1e9
    kept = LOG_MONTHS * LOG_COMPRESSION * LOG_STORED_GB
    check = (
        REST_REQUEST[0][1]
        + FUNCTION_REQUEST
        + BILLED_SECONDS * MEMORY_GB * FUNCTION_GB_SECOND[0][1]
        + READ_UNIT
        + ANSWER_BYTES / 1e9 * TRANSFER_GB[0][1]
    )
    run = (
        FUNCTION_REQUEST + BILLED_SECONDS * MEMORY_GB * FUNCTION_GB_SECOND[0][1] + JOB_READ_UNITS * READ_UNIT
    )
    rows = [
        (f"{IDLE_FUNCTIONS} functions, routes and roles, without calls", "no charge", 0.0),
        (
            "custom metrics",
            f"({SERVICE_METRICS} figures + {CODES} error codes + {HEALTH_METRICS} for the health alarm + {JOB_METRICS} for the job)"
            f" × {METRIC:.2f}, limit {METRICS_LIMIT:.2f}",
            METRICS * METRIC,
        ),
        ("metrics of Lambda, API Gateway and DynamoDB", "no charge", 0.0),
        ("alarms", f"{ALARM_METRICS} metrics × {ALARM_METRIC:.2f}", ALARM_METRICS * ALARM_METRIC),
        ("dashboard", f"1 × {DASHBOARD:.2f}", DASHBOARD),
        ("health checks", f"{checks:,} × {check * 1e6:.2f} per million", checks * check),
        ("traces of the health checks", f"{checks:,} × {TRACE * 1e6:.2f} per million", checks * TRACE),
        (
            "logs of the health checks",
            f"{logs:.3f} GB × ({LOG_GB[0][1]:.2f} + {kept:.4f} to keep them)",
            logs * (LOG_GB[0][1] + kept),
        ),
        ("runs of the job", f"{JOB_RUNS:,} × {run * 1e6:.2f} per million", JOB_RUNS * run),
        ("traces of the runs", f"{JOB_RUNS:,} × {TRACE * 1e6:.2f} per million", JOB_RUNS * TRACE),
        (
            "logs of the runs",
            f"{logs:.3f} GB × ({LOG_GB[0][1]:.2f} + {kept:.4f} to keep them)",
            logs * (LOG_GB[0][1] + kept),
        ),
    ]
    lines = ["| item | arithmetic | US dollars a month |", "|---|---|---:|"]
    lines += [f"| {name} | {arithmetic} | {cost:.2f} |" for name, arithmetic, cost in rows]
    lines.append(f"| **together** | | **{sum(round(cost, 2) for *_, cost in rows):.2f}** |")
    return "\n".join(lines)


def savings(rate):
    requests = rate * SECONDS
    read, written, _, _ = units()
    now = month(rate)
    capacity = written * WRITE_CAPACITY_HOUR + read * READ_CAPACITY_HOUR
    ours = requests * (700 + 26) / 1e9
    return {
        "an HTTP API": now["API Gateway, REST API"] - tiered(requests, HTTP_REQUEST),
        "provisioned capacity, where the load is even": now["DynamoDB, writes"]
        + now["DynamoDB, reads"]
        - rate * capacity * HOURS / UTILISATION,
        "traces of one request a second, no more": now["X-Ray"] - min(rate, 1) * SECONDS * TRACE,
        "no log lines of the platform": now["Logs, ingestion"] - tiered(ours, LOG_GB),
    }


def table(title, rows, total=False):
    lines = [f"| {title} | " + " | ".join(f"{rate:,}/s" for rate in RATES) + " |", "|---|" + "---:|" * len(RATES)]
    columns = [rows(rate) for rate in RATES]
    for name in columns[0]:
        lines.append(f"| {name} | " + " | ".join(f"{column[name]:,.2f}" for column in columns) + " |")
    if total:
        sums = [sum(column.values()) for column in columns]
        lines.append("| **together** | " + " | ".join(f"**{value:,.2f}**" for value in sums) + " |")
        millions = [value / (rate * SECONDS / 1e6) for value, rate in zip(sums, RATES)]
        lines.append("| a million requests | " + " | ".join(f"{value:,.2f}" for value in millions) + " |")
    return "\n".join(lines)


def mix():
    lines = ["| operation | share | read units | write units |", "|---|---:|---:|---:|"]
    for name, (share, _) in MIX.items():
        reads, writes, _ = cost(name)
        lines.append(f"| `{name}` | {share:g} % | {reads:g} | {writes:g} |")
    read, written, _, _ = units()
    lines.append(f"| a request on average | | {read:.2f} | {written:.2f} |")
    return "\n".join(lines)


def picture(rate):
    lines = ["```mermaid", "pie showData", f"    title US dollars a month at {rate:,} requests a second"]
    costs = sorted(month(rate).items(), key=lambda cost: -cost[1])
    lines += [f'    "{name}" : {cost:.2f}' for name, cost in costs]
    return "\n".join([*lines, "```"])


def prices():
    """Returns the prices of the first tiers and the assumptions about a request."""
    return {
        "rest_request": REST_REQUEST[0][1],
        "function_request": FUNCTION_REQUEST,
        "function_gb_second": FUNCTION_GB_SECOND[0][1],
        "read_unit": READ_UNIT,
        "write_unit": WRITE_UNIT,
        "billed_seconds": BILLED_SECONDS,
        "memory_gb": MEMORY_GB,
    }


if __name__ == "__main__":
    tables = [
        mix(),
        table("US dollars a month at", month, total=True),
        picture(100),
        idle(),
        table("saved by, US dollars a month at", savings),
    ]
    if sys.argv[1:] == ["--check"]:
        page = (pathlib.Path(__file__).parent / "costs.md").read_text(encoding="utf-8")
        if METRICS * METRIC >= METRICS_LIMIT:
            sys.exit(f"custom metrics cost {METRICS * METRIC:.2f} USD a month, the limit is {METRICS_LIMIT:.2f}")
        missing = [text for text in tables if text not in page]
        if missing:
            sys.exit("costs.md lacks:\n\n" + "\n\n".join(missing))
    elif sys.argv[1:] == ["--prices"]:
        print(json.dumps(prices()))
    else:
        print("\n\n".join(tables))
