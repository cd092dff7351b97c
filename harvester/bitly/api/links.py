"""Bitlinks and custom back-halves: what they are, and what came of them."""

from typing import Unpack

from harvester.bitly.api.resource import Resource, Sized, Span
from harvester.bitly.models import shaped
from harvester.bitly.shapes import (
    Bitlink,
    CityMetrics,
    ClickMetrics,
    ClickSeries,
    ClickSummary,
    CustomBitlink,
    DeviceMetrics,
    EngagementSeries,
    EngagementSummary,
    ExpandedBitlink,
    ReferrersByDomains,
)
from harvester.bitly.wire import expand_request
from harvester.domain.links import link_id


class Links(Resource):
    """`/bitlinks`: Bitly counts a link and its custom back-halves apart, each under its name."""

    async def get(self, bitlink: str) -> Bitlink:
        """Return what Bitly tells of a bitlink of the account's."""
        return await self._get("/bitlinks/{bitlink}", Bitlink, bitlink)

    async def expand(self, bitlink: str) -> ExpandedBitlink:
        """Return where any public bitlink leads. A POST that changes nothing."""
        request = expand_request(link_id(bitlink))
        return await self._client.answer(request, lambda body: shaped(body, ExpandedBitlink))

    async def clicks(self, bitlink: str, **span: Unpack[Span]) -> ClickSeries:
        """Return the clicks bucket by bucket."""
        return await self._get("/bitlinks/{bitlink}/clicks", ClickSeries, bitlink, span)

    async def clicks_summary(self, bitlink: str, **span: Unpack[Span]) -> ClickSummary:
        """Return the clicks of the whole span."""
        return await self._get("/bitlinks/{bitlink}/clicks/summary", ClickSummary, bitlink, span)

    async def engagements(self, bitlink: str, **span: Unpack[Span]) -> EngagementSeries:
        """Return clicks, scans and clicks of buttons, bucket by bucket."""
        return await self._get("/bitlinks/{bitlink}/engagements", EngagementSeries, bitlink, span)

    async def engagements_summary(self, bitlink: str, **span: Unpack[Span]) -> EngagementSummary:
        """Return clicks, scans and clicks of buttons in the whole span."""
        path = "/bitlinks/{bitlink}/engagements/summary"
        return await self._get(path, EngagementSummary, bitlink, span)

    async def countries(self, bitlink: str, **span: Unpack[Sized]) -> ClickMetrics:
        """Return the clicks by country, as ISO 3166 codes."""
        return await self._get("/bitlinks/{bitlink}/countries", ClickMetrics, bitlink, span)

    async def cities(self, bitlink: str, **span: Unpack[Sized]) -> CityMetrics:
        """Return the clicks by city."""
        return await self._get("/bitlinks/{bitlink}/cities", CityMetrics, bitlink, span)

    async def devices(self, bitlink: str, **span: Unpack[Sized]) -> DeviceMetrics:
        """Return the clicks by kind of device."""
        return await self._get("/bitlinks/{bitlink}/devices", DeviceMetrics, bitlink, span)

    async def referrers(self, bitlink: str, **span: Unpack[Sized]) -> ClickMetrics:
        """Return the clicks by referrer, under the name that Bitly shows."""
        return await self._get("/bitlinks/{bitlink}/referrers", ClickMetrics, bitlink, span)

    async def referrer_name(self, bitlink: str, **span: Unpack[Sized]) -> ClickMetrics:
        """Return the clicks by the referrer's name."""
        return await self._get("/bitlinks/{bitlink}/referrer_name", ClickMetrics, bitlink, span)

    async def referring_domains(self, bitlink: str, **span: Unpack[Sized]) -> ClickMetrics:
        """Return the clicks by the referrer's domain."""
        return await self._get("/bitlinks/{bitlink}/referring_domains", ClickMetrics, bitlink, span)

    async def referrers_by_domains(self, bitlink: str, **span: Unpack[Sized]) -> ReferrersByDomains:
        """Return the clicks by referrer, grouped by network."""
        path = "/bitlinks/{bitlink}/referrers_by_domains"
        return await self._get(path, ReferrersByDomains, bitlink, span)


class CustomLinks(Resource):
    """`/custom_bitlinks`: names with a custom domain and a custom back-half."""

    async def get(self, custom_bitlink: str) -> CustomBitlink:
        """Return the bitlink behind a name, and those that were behind it before."""
        return await self._get("/custom_bitlinks/{custom_bitlink}", CustomBitlink, custom_bitlink)

    async def clicks(self, custom_bitlink: str, **span: Unpack[Span]) -> ClickSeries:
        """Return the clicks bucket by bucket."""
        path = "/custom_bitlinks/{custom_bitlink}/clicks"
        return await self._get(path, ClickSeries, custom_bitlink, span)

    async def clicks_by_destination(
        self, custom_bitlink: str, **span: Unpack[Span]
    ) -> ClickMetrics:
        """Return the clicks by where they led to."""
        path = "/custom_bitlinks/{custom_bitlink}/clicks_by_destination"
        return await self._get(path, ClickMetrics, custom_bitlink, span)
