"""Settings: who goes over whom, what is refused and with which words, and secrets stay secret."""

import os
import re
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.bitly.client import BITLY_URL
from harvester.bitly.facets import DEFAULT
from harvester.config import Origin, Secret, Settings, load
from harvester.config.tokens import exposed
from harvester.config.values import as_length, length
from harvester.domain.attribution import Attribution
from harvester.domain.errors import ConfigError, Exit
from harvester.harvest.plan import Strategy

TOKEN = "0123456789abcdef0123456789abcdef01234567"
ENVIRON = {"BITLY_TOKEN": TOKEN}
ACCOUNT = '[[accounts]]\nname = "main"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(toml: str, environ: dict[str, str] = ENVIRON, **flags: object) -> Settings:
    Path("config.toml").write_text(toml, encoding="utf-8")
    Path("config.toml").chmod(0o600)
    by_path = {name.replace("__", "."): value for name, value in flags.items()}
    return load(None, environ, flags=by_path)


def refusal(toml: str, environ: dict[str, str] = ENVIRON) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(toml, environ)
    assert caught.value.exit_code is Exit.USAGE
    assert str(caught.value).isprintable(), "a message is one line"
    assert TOKEN not in str(caught.value)
    return str(caught.value)


def test_token_in_the_environment_is_all_that_is_needed() -> None:
    loaded = load(None, ENVIRON)
    [account] = loaded.accounts
    assert (account.name, account.token.reveal()) == ("default", TOKEN)
    assert (account.facets, loaded.file, loaded.warnings) == (DEFAULT, None, ())
    assert loaded.bitly.api_url == BITLY_URL


def test_secrets_may_come_in_files_that_variables_name(folder: Path) -> None:
    (folder / "token").write_text(f"{TOKEN}\n")
    (folder / "url").write_text("postgresql://u:p@db/x\n")
    (folder / "token").chmod(0o600)
    files = {"BITLY_TOKEN_FILE": "token", "HARVESTER_DATABASE_URL_FILE": "url"}
    environ = files | {"BITLY_TOKEN": "another", "HARVESTER_DATABASE_URL": "image.db"}
    loaded = load(None, environ)
    assert [account.token.reveal() for account in loaded.accounts] == [TOKEN]
    assert (loaded.database.url, loaded.warnings) == ("postgresql://u:p@db/x", ())
    assert loaded.origins["database.url"] is Origin.ENVIRONMENT
    assert load(None, environ, flags={"database.url": "flag.db"}).database.url == "flag.db"


@pytest.mark.parametrize("variable", ["BITLY_TOKEN_FILE", "HARVESTER_DATABASE_URL_FILE"])
def test_a_secret_file_that_is_not_there_is_named(variable: str) -> None:
    assert "none cannot be read: No such file" in refusal("", ENVIRON | {variable: "none"})


def test_flags_go_over_environment_over_file_over_defaults() -> None:
    toml = '[database]\nurl = "from-file.db"\n[bitly]\nattempts = 2'
    environ = ENVIRON | {"HARVESTER_DATABASE_URL": "from-environment.db"}
    for loaded, url, origin in (
        (settings("", ENVIRON), "sqlite:///harvester.db", Origin.DEFAULT),
        (settings(toml, ENVIRON), "from-file.db", Origin.FILE),
        (settings(toml, environ), "from-environment.db", Origin.ENVIRONMENT),
        (settings(toml, environ, database__url="flag.db"), "flag.db", Origin.FLAG),
    ):
        assert (loaded.database.url, loaded.origins["database.url"]) == (url, origin)


def test_flag_that_was_left_out_and_empty_variable_count_as_not_given() -> None:
    environ = ENVIRON | {"BITLY_API_URL": "", "HARVESTER_DATABASE_URL": "", "HARVESTER_CONFIG": ""}
    loaded = settings("", environ, harvest__strategy=None, harvest__facets=())
    assert set(loaded.origins.values()) == {Origin.DEFAULT, Origin.ENVIRONMENT}
    assert loaded.origins["accounts"] is Origin.ENVIRONMENT


def test_flag_of_zero_is_given() -> None:
    assert settings("", limits__reserve_percent=0).limits.reserve_percent == 0


def test_flag_for_a_key_that_does_not_exist_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError, match=r"database\.uri"):
        settings("", database__uri="x")


def test_file_is_the_argument_then_the_variable_then_the_one_in_this_folder(folder: Path) -> None:
    names = ("flag.toml", "variable.toml", "config.toml")
    for number, name in enumerate(names, 1):
        (folder / name).write_text(f"[bitly]\nattempts = {number}")
    environ = ENVIRON | {"HARVESTER_CONFIG": "variable.toml"}
    assert load(Path("flag.toml"), environ).bitly.attempts == 1
    assert load(None, environ).bitly.attempts == 2
    assert load(None, ENVIRON).bitly.attempts == 3


@pytest.mark.parametrize("content", [None, b"[bitly", b"\xff\xfe", b'a = "\x00"'])
def test_file_that_cannot_be_read_is_named(folder: Path, content: bytes | None) -> None:
    if content is not None:
        (folder / "named.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"^named\.toml: (cannot be read|is no TOML): .+"):
        load(None, ENVIRON | {"HARVESTER_CONFIG": "named.toml"})


def test_file_with_a_byte_order_mark_is_read(folder: Path) -> None:
    (folder / "config.toml").write_bytes(b"\xef\xbb\xbf[bitly]\nattempts = 7")
    assert load(None, ENVIRON).bitly.attempts == 7


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[bitly]\nconections = 3", "unknown key bitly.'conections'; did you mean connections?"),
        ("[bitli]", "unknown key 'bitli'; did you mean bitly?"),
        (
            "zzz = 1",
            "unknown key 'zzz'; known here: database, bitly, harvest, limits, schedule,",
        ),
        ("bitly = 3", "bitly: expected a table, got 3"),
        ("[bitly]\nconnections = 6", "expected a whole number from 1 to 5, got 6"),
        ("[bitly]\nconnections = 0", "expected a whole number from 1 to 5, got 0"),
        ("[bitly]\nconnections = true", "expected a whole number from 1 to 5, got True"),
        ('[bitly]\nattempts = "4"', "bitly.attempts: expected a whole number from 1 to 10"),
        ("[limits]\nreserve_percent = 101", "expected a whole number from 0 to 100, got 101"),
        ("[limits]\nreserve_percent = -1", "expected a whole number from 0 to 100, got -1"),
        ("[limits]\nrequests_per_hour = 0", 'expected "learn" or a whole number from 1 to 1000000'),
        ('[harvest]\nunit = "week"', "harvest.unit: expected \"day\", got 'week'"),
        ("[harvest]\nstrategy = 1", 'expected "economical" or "exhaustive", got 1'),
        ('[harvest]\nfacets = ["contries"]', "or a list of one or more of: clicks, count"),
        ("[harvest]\nfacets = []", "or a list of one or more of: clicks, countries, cities"),
        ('[harvest]\nfacets = "clicks"', "harvest.facets: expected a list of texts"),
        ("[database]\nurl = 3", "database.url: expected a text of one line that is not empty"),
        ('[database]\nurl = "a\\nb"', "expected a text of one line that is not empty"),
        ('[schedule]\nevery = "6 hours"', 'expected a length of time such as "15m", "6h" or "1d"'),
        ('[schedule]\nevery = "0m"', "from 1m to 31d, got '0m'"),
        ('[schedule]\ncron = "@daily"', "schedule.cron: expected five fields of cron, such as"),
        (
            '[schedule]\ncron = "0 0 6 * * *"',
            "schedule.cron: expected five fields of cron, such as",
        ),
        ('[schedule]\ncron = "0 0 31 2 *"', "schedule.cron: expected five fields of cron, such as"),
        ('[schedule]\nzone = "Mars/Tharsis"', "schedule.zone: expected a time zone such as"),
        ('[accounts]\nname = "x"', "accounts: expected [[accounts]], in double brackets"),
    ],
)
def test_wrong_setting_is_named_with_its_file_and_what_was_expected(
    toml: str, message: str
) -> None:
    said = refusal(toml)
    assert said.startswith("config.toml: ")
    assert message in said


def test_wrong_variable_and_wrong_flag_are_named_as_such() -> None:
    assert refusal("", ENVIRON | {"BITLY_API_URL": "ftp://x"}).startswith("BITLY_API_URL: bitly.a")
    with pytest.raises(ConfigError, match=r"^command line: harvest\.strategy: expected"):
        settings("", harvest__strategy="lavish")


@pytest.mark.parametrize(
    "url", ["https://x.test/v4", "http://127.0.0.1:8000/v4", "http://localhost", "http://[::1]:1"]
)
def test_token_may_go_over_tls_or_to_this_machine(url: str) -> None:
    assert settings(f'[bitly]\napi_url = "{url}/"').bitly.api_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://x.test/v4",
        "http://127.0.0.1.x.test",
        "x.test",
        "https://",
        "https://u:p@x.test",
        "https://x.test?a=b",
        "https://x.test#a",
        "https://[::1",
        "https://x.test:99999",
        "ftp://x",
    ],
)
def test_token_goes_nowhere_else(url: str) -> None:
    assert "bitly.api_url: expected an address such as" in refusal(f'[bitly]\napi_url = "{url}"')


def test_password_in_the_database_url_is_not_shown() -> None:
    url = "postgresql://me:hunter2@db/x"
    assert "hunter2" not in repr(settings(f'[database]\nurl = "{url}"'))
    assert "hunter2" not in refusal(f'[database]\nurl = ["{url}"]')


def test_accounts_have_their_own_tokens_groups_and_facets(folder: Path) -> None:
    (folder / "secret").write_text(f"  {TOKEN}\r\n")
    (folder / "secret").chmod(0o600)
    loaded = settings(
        '[[accounts]]\nname = "one"\ntoken_env = "BITLY_TOKEN"\nfacets = ["clicks"]\n'
        '[[accounts]]\nname = "two"\ntoken_file = "secret"\ninclude_groups = ["B1", "B1", "Shop"]\n'
        'exclude_groups = ["B2"]'
    )
    one, two = loaded.accounts
    assert one.token.reveal() == two.token.reveal() == TOKEN
    assert (one.facets, two.facets) == (("clicks",), DEFAULT)
    assert (two.include_groups, two.exclude_groups) == (("B1", "Shop"), ("B2",))
    assert (loaded.warnings, loaded.origins["accounts"]) == ((), Origin.FILE)


def test_facets_of_the_command_line_go_over_those_of_an_account() -> None:
    toml = f'{ACCOUNT}token_env = "BITLY_TOKEN"\nfacets = ["cities"]'
    [account] = settings(toml, harvest__facets=("clicks",)).accounts
    assert account.facets == ("clicks",)


def test_token_file_is_looked_for_beside_the_settings_that_name_it(folder: Path) -> None:
    (folder / "etc").mkdir()
    (folder / "etc" / "secret").write_text(TOKEN)
    (folder / "etc" / "h.toml").write_text(f'{ACCOUNT}token_file = "secret"')
    [account] = load(Path("etc/h.toml"), {}).accounts
    assert account.token.reveal() == TOKEN


def test_tilde_in_a_token_file_is_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder / "home"))
    (folder / "home").mkdir()
    (folder / "home" / "secret").write_text(TOKEN)
    [account] = settings(f'{ACCOUNT}token_file = "~/secret"').accounts
    assert account.token.reveal() == TOKEN
    assert "token file ~nobody-has-this-name/x cannot" in refusal(
        f'{ACCOUNT}token_file = "~nobody-has-this-name/x"'
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("", "accounts[main]: expected exactly one of token_env, token_file and token"),
        ('token_env = "A"\ntoken_file = "b"', "expected exactly one of token_env, token_file and"),
        ('token_env = "NO_SUCH"', "'main': no token: environment variable NO_SUCH is missing or e"),
        ('token_env = "EMPTY"', "'main': no token: environment variable EMPTY is missing or empty"),
        ('token_file = "nowhere"', "'main': token file nowhere cannot be read: No such file or di"),
        ('token_file = "."', "account 'main': token file . cannot be read: Is a directory"),
        ('token_file = "empty"', "'main': no token: token file empty is missing or empty"),
        ('token_file = "binary"', "'main': token file binary cannot be read: not a text file"),
        ('token_file = "two-lines"', "'main': token file two-lines holds no token: a space"),
        (f'token = "{TOKEN}"', "account 'main': a token in the open: use token_env or token_file"),
        ('token = ""\nallow_plain_token = true', "account 'main': no token: key token is missing"),
        ('token = "ä"\nallow_plain_token = true', "account 'main': key token holds no token"),
        (f"token = [{TOKEN!r}]", "accounts[main].token: expected a text, got a value not shown"),
        (f'token_env = "{TOKEN}"', "accounts[main].token_env: expected the name of an environment"),
        (f'token_env = "f{TOKEN[:-1]}"', "accounts[main].token_env: expected the name of an envi"),
        (f'token_file = "{TOKEN}"', "account 'main': token file (hidden) cannot be read: No such"),
        ('tokn = "x"', "unknown key accounts[main].'tokn'; did you mean token?"),
        (
            'token_env = "A"\nfacets = ["x"]',
            'accounts[main].facets: expected "all", or a list of one',
        ),
    ],
)
def test_account_without_a_usable_token_is_named_and_the_token_is_not(
    folder: Path, keys: str, message: str
) -> None:
    (folder / "empty").write_text(" \n")
    (folder / "binary").write_bytes(b"\xff\xff")
    (folder / "two-lines").write_text(f"{TOKEN}\n{TOKEN}")
    assert message in refusal(ACCOUNT + keys, {"EMPTY": "  "})


@pytest.mark.parametrize(
    ("toml", "environ"),
    [
        ("", {}),
        ("", {"BITLY_TOKEN": " "}),
        ("accounts = []", {}),
        (ACCOUNT, {}),
        (ACCOUNT, ENVIRON),
    ],
)
def test_who_has_no_token_is_told_where_to_get_one(toml: str, environ: dict[str, str]) -> None:
    assert "app.bitly.com/settings/api" in refusal(toml, environ)


@pytest.mark.parametrize("name", ['""', '"a\\nb"', "3", "[]"])
def test_account_without_a_name_is_named_by_its_number(name: str) -> None:
    toml = f'{ACCOUNT}token_env = "A"\n[[accounts]]\nname = {name}\ntoken_env = "A"'
    assert ".name: expected a text of one line" in refusal(toml)


def test_account_that_is_no_table_or_nameless_is_refused() -> None:
    assert "accounts[1]: expected a table, got 1" in refusal("accounts = [1]")
    assert "accounts[1].name: expected a text of one line that is not empty, got nothing" in (
        refusal('[[accounts]]\ntoken_env = "A"')
    )


def test_two_accounts_of_one_name_are_refused() -> None:
    twice = f'{ACCOUNT}token_env = "A"\n' * 2
    assert refusal(twice) == "config.toml: accounts: two have the name 'main'"


def test_secrets_open_to_others_are_warned_of(folder: Path) -> None:
    (folder / "secret").write_text(TOKEN)
    (folder / "secret").chmod(0o644)
    plain = f'{ACCOUNT}token = "{TOKEN}"\nallow_plain_token = true'
    assert settings(f'{ACCOUNT}token_file = "secret"', {}).warnings == (
        "secret holds a token and is open to other users of this machine: chmod 600 it",
    )
    assert settings(plain, {}).warnings == ()
    (folder / "config.toml").chmod(0o640)
    assert "config.toml holds a token" in load(None, {}).warnings[0]
    assert len(settings(f"{plain}\n{plain.replace('main', 'other')}", {}).warnings) == 0
    (folder / "config.toml").chmod(0o644)
    assert len(load(None, {}).warnings) == 1, "one file, one warning"


def test_secrets_that_were_mounted_are_open_to_whom_they_may(folder: Path) -> None:
    assert exposed(Path("/run/secrets/token")) is None, "a container has no other users"
    assert exposed(Path("/run/credentials/harvester.service/token")) is None
    (folder / "run").symlink_to("/run")
    assert exposed(folder / "run/secrets/token") is None, "as /var/run is"
    (folder / "..data").write_text(TOKEN)
    (folder / "token").symlink_to("..data")  # as Kubernetes does
    (folder / "..data").chmod(0o444)
    assert exposed(folder / "token") is not None
    assert exposed(folder / "token", mounted=lambda path: path == folder / "..data") is None
    assert exposed(Path(f"/run/secrets/../..{folder}/token")) is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_file_of_another_user_may_be_open_to_its_group(folder: Path) -> None:
    (folder / "token").write_text(TOKEN)
    os.chown(folder / "token", 12345, -1)
    (folder / "token").chmod(0o640)
    assert exposed(folder / "token") is None
    (folder / "token").chmod(0o644)
    assert exposed(folder / "token") is not None


def test_token_in_the_environment_that_no_account_uses_is_warned_of() -> None:
    loaded = settings(f'{ACCOUNT}token_env = "OTHER"', ENVIRON | {"OTHER": "x"})
    assert loaded.warnings == (
        "BITLY_TOKEN is set but not used: config.toml lists its own accounts",
    )


def test_commands_without_an_account_need_no_token() -> None:
    assert load(None, {}, with_accounts=False).accounts == ()


def test_token_shows_nowhere_but_where_it_is_revealed() -> None:
    loaded = settings(f'{ACCOUNT}token = "{TOKEN}"\nallow_plain_token = true')
    secret = loaded.accounts[0].token
    for shown in (
        repr(loaded),
        f"{secret}",
        f"{secret!r}",
        str([secret]),
        str(asdict(loaded.accounts[0])),
    ):
        assert TOKEN not in shown
        assert "Secret(hidden)" in shown
    assert Secret(TOKEN).reveal() == TOKEN


@given(st.text(min_size=1))
def test_any_text_for_a_token_is_taken_clean_or_refused_unseen(text: str) -> None:
    if re.fullmatch(r"[!-~]+", text.strip()):
        assert load(None, {"BITLY_TOKEN": text}).accounts[0].token.reveal() == text.strip()
    else:
        with pytest.raises(ConfigError) as refused:
            load(None, {"BITLY_TOKEN": text})
        assert str(refused.value).isprintable()


def test_strategy_is_typed() -> None:
    assert settings("", harvest__strategy="exhaustive").harvest.strategy is Strategy.EXHAUSTIVE


def attribution(*ranges: str) -> str:
    return "\n".join(
        f'[[attribution]]\nlink = "https://j.mp/a"\nname = "{name}"\n'
        f'since = {first}\nuntil = "{last}"'
        for name, first, last in (each.split() for each in ranges)
    )


def test_ranges_of_days_tell_apart_what_a_link_was_used_for() -> None:
    loaded = settings(attribution("May 2026-05-01 2026-05-31", "June 2026-06-01 2026-06-30"))
    assert loaded.attribution[1] == Attribution(
        "bit.ly/a", "June", date(2026, 6, 1), date(2026, 6, 30)
    )


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        (
            ["May 2026-05-01 2026-05-31", "Fair 2026-05-31 2026-06-02"],
            "attribution[2].since: expected a day after 2026-05-31, when 'May' of bit.ly/a ends",
        ),
        (
            ["May 2026-05-31 2026-05-01"],
            "attribution[1].until: expected 2026-05-31 or later, got 2026-05-01",
        ),
        (["May 2026-05-01 2026-05-31"] * 2, "attribution: two are the same"),
        (["outside 2026-05-01 2026-05-31"], "attribution[1].name: expected a name other than"),
        (["May 1 2026-05-31"], "attribution[1].since: expected a day such as 2026-11-21, got 1"),
    ],
)
def test_ranges_that_cannot_be_meant_are_named(ranges: list[str], message: str) -> None:
    assert message in refusal(attribution(*ranges))


def test_attribution_is_a_list() -> None:
    assert "in double brackets" in refusal("[attribution]\nlink = 'bit.ly/a'")


def test_an_account_has_the_schedule_of_all_but_for_keys_of_its_own() -> None:
    loaded = settings(
        '[schedule]\ncron = "0 6 * * *"\nzone = "Europe/Berlin"\njitter = "5m"\n'
        '[[accounts]]\nname = "a"\ntoken_env = "BITLY_TOKEN"\n'
        '[[accounts]]\nname = "b"\ntoken_env = "BITLY_TOKEN"\n'
        'schedule = { every = "1h", at_start = false }\n'
    )
    a, b = (account.schedule for account in loaded.accounts)
    assert a == loaded.schedule
    assert (a.cron, a.zone, a.jitter) == ("0 6 * * *", "Europe/Berlin", timedelta(minutes=5))
    assert (b.every, b.cron, b.at_start) == (timedelta(hours=1), None, False)
    assert b.jitter == a.jitter


def test_a_wrong_key_of_an_accounts_schedule_is_named() -> None:
    account = f'{ACCOUNT}token_env = "BITLY_TOKEN"\n'
    assert "unknown key accounts[main].schedule.'evry'; did you mean every?" in refusal(
        f'{account}schedule = {{ evry = "1h" }}'
    )
    assert "accounts[main].schedule: expected a table, such as" in refusal(
        f'{account}schedule = "1h"'
    )


@given(st.integers(0, 999_999), st.sampled_from("mhd"))
def test_a_length_of_time_is_read_as_it_is_written(number: int, unit: str) -> None:
    parse = length(timedelta(), timedelta(days=10**6))
    read = parse(f"{number}{unit}")
    assert parse(as_length(read)) == read
