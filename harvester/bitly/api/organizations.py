"""Organizations, and what belongs to them: campaigns, channels, webhooks, apps."""

from typing import Unpack

from harvester.bitly.api.resource import Resource, Span
from harvester.bitly.shapes import (
    App,
    Campaign,
    Channel,
    Counts,
    Organization,
    PlanLimits,
    Webhook,
)


class Organizations(Resource):
    """`/organizations`."""

    async def all(self) -> list[Organization]:
        """Return the organizations that the token sees."""
        return await self._rows("/organizations", "organizations", Organization)

    async def get(self, organization_guid: str) -> Organization:
        """Return what Bitly tells of an organization."""
        path = "/organizations/{organization_guid}"
        return await self._get(path, Organization, organization_guid)

    async def plan_limits(self, organization_guid: str) -> PlanLimits:
        """Return the monthly limits of the plan, and how much of each is used."""
        path = "/organizations/{organization_guid}/plan_limits"
        return await self._get(path, PlanLimits, organization_guid)

    async def shorten_counts(self, organization_guid: str, **span: Unpack[Span]) -> Counts:
        """Return how many links were made, bucket by bucket."""
        path = "/organizations/{organization_guid}/shorten_counts"
        return await self._get(path, Counts, organization_guid, span)

    async def shorten_counts_by_group(self, organization_guid: str) -> Counts:
        """Return how many links were made, by group."""
        path = "/organizations/{organization_guid}/shorten_counts_by_group"
        return await self._get(path, Counts, organization_guid)

    async def webhooks(self, organization_guid: str) -> list[Webhook]:
        """Return the webhooks, without their secrets."""
        path = "/organizations/{organization_guid}/webhooks"
        return await self._rows(path, "webhooks", Webhook, organization_guid)


class Campaigns(Resource):
    """`/campaigns`."""

    async def all(self, group_guid: str | None = None) -> list[Campaign]:
        """Return the campaigns that the token sees, or those of one group."""
        given = {"group_guid": group_guid}
        return await self._rows("/campaigns", "campaigns", Campaign, given=given)

    async def get(self, campaign_guid: str) -> Campaign:
        """Return a campaign."""
        return await self._get("/campaigns/{campaign_guid}", Campaign, campaign_guid)


class Channels(Resource):
    """`/channels`: those of campaigns."""

    async def all(
        self, group_guid: str | None = None, campaign_guid: str | None = None
    ) -> list[Channel]:
        """Return the channels that the token sees, or those of one group or campaign."""
        given = {"group_guid": group_guid, "campaign_guid": campaign_guid}
        return await self._rows("/channels", "channels", Channel, given=given)

    async def get(self, channel_guid: str) -> Channel:
        """Return a channel."""
        return await self._get("/channels/{channel_guid}", Channel, channel_guid)


class Webhooks(Resource):
    """`/webhooks`; those of an organization are listed by `organizations.webhooks`."""

    async def get(self, webhook_guid: str) -> Webhook:
        """Return a webhook, without its secrets."""
        return await self._get("/webhooks/{webhook_guid}", Webhook, webhook_guid)


class Apps(Resource):
    """`/apps`."""

    async def get(self, client_id: str) -> App:
        """Return an OAuth app."""
        return await self._get("/apps/{client_id}", App, client_id)
