"""What each endpoint answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import msgspec

from harvester.sandbox import bodies, rosters
from harvester.sandbox.bodies import Json
from harvester.sandbox.counts import Counts
from harvester.sandbox.exports import Export
from harvester.sandbox.limits import UNLIMITED, Limits
from harvester.sandbox.metrics import MEASURED, Told
from harvester.sandbox.pages import page
from harvester.sandbox.routes import FACETS, POSTED, TEMPLATES
from harvester.sandbox.spans import Refused, Span, arguments, asked, invalid, page_size, spanned
from harvester.sandbox.switches import Switches
from harvester.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """A request that found its endpoint: `subject` is the name or guid in its `path`.

    `body` is what was posted.
    """

    endpoint: str
    subject: str
    path: str
    query: str
    now: datetime
    body: bytes = b""

    @property
    def facet(self) -> str:
        """The last word of the endpoint."""
        return self.endpoint.rpartition("/")[2]


class _Expanded(msgspec.Struct):
    bitlink_id: str


class Answers:
    """The endpoints of one account; `base` is the URL that addresses in answers begin with."""

    def __init__(
        self, world: World, switches: Switches, limits: Limits, base: str = "http://127.0.0.1/v4"
    ) -> None:
        self._base = base
        self._world, self._switches, self._limits = world, switches, limits

    def to(self, call: Call) -> Json:
        """Return the answer to a call. Raises Refused where the API answers with an error."""
        if call.endpoint in self._switches.refused or call.facet in self._switches.refused:
            raise Refused(402)
        if call.endpoint.startswith("/bitlinks"):
            self._standing_bitlink(call.subject)
        elif call.endpoint.startswith("/groups/") and call.subject not in self._world.groups:
            raise Refused(403)
        answer = ENDPOINTS[call.endpoint](self, call)
        if self._switches.integer_references and "unit_reference" in answer:
            answer["unit_reference"] = int(
                datetime.fromisoformat(answer["unit_reference"]).timestamp()
            )
        return answer

    def user(self, _call: Call) -> Json:
        """Tell who asks."""
        return bodies.user(self._world)

    def platform_limits(self, call: Call) -> Json:
        """Tell the hourly limit of each endpoint and what this hour has taken of it."""
        only = arguments(call.query).get("path")
        return {
            "platform_limits": [
                {
                    "endpoint": endpoint,
                    "methods": [
                        {
                            "name": "POST" if endpoint in POSTED else "GET",
                            "limit": self._limits.hourly(endpoint) or UNLIMITED,
                            "count": self._counted(endpoint, call.now),
                        }
                    ],
                }
                for endpoint in sorted(TEMPLATES)
                if only is None or only == endpoint
            ]
        }

    def _counted(self, endpoint: str, now: datetime) -> int:
        habits = self._switches.habits
        if endpoint == "/user/platform_limits" and not habits.counts_itself:
            return 0
        if habits.counts == "minute":
            return self._limits.minute_count(endpoint, now)
        return self._limits.hour_count(endpoint, now)

    def organizations(self, _call: Call) -> Json:
        """List the one organization."""
        return {"organizations": [bodies.organization(self._world.organization, self._base)]}

    def organization(self, call: Call) -> Json:
        """Tell of the organization."""
        self._own_organization(call.subject)
        return bodies.organization(self._world.organization, self._base)

    def plan_limits(self, call: Call) -> Json:
        """Tell the month's requests, if limited, and a row that has nothing to do with them."""
        self._own_organization(call.subject)
        rows = [{"name": "encodes", "description": "Links", "limit": 500, "count": 7}]
        if self._limits.per_month is not None:
            used = self._limits.used(call.now)
            name, description = self._switches.habits.month_row
            row = {"limit": self._limits.per_month, "count": used}
            rows.append({"name": name, "description": description, **row})
        return {
            "organization_guid": call.subject,
            "plan_limits": rows,
            "references": {},
        }

    def groups(self, call: Call) -> Json:
        """List the groups."""
        organization = arguments(call.query).get("organization_guid")
        if organization is not None:
            self._own_organization(organization)
        return {"groups": [bodies.group(each, self._base) for each in self._world.groups.values()]}

    def group(self, call: Call) -> Json:
        """Tell of a group."""
        return bodies.group(self._world.groups[call.subject], self._base)

    def group_bitlinks(self, call: Call) -> Json:
        """List a page of a group's bitlinks, newest created first, or of those of a channel."""
        given = arguments(call.query)
        links = self._world.links(call.subject)
        if "channel_guid" in given:
            held = {e.guid for e in self._world.shelf.of("channel_bitlinks", given["channel_guid"])}
            links = [link for link in links if link.id in held]
        listed = page(
            links,
            given,
            most=self._switches.habits.most_page,
            overlap=self._switches.overlap,
        )
        path = f"{self._base}/groups/{call.subject}/bitlinks"
        stuck = given.get("search_after") if self._switches.stuck_cursor else None
        cursor = stuck or listed.search_after
        return {
            "links": [bodies.bitlink(link, call.subject, self._base) for link in listed.links],
            "pagination": {
                "next": f"{path}?size={listed.size}&search_after={cursor}" if cursor else "",
                "search_after": cursor,
                "size": listed.size,
            },
        }

    def sorted_bitlinks(self, call: Call) -> Json:
        """List the bitlinks with clicks in the span, most clicks first; own clicks of each id."""
        if not call.path.endswith("/clicks"):
            raise invalid("sort")
        size = page_size(arguments(call.query))
        if size > self._switches.habits.most_sorted:
            raise invalid("size")
        _, counts = self._counts(call)
        totals = [(counts.total(link.id), link) for link in self._world.links(call.subject)]
        first = sorted(
            (each for each in totals if each[0]), key=lambda each: (-each[0], each[1].id)
        )
        return {
            "sorted_links": [{"id": link.id, "clicks": clicks} for clicks, link in first[:size]],
            "links": [bodies.bitlink(link, call.subject, self._base) for _, link in first[:size]],
        }

    def group_clicks(self, call: Call) -> Json:
        """Tell the clicks of all names of a group, custom back-halves included."""
        span, counts = self._counts(call)
        with_customs = self._switches.habits.customs_in_total
        return bodies.group_clicks(span, counts.group_series(call.subject, customs=with_customs))

    def exports(self, call: Call) -> Json:
        """Tell the clicks, or the details, of many bitlinks as a CSV."""
        return Export(self._world, self._switches, call.subject, call.now).answer(call.body)

    def expand(self, call: Call) -> Json:
        """Tell where a bitlink leads that anybody may know."""
        try:
            name = msgspec.json.decode(call.body, type=_Expanded).bitlink_id
        except ValueError:
            raise Refused(422, "UNPROCESSABLE_ENTITY", "bitlink_id") from None
        if name in self._switches.gone:
            raise Refused(410)
        if name in self._switches.not_found or not self._world.knows(name):
            raise Refused(404)
        return bodies.expanded(self._world.found(name)[0], name)

    def bitlink(self, call: Call) -> Json:
        """Tell of the bitlink that has this name."""
        link, group_guid = self._world.found(call.subject)
        return bodies.bitlink(link, group_guid, self._base)

    def clicks(self, call: Call) -> Json:
        """Tell the clicks of a name bucket by bucket."""
        span, counts = self._counts(call)
        return bodies.link_clicks(span, counts.series(call.subject))

    def summary(self, call: Call) -> Json:
        """Tell the clicks of a name in all the span."""
        span, counts = self._counts(call)
        return {"total_clicks": counts.total(call.subject), **bodies.timed(span)}

    def facet(self, call: Call) -> Json:
        """Tell the rows of a facet in all the span."""
        habits = self._switches.habits
        size = page_size(arguments(call.query), most=habits.most_size)
        span, counts = self._counts(call)
        rows = counts.rows(call.subject, call.facet)
        return bodies.metrics(call.facet, span, rows, min(size, habits.most_rows or size))

    def measured(self, call: Call) -> Json:
        """Tell what is counted beside the clicks of links."""
        told = Told(self._world, self._switches, call.now)
        if call.endpoint.startswith("/organizations"):
            self._own_organization(call.subject)
        if call.endpoint.endswith("_by_group"):
            return told.by_group(call.subject)
        return told.answer(call.endpoint, call.subject, call.query, *self._counts(call))

    def roster(self, call: Call) -> Json:
        """List what the world keeps beside its links."""
        return rosters.ENDPOINTS[call.endpoint](self._world, call.subject, call.query)

    def _counts(self, call: Call) -> tuple[Span, Counts]:
        span = spanned(
            asked(call.query),
            call.now,
            first_day=self._world.first_day,
            history=self._switches.history,
            cut=not self._switches.history_as_zeros,
            told=self._switches.history_units,
            nearest=self._switches.habits.nearest,
            sparse=self._switches.habits.sparse,
        )
        return span, Counts(self._world, span, call.now)

    def _own_organization(self, guid: str) -> None:
        if guid != self._world.organization.guid:
            raise Refused(403)

    def _standing_bitlink(self, name: str) -> None:
        if name in self._switches.forbidden:
            raise Refused(403)
        if name in self._switches.gone:
            raise Refused(410)
        if name in self._switches.not_found or not self._world.knows(name):
            raise Refused(404)


ENDPOINTS: Mapping[str, Callable[[Answers, Call], Json]] = MappingProxyType(
    {
        "/expand": Answers.expand,
        "/user": Answers.user,
        "/user/platform_limits": Answers.platform_limits,
        "/organizations": Answers.organizations,
        "/organizations/{organization_guid}": Answers.organization,
        "/organizations/{organization_guid}/plan_limits": Answers.plan_limits,
        "/groups": Answers.groups,
        "/groups/{group_guid}": Answers.group,
        "/groups/{group_guid}/bitlinks": Answers.group_bitlinks,
        "/groups/{group_guid}/bitlinks/{sort}": Answers.sorted_bitlinks,
        "/groups/{group_guid}/clicks": Answers.group_clicks,
        "/groups/{group_guid}/exports": Answers.exports,
        "/bitlinks/{bitlink}": Answers.bitlink,
        "/bitlinks/{bitlink}/clicks": Answers.clicks,
        "/bitlinks/{bitlink}/clicks/summary": Answers.summary,
        **{f"/bitlinks/{{bitlink}}/{facet}": Answers.facet for facet in FACETS},
        **dict.fromkeys(rosters.ENDPOINTS, Answers.roster),
        **dict.fromkeys(MEASURED, Answers.measured),
    }
)
