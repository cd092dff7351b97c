"""Settings: flags over environment over config.toml over defaults, as frozen typed values.

Bad input ends here, with one line that says where it stands and what was expected. Nobody below
the command line sees Settings: lower layers take plain values. People: docs/configuration.md.
"""

from harvester.config.reading import load
from harvester.config.settings import Account, Origin, Settings
from harvester.config.tokens import Secret

__all__ = ["Account", "Origin", "Secret", "Settings", "load"]
