#!/usr/bin/env python3
"""Computes the monthly cost and prints the tables of costs.md.

    python3 docs/costs.py            print the tables
    python3 docs/costs.py --check    fail unless costs.md and scale.md contain the tables
    python3 docs/costs.py --prices   print prices and request assumptions as JSON, for the benchmark
"""

import dataclasses
import json
import pathlib
import sys

RATES = (1, 100, 10_000)
# Rates that scale.md compares with the limits of an account.
GROWTH = (1_000, 10_000, 100_000)
SECONDS = 730 * 3600
HOURS = 730

DESCRIPTION = json.loads((pathlib.Path(__file__).parent.parent / "openapi.json").read_text(encoding="utf-8"))
ERROR = DESCRIPTION["components"]["schemas"]["ErrorEntry"]["properties"]

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
    "create-client": (0.1, 13),
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
SERVICE_METRICS, FILTER_METRICS, JOB_METRICS = 7, 2, 2
CODES = len(ERROR["code"]["x-extensible-enum"])  # `Errors` is a metric for each code that occurs
METRICS = SERVICE_METRICS + CODES + FILTER_METRICS + JOB_METRICS
METRICS_LIMIT = 40.00  # dollars a month that custom metrics may cost in an environment
ALARM_METRICS = 14
HEALTH_CHECKS = HOURS * 60  # a month, one a minute
JOB_RUNS = HOURS * 60  # a month, one a minute
JOB_READ_UNITS = 16  # of a run that finds nothing to do
IDLE_FUNCTIONS = 70
UTILISATION = 0.7  # of provisioned capacity

# Assumptions about changes, which the job publish-changes reads from the stream.
BATCH = 10  # changes of a run
RUN_SECONDS = 0.100
ROW_UNITS = 2  # a row of up to 1 KB, written in a transaction
ROW_BYTES = 1_000  # including the 100 that DynamoDB adds
ROW_MONTHS = 400 / 30  # the default of HistoryRetentionInDays

END = float("inf")
UNKNOWN = float("nan")  # a price that no table needs


@dataclasses.dataclass(frozen=True)
class Prices:
    """Prices of a Region in US dollars. Tiered prices are lists of (upper bound, price).

    The last tier is unbounded, unless the prices above it are not known.
    """

    rest_request: list
    http_request: list
    function_request: float
    function_gb_second: list
    write_unit: float
    read_unit: float
    write_capacity_hour: float
    read_capacity_hour: float
    table_gb: float
    recovery_gb: float
    log_gb: list
    log_stored_gb: float
    metric: float
    alarm_metric: float
    dashboard: float
    trace: float
    transfer_gb: list
    event: float  # of up to 64 KB, published to a bus
    assumed: tuple = ()  # names of the prices that are taken from another Region without a source


US_EAST_1 = Prices(
    rest_request=[(333e6, 3.50e-6), (1e9, 2.80e-6), (20e9, 2.38e-6), (END, 1.51e-6)],
    http_request=[(300e6, 1.00e-6), (END, 0.90e-6)],
    function_request=0.20e-6,
    function_gb_second=[(7.5e9, 0.0000133334), (18.75e9, 0.0000120001), (END, 0.0000106667)],
    write_unit=0.625e-6,
    read_unit=0.125e-6,
    write_capacity_hour=0.00065,
    read_capacity_hour=0.00013,
    table_gb=0.25,
    recovery_gb=0.20,
    log_gb=[(10_000, 0.50), (30_000, 0.25), (50_000, 0.10), (END, 0.05)],
    log_stored_gb=0.03,
    metric=0.30,
    alarm_metric=0.10,
    dashboard=3.00,
    trace=5.00e-6,
    transfer_gb=[(10_000, 0.09), (50_000, 0.085), (150_000, 0.07), (END, 0.05)],
    event=1.00e-6,
)
# Only the first tiers are known, which end above REGIONAL_RATES.
EU_CENTRAL_1 = dataclasses.replace(
    US_EAST_1,
    rest_request=[(333e6, 3.70e-6)],
    http_request=[(END, UNKNOWN)],
    write_unit=0.7625e-6,
    read_unit=0.1525e-6,
    write_capacity_hour=UNKNOWN,
    read_capacity_hour=UNKNOWN,
    table_gb=0.306,
    recovery_gb=0.2448,
    log_gb=[(10_000, 0.63)],
    log_stored_gb=0.0324,
    assumed=("function_gb_second", "trace", "event"),
)
EU_CENTRAL_2 = dataclasses.replace(
    EU_CENTRAL_1,
    rest_request=[(333e6, 4.07e-6), (1e9, 3.509e-6), (20e9, 2.981e-6), (END, 1.892e-6)],
    http_request=[(300e6, 1.32e-6), (END, 1.188e-6)],
    function_request=0.22e-6,
    function_gb_second=[(7.5e9, 0.0000146667), (18.75e9, 0.0000132001), (END, 0.0000117334)],
    write_unit=0.835e-6,
    read_unit=0.168e-6,
    table_gb=0.3366,
    recovery_gb=0.26928,
    log_gb=[(10_000, 0.69), (30_000, 0.347), (50_000, 0.139), (END, 0.069)],
    log_stored_gb=0.0356,
    assumed=("trace", "transfer_gb", "event"),
)
REGIONS = {"us-east-1": US_EAST_1, "eu-central-1": EU_CENTRAL_1, "eu-central-2": EU_CENTRAL_2}
EUROPE = ("eu-central-1", "eu-central-2")
REGIONAL_RATES = (1, 100)

# Names of the prices in the tables, and the amount that each is the price of.
NAMES = {
    "rest_request": ("REST API, a million requests", 1e6),
    "function_request": ("Lambda, a million requests", 1e6),
    "function_gb_second": ("Lambda on arm64, a million GB-seconds", 1e6),
    "write_unit": ("DynamoDB, a million write units", 1e6),
    "read_unit": ("DynamoDB, a million read units", 1e6),
    "table_gb": ("DynamoDB, storage per GB and month", 1),
    "recovery_gb": ("DynamoDB, point-in-time recovery per GB and month", 1),
    "log_gb": ("Logs, ingestion per GB", 1),
    "log_stored_gb": ("Logs, kept per GB and month", 1),
    "metric": ("Custom metric, a month", 1),
    "alarm_metric": ("Alarm, per metric and month", 1),
    "dashboard": ("Dashboard, a month", 1),
    "trace": ("X-Ray, a million traces", 1e6),
    "transfer_gb": ("Data out per GB", 1),
    "event": ("EventBridge, a million events", 1e6),
}


def tiered(amount, tiers):
    if amount > tiers[-1][0]:
        raise ValueError(f"the price of {amount:,.0f} is not known")
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


def month(rate, prices=US_EAST_1):
    requests = rate * SECONDS
    read, written, kept, changes = units()
    stored = (requests * kept * ITEM_BYTES + rate * changes * 86_400 * ANSWER_ITEM_BYTES) / 1e9
    logs = requests * LOG_BYTES / 1e9
    traces = (min(rate, 1) + max(rate - 1, 0) * 0.05) * SECONDS
    return {
        "API Gateway, REST API": tiered(requests, prices.rest_request),
        "Lambda, requests": requests * prices.function_request,
        "Lambda, GB-seconds": tiered(requests * BILLED_SECONDS * MEMORY_GB, prices.function_gb_second),
        "DynamoDB, writes": requests * written * prices.write_unit,
        "DynamoDB, reads": requests * read * prices.read_unit,
        "DynamoDB, storage": stored * prices.table_gb,
        "DynamoDB, point-in-time recovery": stored * prices.recovery_gb,
        "Logs, ingestion": tiered(logs, prices.log_gb),
        "Logs, kept": logs * LOG_MONTHS * LOG_COMPRESSION * prices.log_stored_gb,
        "Metrics, alarms, dashboard": METRICS * prices.metric + ALARM_METRICS * prices.alarm_metric + prices.dashboard,
        "X-Ray": traces * prices.trace,
        "Data out": tiered(requests * ANSWER_BYTES / 1e9, prices.transfer_gb),
    }


def idle(prices):
    """Returns items, quantities and costs of an environment that only its health monitor calls."""
    logs = HEALTH_CHECKS * LOG_BYTES / 1e9
    call = prices.function_request + BILLED_SECONDS * MEMORY_GB * prices.function_gb_second[0][1]
    check = prices.rest_request[0][1] + call + prices.read_unit + ANSWER_BYTES / 1e9 * prices.transfer_gb[0][1]
    run = call + JOB_READ_UNITS * prices.read_unit
    return [
        (f"{IDLE_FUNCTIONS} functions, routes and roles, without calls", "no charge", 0.0),
        (
            "custom metrics",
            f"{SERVICE_METRICS} figures + {CODES} error codes + {FILTER_METRICS} of metric filters + {JOB_METRICS} for the jobs,"
            f" limit {METRICS_LIMIT:.2f} dollars",
            METRICS * prices.metric,
        ),
        ("metrics of Lambda, API Gateway and DynamoDB", "no charge", 0.0),
        ("alarms", f"{ALARM_METRICS} metrics", ALARM_METRICS * prices.alarm_metric),
        ("dashboard", "1", prices.dashboard),
        ("health checks", f"{HEALTH_CHECKS:,} requests, 1 read unit each", HEALTH_CHECKS * check),
        ("traces of the health checks", f"{HEALTH_CHECKS:,} traces", HEALTH_CHECKS * prices.trace),
        ("logs of the health checks", f"{logs:.3f} GB", logs * log_price(prices)),
        ("runs of the job", f"{JOB_RUNS:,} calls, {JOB_READ_UNITS} read units each", JOB_RUNS * run),
        ("traces of the runs", f"{JOB_RUNS:,} traces", JOB_RUNS * prices.trace),
        ("logs of the runs", f"{logs:.3f} GB", logs * log_price(prices)),
    ]


def changes(prices):
    """Returns items, quantities and costs of the history and the events of a million changes."""
    runs = 1e6 / BATCH
    seconds = runs * RUN_SECONDS * MEMORY_GB
    logs = runs * LOG_BYTES / 1e9
    return [
        ("stream, read by Lambda", "no charge", 0.0),
        ("requests of the job", f"{runs:,.0f} requests", runs * prices.function_request),
        ("duration of the job", f"{seconds:,.0f} GB-seconds", seconds * prices.function_gb_second[0][1]),
        ("rows of the history", f"{ROW_UNITS} × 1,000,000 write units", ROW_UNITS * 1e6 * prices.write_unit),
        ("storage of the rows", f"1 GB for {ROW_MONTHS:.1f} months", ROW_BYTES * 1e6 / 1e9 * ROW_MONTHS * prices.table_gb),
        ("events, with `EventBusName`", "1,000,000 events", 1e6 * prices.event),
        ("traces of the job", f"{runs:,.0f} traces", runs * prices.trace),
        ("logs of the job", f"{logs:.3f} GB", logs * log_price(prices)),
    ]


def log_price(prices):
    """Returns the price of a GB of logs, including keeping it."""
    return prices.log_gb[0][1] + LOG_MONTHS * LOG_COMPRESSION * prices.log_stored_gb


def together(items):
    """Returns the sum of the costs as they are printed."""
    return sum(round(cost, 2) for *_, cost in items)


# What the Regions are compared by.
TOTALS = {
    "a month at 1/s": lambda prices: sum(month(1, prices).values()),
    "a month at 100/s": lambda prices: sum(month(100, prices).values()),
    "a month of an idle environment": lambda prices: together(idle(prices)),
    "a million changes": lambda prices: together(changes(prices)),
}


def without_assumed(prices):
    """Returns the prices with 0 for those that are assumed."""
    zeros = {name: [(END, 0.0)] if isinstance(getattr(prices, name), list) else 0.0 for name in prices.assumed}
    return dataclasses.replace(prices, **zeros)


def markdown(head, rows, texts=1):
    """Returns a table. The first columns, `texts` of them, are text; the others are numbers."""

    def line(cells):
        return ("| " + " | ".join(cells) + " |").replace("|  |", "| |")

    return "\n".join([line(head), "|" + "---|" * texts + "---:|" * (len(head) - texts), *map(line, rows)])


def comparison():
    """Returns the table of the costs in each Region."""
    rows = [[name, *(f"{total(prices):,.2f}" for prices in REGIONS.values())] for name, total in TOTALS.items()]
    return markdown(["US dollars", *REGIONS], rows)


def assumptions():
    """Returns the table of the shares that assumed prices have in the costs."""
    rows = []
    for name, total in TOTALS.items():
        shares = [1 - total(without_assumed(REGIONS[region])) / total(REGIONS[region]) for region in EUROPE]
        rows.append([name, *(f"{100 * share:.0f} %" for share in shares)])
    return markdown(["share of assumed prices in", *EUROPE], rows)


def price(prices, name):
    """Returns a price of the first tier as text, marked if it is assumed."""
    value = getattr(prices, name)
    value = value[0][1] if isinstance(value, list) else value
    whole, digits = f"{value * NAMES[name][1]:.5f}".split(".")
    return f"{whole}.{digits.rstrip('0'):0<2}" + (" (assumed)" if name in prices.assumed else "")


def price_list():
    """Returns the table of the prices in each Region."""
    rows = [[text, *(price(prices, name) for prices in REGIONS.values())] for name, (text, _) in NAMES.items()]
    return markdown(["price in US dollars", *REGIONS], rows)


def by_region(items):
    """Returns the table of items with their quantities and their costs in each Region."""
    columns = [items(prices) for prices in REGIONS.values()]
    rows = [[*row[0][:2], *(f"{cost:.2f}" for *_, cost in row)] for row in zip(*columns)]
    rows.append(["**together**", "", *(f"**{together(column):.2f}**" for column in columns)])
    return markdown(["item", "quantity", *REGIONS], rows, texts=2)


def savings(rate, prices=US_EAST_1):
    requests = rate * SECONDS
    read, written, _, _ = units()
    now = month(rate, prices)
    capacity = written * prices.write_capacity_hour + read * prices.read_capacity_hour
    ours = requests * (700 + 26) / 1e9
    return {
        "an HTTP API": now["API Gateway, REST API"] - tiered(requests, prices.http_request),
        "provisioned capacity, where the load is even": now["DynamoDB, writes"]
        + now["DynamoDB, reads"]
        - rate * capacity * HOURS / UTILISATION,
        "traces of one request a second, no more": now["X-Ray"] - min(rate, 1) * SECONDS * prices.trace,
        "no log lines of the platform": now["Logs, ingestion"] - tiered(ours, prices.log_gb),
    }


def table(title, of, columns, total=False):
    """Returns the table of a function of rate and prices. The columns are (heading, rate, prices)."""
    costs = [of(rate, prices) for _, rate, prices in columns]
    rows = [[name, *(f"{column[name]:,.2f}" for column in costs)] for name in costs[0]]
    if total:
        sums = [sum(column.values()) for column in costs]
        rows.append(["**together**", *(f"**{value:,.2f}**" for value in sums)])
        millions = [value / (rate * SECONDS / 1e6) for value, (_, rate, _) in zip(sums, columns)]
        rows.append(["a million requests", *(f"{value:,.2f}" for value in millions)])
    return markdown([title, *(heading for heading, *_ in columns)], rows)


def growth():
    """Returns the needs of the mix at rates that the account limits of AWS have to be compared with."""
    read, written, _, _ = units()
    head = ["requests a second", "read units/s", "write units/s", "concurrent at 50 ms", "at 200 ms", "US dollars a month"]
    rows = []
    for rate in GROWTH:
        needs = [rate, rate * read, rate * written, rate * 0.05, rate * 0.2, sum(month(rate).values())]
        rows.append([f"{need:,.0f}" for need in needs])
    return markdown(head, rows, texts=0)


def mix():
    rows = []
    for name, (share, _) in MIX.items():
        reads, writes, _ = cost(name)
        rows.append([f"`{name}`", f"{share:g} %", f"{reads:g}", f"{writes:g}"])
    read, written, _, _ = units()
    rows.append(["a request on average", "", f"{read:.2f}", f"{written:.2f}"])
    return markdown(["operation", "share", "read units", "write units"], rows)


def picture(rate):
    lines = ["```mermaid", "pie showData", f"    title US dollars a month at {rate:,} requests a second"]
    costs = sorted(month(rate).items(), key=lambda cost: -cost[1])
    lines += [f'    "{name}" : {cost:.2f}' for name, cost in costs]
    return "\n".join([*lines, "```"])


def prices():
    """Returns the prices of the first tiers and the assumptions about a request."""
    return {
        "rest_request": US_EAST_1.rest_request[0][1],
        "function_request": US_EAST_1.function_request,
        "function_gb_second": US_EAST_1.function_gb_second[0][1],
        "read_unit": US_EAST_1.read_unit,
        "write_unit": US_EAST_1.write_unit,
        "billed_seconds": BILLED_SECONDS,
        "memory_gb": MEMORY_GB,
    }


if __name__ == "__main__":
    rates = [(f"{rate:,}/s", rate, US_EAST_1) for rate in RATES]
    regional = [(f"{region}, {rate:,}/s", rate, REGIONS[region]) for region in EUROPE for rate in REGIONAL_RATES]
    tables = [
        mix(),
        table("US dollars a month at", month, rates, total=True),
        picture(100),
        comparison(),
        table("US dollars a month in", month, regional, total=True),
        price_list(),
        assumptions(),
        by_region(idle),
        by_region(changes),
        table("saved by, US dollars a month at", savings, rates),
    ]
    pages = {"costs.md": tables, "scale.md": [growth()]}
    if sys.argv[1:] == ["--check"]:
        metrics = METRICS * max(prices.metric for prices in REGIONS.values())
        if metrics >= METRICS_LIMIT:
            sys.exit(f"custom metrics cost {metrics:.2f} USD a month, the limit is {METRICS_LIMIT:.2f}")
        for name, expected in pages.items():
            page = (pathlib.Path(__file__).parent / name).read_text(encoding="utf-8")
            missing = [text for text in expected if text not in page]
            if missing:
                sys.exit(f"{name} lacks:\n\n" + "\n\n".join(missing))
    elif sys.argv[1:] == ["--prices"]:
        print(json.dumps(prices()))
    else:
        print("\n\n".join(text for texts in pages.values() for text in texts))
