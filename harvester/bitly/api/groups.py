"""Groups: their bitlinks and QR codes, and what came of them all."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal, TypedDict, Unpack

from harvester.bitly.api.resource import Filter, Resource, Sized, Span
from harvester.bitly.csvs import Export, export
from harvester.bitly.exports import ListFilter, list_request, named_request
from harvester.bitly.shapes import (
    Bitlink,
    CityMetrics,
    ClickMetrics,
    Counts,
    DeviceMetrics,
    FeatureUsage,
    Group,
    GroupClicks,
    GroupPreferences,
    HistoricalUsage,
    LogoImage,
    QrCode,
    SortedLinks,
)
from harvester.domain.links import link_id


class Found(TypedDict, total=False):
    """What bitlinks and QR codes are found by; Bitly leaves archived ones out unless told."""

    size: int
    query: str
    hostname_path_query: str
    created_before: datetime
    created_after: datetime
    archived: Filter


class BitlinkFilter(Found, total=False):
    """Which bitlinks of a group are listed; a `channel_guid` goes over all else."""

    deeplinks: Filter
    domain_deeplinks: Filter
    campaign_guid: str
    channel_guid: str
    custom_bitlink: Filter
    has_qr_codes: Filter
    tags: Sequence[str]
    launchpad_ids: Sequence[str]
    encoding_login: Sequence[str]


class QrCodeFilter(Found, total=False):
    """Which QR codes of a group are listed."""

    has_render_customizations: Filter
    creating_login: Sequence[str]
    qrc_type: Sequence[str]
    is_gs1: Filter


class Groups(Resource):
    """`/groups`."""

    async def all(self, organization_guid: str | None = None) -> list[Group]:
        """Return the groups that the token sees, or those of one organization."""
        given = {"organization_guid": organization_guid}
        return await self._rows("/groups", "groups", Group, given=given)

    async def get(self, group_guid: str) -> Group:
        """Return what Bitly tells of a group."""
        return await self._get("/groups/{group_guid}", Group, group_guid)

    async def tags(self, group_guid: str) -> tuple[str, ...]:
        """Return the tags that bitlinks of the group bear."""
        path = "/groups/{group_guid}/tags"
        return tuple(await self._rows(path, "tags", str, group_guid))

    async def preferences(self, group_guid: str) -> GroupPreferences:
        """Return the domain that the group shortens with."""
        return await self._get("/groups/{group_guid}/preferences", GroupPreferences, group_guid)

    async def bitlinks(
        self, group_guid: str, **by: Unpack[BitlinkFilter]
    ) -> AsyncIterator[Bitlink]:
        """Yield the group's bitlinks, page by page as needed, newest first.

        Unlike Bitly, archived ones too unless `archived` says otherwise.
        """
        path, given = "/groups/{group_guid}/bitlinks", {"archived": "both", **by}
        async for link in self._paged(path, "links", Bitlink, group_guid, given):
            yield link

    async def sorted_bitlinks(self, group_guid: str, **span: Unpack[Sized]) -> SortedLinks:
        """Return the most clicked bitlinks; a `size` of up to 100."""
        path = "/groups/{group_guid}/bitlinks/{sort}"
        return await self._get(path, SortedLinks, group_guid, span)

    async def qr_codes(self, group_guid: str, **by: Unpack[QrCodeFilter]) -> AsyncIterator[QrCode]:
        """Yield the group's QR codes, newest first; archived ones too, unless `archived` tells."""
        path, given = "/groups/{group_guid}/qr-codes", {"archived": "both", **by}
        async for code in self._paged(path, "qr_codes", QrCode, group_guid, given):
            yield code

    async def qr_images(self, group_guid: str) -> list[LogoImage]:
        """Return the pictures that the group's QR codes bear in their middle."""
        path = "/groups/{group_guid}/qr/images"
        return await self._rows(path, "qr_logo_images", LogoImage, group_guid)

    async def clicks(self, group_guid: str, **span: Unpack[Span]) -> GroupClicks:
        """Return the clicks of all bitlinks, bucket by bucket."""
        return await self._get("/groups/{group_guid}/clicks", GroupClicks, group_guid, span)

    async def countries(self, group_guid: str, **span: Unpack[Sized]) -> ClickMetrics:
        """Return the clicks by country."""
        return await self._get("/groups/{group_guid}/countries", ClickMetrics, group_guid, span)

    async def cities(self, group_guid: str, **span: Unpack[Sized]) -> CityMetrics:
        """Return the clicks by city."""
        return await self._get("/groups/{group_guid}/cities", CityMetrics, group_guid, span)

    async def devices(self, group_guid: str, **span: Unpack[Sized]) -> DeviceMetrics:
        """Return the clicks by kind of device."""
        return await self._get("/groups/{group_guid}/devices", DeviceMetrics, group_guid, span)

    async def referrers(self, group_guid: str, **span: Unpack[Sized]) -> ClickMetrics:
        """Return the clicks by referrer."""
        return await self._get("/groups/{group_guid}/referrers", ClickMetrics, group_guid, span)

    async def referring_networks(self, group_guid: str, **span: Unpack[Sized]) -> ClickMetrics:
        """Return the clicks by network: direct, twitter, ..."""
        path = "/groups/{group_guid}/referring_networks"
        return await self._get(path, ClickMetrics, group_guid, span)

    async def shorten_counts(self, group_guid: str, **span: Unpack[Span]) -> Counts:
        """Return how many links were made, bucket by bucket."""
        return await self._get("/groups/{group_guid}/shorten_counts", Counts, group_guid, span)

    async def feature_usage(self, group_guid: str, name: Sequence[str] = ()) -> FeatureUsage:
        """Return how much of its features (`name`, or all) the group uses."""
        path = "/groups/{group_guid}/feature_usage"
        return await self._get(path, FeatureUsage, group_guid, {"name": name})

    async def historical_usage(
        self,
        group_guid: str,
        name: Sequence[str] = (),
        start_date: str | None = None,
        end_date: str | None = None,
        unit: str | None = None,
    ) -> HistoricalUsage:
        """Return how much of its features the group used, by day, week or month."""
        given = {"name": name, "start_date": start_date, "end_date": end_date, "unit": unit}
        path = "/groups/{group_guid}/historical_usage"
        return await self._get(path, HistoricalUsage, group_guid, given)

    async def export(
        self,
        group_guid: str,
        export_type: Literal["links_list", "qr_codes_list"],
        metrics_of: tuple[int, int] | None = None,
        **by: Unpack[ListFilter],
    ) -> Export:
        """Return a list as a CSV holds it: at most 1,000 rows, of which `truncated` tells.

        With `metrics_of` two unix seconds it has the metrics of that span, and at most 200 rows. A
        POST that changes nothing.
        """
        request = list_request(group_guid, export_type, by, metrics_of)
        return await self._client.answer(request, export)

    async def export_engagements(
        self, group_guid: str, bitlinks: Sequence[str], unix_from: int, unix_to: int
    ) -> Export:
        """Return clicks and scans of up to 200 links as a CSV. A POST that changes nothing."""
        names = [link_id(name) for name in bitlinks]
        request = named_request(group_guid, names, (unix_from, unix_to))
        return await self._client.answer(request, export)
