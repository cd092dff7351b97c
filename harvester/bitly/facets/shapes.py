"""The rows of answers as Bitly writes them: by country, city, device, referrer, and by date."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final

import msgspec

from harvester.bitly.errors import UnexpectedShape
from harvester.bitly.facets.answers import MOST_ROWS, Answered, Labels
from harvester.bitly.models import Count, instant

OTHER_CITIES: Final = ("(other cities)", None, None, None)
NO_CITY: Final = ("(no city)", None, None, None)


class Click(msgspec.Struct):
    """A window of a series of clicks."""

    date: str
    clicks: Count

    @property
    def dated(self) -> tuple[datetime, int]:
        """When it begins, and its clicks."""
        return instant(self.date), self.clicks


class Clicks(Answered, kw_only=True):
    """A series of clicks."""

    link_clicks: Annotated[list[Click], MOST_ROWS]


class Value(msgspec.Struct):
    """A row with one label, as most are."""

    value: str | None
    clicks: Count

    @property
    def labels(self) -> Labels:
        """The one label."""
        return (self.value,)

    @property
    def count(self) -> int:
        """Its clicks."""
        return self.clicks


class Values(Answered, kw_only=True):
    """Clicks by one label."""

    metrics: Annotated[list[Value], MOST_ROWS]


class Device(msgspec.Struct):
    """The links' answer says `device_type`, the groups' one of 2026 says `value`."""

    clicks: Count
    device_type: str | msgspec.UnsetType | None = msgspec.UNSET
    value: str | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def labels(self) -> Labels:
        """The type of device. Raises UnexpectedShape if there is neither key."""
        for label in (self.device_type, self.value):
            if not isinstance(label, msgspec.UnsetType):
                return (label,)
        raise UnexpectedShape("a row of devices without `device_type` or `value`")

    @property
    def count(self) -> int:
        """Its clicks."""
        return self.clicks


class Devices(Answered, kw_only=True):
    """Clicks by type of device."""

    metrics: Annotated[list[Device], MOST_ROWS]


class Place(msgspec.Struct, kw_only=True):
    """A city, and where it lies."""

    city: str | None
    subregion: str | None = None
    region: str | None = None
    country: str | None = None

    @property
    def labels(self) -> Labels:
        """The city, its subregion, region and country."""
        return (self.city, self.subregion, self.region, self.country)


class City(Place, kw_only=True):
    """Clicks from a city."""

    clicks: Count

    @property
    def count(self) -> int:
        """Its clicks."""
        return self.clicks


class _OtherCities(msgspec.Struct):
    other_city_clicks: Count = 0
    no_city_clicks: Count = 0


class Cities(Answered, kw_only=True):
    """Clicks by city, and those of all other cities, and of none."""

    metrics: Annotated[list[City], MOST_ROWS]
    other_metrics: _OtherCities | None = None

    @property
    def others(self) -> Iterator[tuple[Labels, int]]:
        """What is no row of a city."""
        if self.other_metrics:
            yield OTHER_CITIES, self.other_metrics.other_city_clicks
            yield NO_CITY, self.other_metrics.no_city_clicks


class Metric(msgspec.Struct):
    """A row where `key` is the label and `value` the number: the other way round than elsewhere."""

    key: str
    value: Count

    @property
    def labels(self) -> Labels:
        """The key."""
        return (self.key,)

    @property
    def count(self) -> int:
        """Its value."""
        return self.value


class Metrics(Answered, kw_only=True):
    """Numbers by key; of shorten counts by time the keys are dates."""

    metrics: Annotated[list[Metric], MOST_ROWS]
