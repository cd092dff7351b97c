"""What an account's API was seen to do is kept by name."""

from datetime import timedelta

from harvester.store.profiles import Fact, profile, save
from tests.store.making import NOW, Shop


async def test_facts_come_back_as_they_were_saved(shop: Shop) -> None:
    assert await profile(shop.engine, shop.account_id) == {}
    facts = {"a": Fact("1", "probe", "asked twice", NOW), "b": Fact("", "seen", "", NOW)}
    await save(shop.engine, shop.account_id, facts)
    assert await profile(shop.engine, shop.account_id) == facts
    assert await profile(shop.engine, shop.account_id + 1) == {}


async def test_the_newest_word_on_a_name_counts_and_others_stay(shop: Shop) -> None:
    await save(shop.engine, shop.account_id, {"a": Fact("1", "probe", "", NOW)})
    later = {"b": Fact("2", "seen", "", NOW), "a": Fact("3", "seen", "", NOW + timedelta(hours=1))}
    await save(shop.engine, shop.account_id, later)
    await save(shop.engine, shop.account_id, {})
    assert await profile(shop.engine, shop.account_id) == later
