"""A shop with two links, on either engine."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.store.making import Shop, made_shop


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    return await made_shop(engine, ["bit.ly/a", "bit.ly/b"])
