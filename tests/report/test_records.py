"""A report for machines: nothing is lost in JSON, nothing acts in a spreadsheet or a terminal."""

import csv
import json
from io import StringIO

from harvester.report.records import COLUMNS, as_csv, as_record
from tests.report.making import EVIL, made


def test_json_has_all_figures() -> None:
    told = json.loads(json.dumps(as_record(made()), default=str))
    assert (told["first"], told["clicks"], told["before"]["clicks"]) == ("2026-11-18", 12, 6)
    assert [day["known"] for day in told["days"]] == ["final", "missing", "partial", "provisional"]
    assert told["hours"] == [
        {"weekday": 0, "hour": 9, "clicks": 4},
        {"weekday": 1, "hour": 9, "clicks": 0},
        {"weekday": 6, "hour": 23, "clicks": 1},
    ]
    assert [share["name"] for share in told["countries"]] == ["DE", "", "bit.ly/a"]
    assert (told["anomalies"][0]["kind"], told["missing"][0]["facet"]) == ("jump", "cities")


def test_a_missing_day_has_no_number_in_csv() -> None:
    rows = list(csv.DictReader(StringIO(as_csv(made()))))
    days = {row["name"]: row["clicks"] for row in rows if row["figure"] == "day"}
    assert days == {"2026-11-18": "7", "2026-11-19": "", "2026-11-20": "5", "2026-11-21": "0"}
    assert {"links", "quiet_links", "hour", "anomalies", "missing"} <= {r["figure"] for r in rows}


def test_no_cell_is_a_formula_or_a_control() -> None:
    for text in ("=1+1", "+1", "-1", "@A1", "\tx", EVIL):
        table = as_csv(made(text))
        assert not {"\x1b", "\x07", "\r", "\t"} & set(table)
        for row in csv.reader(StringIO(table)):
            assert len(row) == len(COLUMNS)
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
