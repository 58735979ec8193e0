#!/usr/bin/env python3
"""Makes anchors.txt: when the months of a subscription begin, worked out by Python's own calendar, without our code.

Each line: the anchor, then the dates on which months 0 … 14, 23, 24, 25, 36, 48 and 1200 begin, at the anchor's time of
day. The day of the anchor, or the month's last day where the month is shorter; always counted from the anchor."""
import calendar
import datetime

MONTHS = list(range(15)) + [23, 24, 25, 36, 48, 1200]
YEARS = [1999, 2000, 2023, 2024, 2025, 2026, 2027, 2028, 2096, 2099, 2100, 2103]
TIMES = ["00:00:00", "00:00:01", "01:59:59", "02:30:00", "11:07:43", "22:00:00", "23:59:59"]


def begins(anchor, k):
    years, month = divmod(anchor.month - 1 + k, 12)
    year = anchor.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(anchor.day, last))


def anchors():
    for year in YEARS:
        for month in range(1, 13):
            last = calendar.monthrange(year, month)[1]
            for day in sorted({1, 28, 29, 30, 31} if month in (1, 2, 3, 10, 12) else {15, 30, 31}):
                if day <= last:
                    yield datetime.date(year, month, day)


print("# Made by anchors.py; do not edit.")
print("# anchor", *MONTHS)
for number, anchor in enumerate(anchors()):
    time = TIMES[number % len(TIMES)]
    print(f"{anchor}T{time}Z", *(begins(anchor, k) for k in MONTHS))
