"""Bitly's limits: connections, fixed minutes and hours per endpoint, and the month's requests.

"The rate limits reset once each hour and once each minute"; a minute's limit is a tenth of the
hour's (dev.bitly.com/docs/getting-started/rate-limits). Windows are aligned to the clock and the
month turns at midnight UTC: neither is documented.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

UNLIMITED = 1_000_000_000  # what platform_limits says of an endpoint that nothing holds back
RATE = "RATE_LIMIT_EXCEEDED"
MONTH = "API_USAGE_LIMIT_EXCEEDED"

# The endpoints for which the specification does not declare the monthly 429.
UNMETERED = frozenset(
    {
        "/user",
        "/user/platform_limits",
        "/organizations",
        "/organizations/{organization_guid}",
        "/organizations/{organization_guid}/plan_limits",
        "/groups/{group_guid}/bitlinks",
        "/groups/{group_guid}/qr/images",
        "/groups/{group_guid}/preferences",
        "/campaigns",
        "/channels",
        "/bsds",
        "/apps/{client_id}",
        "/bitlinks/{bitlink}/referrer_name",
        "/bitlinks/{bitlink}/engagements",
        "/groups/{group_guid}/referring_networks",
        "/organizations/{organization_guid}/shorten_counts",
        "/organizations/{organization_guid}/shorten_counts_by_group",
        "/qr-codes/{qrcode_id}/scans",
        "/qr-codes/{qrcode_id}/scans/countries",
        "/qr-codes/{qrcode_id}/scans/cities",
        "/qr-codes/{qrcode_id}/scans/device_os",
        "/qr-codes/{qrcode_id}/scans/browsers",
    }
)
_PUBLISHED: Mapping[str, int] = MappingProxyType({"/groups/{group_guid}/bitlinks": 1_500})


@dataclass(slots=True)
class Limits:
    """The limits of an account and what is spent of them. None means unlimited, yet counted.

    `used_before` are requests of this month that others have made.
    """

    connections: int | None = None
    per_hour: int | None = None
    endpoints: Mapping[str, int] = field(default_factory=dict)
    per_month: int | None = None
    used_before: int = 0
    _windows: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    _minute: Counter[str] = field(default_factory=Counter)
    _hour: Counter[str] = field(default_factory=Counter)
    _month: tuple[int, int] = (0, 0)
    _spent: int = 0

    @classmethod
    def published(cls, per_month: int = 25_000) -> "Limits":
        """Return what Bitly publishes or users report; 25,000 a month is the Growth plan."""
        return cls(connections=5, per_hour=1_000, endpoints=_PUBLISHED, per_month=per_month)

    def hourly(self, endpoint: str) -> int | None:
        """Return the requests per hour that `endpoint` takes; None if unlimited."""
        return self.endpoints.get(endpoint, self.per_hour)

    def taken(self, endpoint: str, now: datetime) -> str | None:
        """Count a request, or return the code of the limit that refuses it (and count nothing)."""
        self._turn(endpoint, now)
        metered = endpoint not in UNMETERED
        used = self.used(now)
        if metered and self.per_month is not None and used >= self.per_month:
            return MONTH
        most = self.hourly(endpoint)
        if most is not None:
            minute = max(1, most // 10)
            if self._hour[endpoint] >= most or self._minute[endpoint] >= minute:
                return RATE
        self._hour[endpoint] += 1
        self._minute[endpoint] += 1
        self._spent += metered
        return None

    def hour_count(self, endpoint: str, now: datetime) -> int:
        """Return the requests of `endpoint` in the hour of `now`."""
        self._turn(endpoint, now)
        return self._hour[endpoint]

    def minute_count(self, endpoint: str, now: datetime) -> int:
        """Return the requests of `endpoint` in the minute of `now`."""
        self._turn(endpoint, now)
        return self._minute[endpoint]

    def used(self, now: datetime) -> int:
        """Return the requests of the month of `now`, others' included."""
        month = (now.year, now.month)
        if month != self._month:
            if self._month != (0, 0):
                self.used_before = 0
            self._month, self._spent = month, 0
        return self._spent + self.used_before

    def _turn(self, endpoint: str, now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        hour = minute.replace(minute=0)
        last_minute, last_hour = self._windows.get(endpoint, (minute, hour))
        if minute != last_minute:
            self._minute[endpoint] = 0
        if hour != last_hour:
            self._hour[endpoint] = 0
        self._windows[endpoint] = (minute, hour)
