"""What a sorted list says, into the store."""

from harvester.bitly.groups import SortedList
from harvester.domain.windows import Window
from harvester.harvest.dealing import Dealing
from harvester.harvest.plan import Scope
from harvester.store import rosters


async def store_list(dealing: Dealing, scope: Scope, window: Window, answer: SortedList) -> bool:
    """Store the clicks of the links in the list; a link that is new to us joins its group.

    Returns False if a name is neither known nor described by the answer.
    """
    names = list(answer.clicks)
    ids = await rosters.target_ids(dealing.engine, dealing.account_id, names)
    strangers = [link for link in answer.links if link.id not in ids]
    if strangers:
        await rosters.save_bitlinks(
            dealing.engine, dealing.account_id, scope.group_id, strangers, dealing.now()
        )
        ids = await rosters.target_ids(dealing.engine, dealing.account_id, names)
    await dealing.put_clicks(
        window, {ids[name]: clicks for name, clicks in answer.clicks.items() if name in ids}
    )
    return ids.keys() >= set(names)
