"""What was counted: clicks and scans, over a span, by bucket or by label."""

from harvester.bitly.models import Count
from harvester.bitly.shapes.base import Shape


class Timed(Shape, frozen=True, kw_only=True):
    """What every metric tells of its span; `units` is how many Bitly took, -1 all time.

    `unit_reference` is a text, or unix seconds: both are on record.
    """

    unit: str | None = None
    units: int | None = None
    unit_reference: str | int | None = None


class Clicks(Shape, frozen=True, kw_only=True):
    """Clicks of one bucket."""

    date: str
    clicks: Count


class ClickSeries(Timed, frozen=True, kw_only=True):
    """Clicks bucket by bucket, newest first. A bucket that is left out had none."""

    link_clicks: tuple[Clicks, ...]


class ClickSummary(Timed, frozen=True, kw_only=True):
    """Clicks of the whole span."""

    total_clicks: Count


class ValueClicks(Shape, frozen=True, kw_only=True):
    """Clicks by a label: a country's code, a referrer's name, ..."""

    value: str | None
    clicks: Count


class ClickMetrics(Timed, frozen=True, kw_only=True):
    """Clicks by label."""

    facet: str | None = None
    metrics: tuple[ValueClicks, ...]


class DeviceClicks(Shape, frozen=True, kw_only=True):
    """Clicks by device. `device_type` is what most answers say, `value` what newer ones do."""

    clicks: Count
    device_type: str | None = None
    value: str | None = None


class DeviceMetrics(Timed, frozen=True, kw_only=True):
    """Clicks by device."""

    facet: str | None = None
    metrics: tuple[DeviceClicks, ...]


class City(Shape, frozen=True, kw_only=True):
    """A place; `region` and `country` are codes."""

    city: str | None
    subregion: str | None = None
    region: str | None = None
    country: str | None = None


class CityClicks(City, frozen=True, kw_only=True):
    """Clicks by place."""

    clicks: Count


class OtherCityClicks(Shape, frozen=True, kw_only=True):
    """Clicks of the cities left out, and of no known city."""

    other_city_clicks: Count = 0
    no_city_clicks: Count = 0


class CityMetrics(Timed, frozen=True, kw_only=True):
    """Clicks by city."""

    facet: str | None = None
    metrics: tuple[CityClicks, ...]
    other_metrics: OtherCityClicks | None = None


class Referrer(Shape, frozen=True, kw_only=True):
    """Clicks by referrer: `value` and `clicks` as recorded, `key` and `value` as documented."""

    value: str | int | None = None
    clicks: Count | None = None
    key: str | None = None

    @property
    def name(self) -> str | None:
        """The referrer."""
        return str(self.value) if self.key is None and self.value is not None else self.key

    @property
    def count(self) -> int:
        """Its clicks."""
        return self.clicks if self.clicks is not None else int(self.value or 0)


class ReferrersByDomain(Shape, frozen=True, kw_only=True):
    """The referrers of one network."""

    network: str | None
    referrers: tuple[Referrer, ...] = ()


class ReferrersByDomains(Timed, frozen=True, kw_only=True):
    """Clicks by network and referrer."""

    facet: str | None = None
    referrers_by_domain: tuple[ReferrersByDomain, ...]


class KeyCount(Shape, frozen=True, kw_only=True):
    """A count by a key: links made, by day or group."""

    key: str
    value: Count


class Counts(Timed, frozen=True, kw_only=True):
    """Counts by key."""

    facet: str | None = None
    metrics: tuple[KeyCount, ...]


class GroupCount(Shape, frozen=True, kw_only=True):
    """Clicks of a group in one bucket. The form of `ts` is not documented."""

    ts: str | int
    count: Count


class GroupClicks(Timed, frozen=True, kw_only=True):
    """Clicks of a group, bucket by bucket."""

    data: tuple[GroupCount, ...]


class Scans(Shape, frozen=True, kw_only=True):
    """Scans of one bucket."""

    date: str
    scans: Count


class ScanSeries(Timed, frozen=True, kw_only=True):
    """Scans bucket by bucket."""

    scans: tuple[Scans, ...]


class ScanSummary(Timed, frozen=True, kw_only=True):
    """Scans of the whole span."""

    total_scans: Count


class ValueScans(Shape, frozen=True, kw_only=True):
    """Scans by a label."""

    value: str | None
    scans: Count


class ScanMetrics(Timed, frozen=True, kw_only=True):
    """Scans by label."""

    facet: str | None = None
    metrics: tuple[ValueScans, ...]


class CityScans(City, frozen=True, kw_only=True):
    """Scans by place."""

    scans: Count


class OtherCityScans(Shape, frozen=True, kw_only=True):
    """Scans of the cities left out, and of no known city."""

    other_city_scans: Count = 0
    no_city_scans: Count = 0


class CityScanMetrics(Timed, frozen=True, kw_only=True):
    """Scans by city."""

    facet: str | None = None
    metrics: tuple[CityScans, ...]
    other_metrics: OtherCityScans | None = None


class EngagementCounts(Shape, frozen=True, kw_only=True):
    """Engagements by what they were."""

    clicks: Count = 0
    scans: Count = 0
    lib_button_clicks: Count = 0


class Engagements(Shape, frozen=True, kw_only=True):
    """Engagements of one bucket."""

    date: str
    engagement_count: Count
    engagements: EngagementCounts | None = None


class EngagementSeries(Timed, frozen=True, kw_only=True):
    """Engagements bucket by bucket."""

    engagements: tuple[Engagements, ...]


class EngagementSummary(Timed, frozen=True, kw_only=True):
    """Engagements of the whole span."""

    total_engagements: Count
    engagements: EngagementCounts | None = None
