"""Answers of the endpoints that `measures` has the truth of, in the shapes of the document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from harvester.domain.facets import kind_of
from harvester.domain.subjects import Kind
from harvester.domain.windows import Unit, Window, days_of, holding
from harvester.sandbox.bodies import Json, instant, metrics, ranked, timed
from harvester.sandbox.catalogue import Labels, Rows
from harvester.sandbox.counts import Counts
from harvester.sandbox.measures import Measures, added
from harvester.sandbox.spans import Refused, Span, arguments, page_size
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World

Series = list[tuple[Window, Rows]]

# Which facet an endpoint tells of, as the harvester names it.
MEASURED: Mapping[str, str] = MappingProxyType(
    {
        "/bitlinks/{bitlink}/referrer_name": "referrer_name",
        "/bitlinks/{bitlink}/referrers_by_domains": "referrers_by_domains",
        "/bitlinks/{bitlink}/engagements": "engagements",
        "/custom_bitlinks/{custom_bitlink}/clicks": "custom_clicks",
        "/custom_bitlinks/{custom_bitlink}/clicks_by_destination": "custom_clicks_by_destination",
        "/groups/{group_guid}/countries": "group_countries",
        "/groups/{group_guid}/cities": "group_cities",
        "/groups/{group_guid}/devices": "group_devices",
        "/groups/{group_guid}/referrers": "group_referrers",
        "/groups/{group_guid}/referring_networks": "group_referring_networks",
        "/groups/{group_guid}/shorten_counts": "group_shorten_counts",
        "/organizations/{organization_guid}/shorten_counts": "organization_shorten_counts",
        "/organizations/{organization_guid}/shorten_counts_by_group": (
            "organization_shorten_counts_by_group"
        ),
        "/qr-codes/{qrcode_id}/scans": "qr_scans",
        "/qr-codes/{qrcode_id}/scans/countries": "qr_countries",
        "/qr-codes/{qrcode_id}/scans/cities": "qr_cities",
        "/qr-codes/{qrcode_id}/scans/device_os": "qr_device_os",
        "/qr-codes/{qrcode_id}/scans/browsers": "qr_browsers",
    }
)


_UNNAMED = frozenset({"referrer_name", "clicks_by_destination"})  # the document has no word for it


def engagements(span: Span, series: Series) -> Json:
    """Return a series of engagements of each sort."""
    listed: list[Json] = []
    for window, rows in series:
        sorts = {name: rows.get((name,), 0) for name in ("lib_button_clicks", "clicks", "scans")}
        told = {"engagement_count": sum(sorts.values()), "engagements": sorts}
        listed.append({**told, "date": instant(window.start)})
    return {"engagements": listed, **timed(span)}


def clicks(span: Span, series: Series) -> Json:
    """Return a series of clicks."""
    return {"link_clicks": _dated(series, "clicks"), **timed(span)}


def scans(span: Span, series: Series) -> Json:
    """Return a series of scans."""
    return {"scans": _dated(series, "scans"), **timed(span)}


def shortened(span: Span, series: Series) -> Json:
    """Return a series of shorten counts: the date is the key, and windows without are left out."""
    listed = [
        {"key": instant(window.start), "value": rows[()]} for window, rows in series if rows.get(())
    ]
    return {"metrics": listed, "facet": "shorten_counts", **timed(span)}


SERIES: Mapping[str, Callable[[Span, Series], Json]] = MappingProxyType(
    {
        "engagements": engagements,
        "custom_clicks": clicks,
        "qr_scans": scans,
        "group_shorten_counts": shortened,
        "organization_shorten_counts": shortened,
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a world tells at `now` of what is counted beside the clicks of links."""

    world: World
    switches: Switches
    now: datetime

    def answer(self, endpoint: str, subject: str, query: str, span: Span, counts: Counts) -> Json:
        """Return the answer of an endpoint. Raises Refused for what is not there."""
        facet, measures = MEASURED[endpoint], self._measures
        self._stand(kind_of(facet), subject)
        series = counts.measured(lambda day: measures.rows(facet, subject, day))
        if facet in SERIES:
            return SERIES[facet](span, series)
        habits = self.switches.habits
        size = page_size(arguments(query), most=habits.most_size)
        most = min(size, habits.most_rows or size)
        rows = added(each for _, each in series)
        told = broken_down(endpoint.rpartition("/")[2], span, rows, most)
        return _renamed(told, "scans") if kind_of(facet) is Kind.QR_CODE else told

    def by_group(self, organization: str) -> Json:
        """Return the shorten counts of the present month by group."""
        facet, measures = "organization_shorten_counts_by_group", self._measures
        days = (each.day for each in days_of(holding(self.now, Unit.MONTH)))
        past = (day for day in days if day <= self.now.date())
        rows = added(measures.rows(facet, organization, day) for day in past)
        listed = [{"key": labels[0], "value": count} for labels, count in ranked(rows)]
        told = {"unit": "month", "units": 1, "unit_reference": instant(self.now)}
        return {"metrics": listed, "facet": "shorten_counts", **told}

    @property
    def _measures(self) -> Measures:
        return Measures(self.world, customs=self.switches.habits.customs_in_total)

    def _stand(self, kind: Kind, subject: str) -> None:
        if subject in self.switches.gone:
            raise Refused(410)
        there = {name for name, _ in self._measures.subjects(kind)}
        if subject in self.switches.not_found or subject not in there:
            raise Refused(404)


def broken_down(word: str, span: Span, rows: Rows, size: int) -> Json:
    """Return the rows of a facet; `word` is the last one of its endpoint."""
    if word == "referrers_by_domains":
        return _by_domain(span, rows)
    told = metrics(word, span, rows, size)
    if word in _UNNAMED:
        del told["facet"]
    return told


def _dated(series: Series, name: str) -> list[Json]:
    return [{"date": instant(window.start), name: sum(rows.values())} for window, rows in series]


def _by_domain(span: Span, rows: Rows) -> Json:
    """Return referrers by network, as recorded: the document spells facet and rows otherwise."""
    networks: dict[Any, list[Json]] = {}
    listed: list[tuple[Labels, int]] = ranked(rows)
    for (network, referrer), count in listed:
        networks.setdefault(network, []).append({"value": referrer, "clicks": count})
    found = [{"network": network, "referrers": its} for network, its in networks.items()]
    return {"referrers_by_domain": found, "facet": "referrers_by_domain", **timed(span)}


def _renamed(told: Json, counts: str) -> Json:
    """Return an answer that counts something else than clicks."""
    for row in told["metrics"]:
        row[counts] = row.pop("clicks")
    if "other_metrics" in told:
        others = told["other_metrics"].items()
        told["other_metrics"] = {name.replace("clicks", counts): n for name, n in others}
    return told
