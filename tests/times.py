"""How long the tests that search for trouble go on: `make long` lets them go on for longer."""

import os

TIMES = int(os.environ.get("HARVESTER_TEST_TIMES", "1"))
