from pathlib import Path

import pytest

from flowex.app.settings import Settings, SettingsError, language, read


def test_defaults_are_for_a_laptop() -> None:
    settings = read({})
    assert settings == Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert not settings.has_bots


def test_a_flag_wins_over_the_environment() -> None:
    environment = {"FLOWEX_HOME": "/a", "FLOWEX_PORT": "9000", "FLOWEX_ENGINE": "reference"}
    settings = read(environment, home=Path("/b"), port=None)
    assert (settings.home, settings.port, settings.engine) == (Path("/b"), 9000, "reference")


def test_an_empty_variable_was_not_given() -> None:
    assert read({"FLOWEX_PORT": ""}).port == Settings().port


def test_a_home_may_begin_with_a_tilde() -> None:
    assert read({"FLOWEX_HOME": "~/exchange"}).home == Path.home() / "exchange"


def test_one_complaint_lists_all_faults() -> None:
    environment = {"FLOWEX_PORT": "99999", "FLOWEX_ENGINE": "warp", "FLOWEX_SEED": "-1"}
    with pytest.raises(SettingsError) as complaint:
        read(environment, host=" ", past_hours=1_000)
    words = str(complaint.value)
    assert len(words.splitlines()) == 5
    for named in ("FLOWEX_PORT", "FLOWEX_ENGINE", "FLOWEX_SEED", "--host", "--past-hours"):
        assert named in words


@pytest.mark.parametrize("text", ["80 80", "٣", "1e3", "0x10", "8080.0"])
def test_a_number_is_written_in_plain_digits(text: str) -> None:
    with pytest.raises(SettingsError, match="whole number"):
        read({"FLOWEX_PORT": text})


@pytest.mark.parametrize(("demo", "bots", "both"), [(1, 1, 1), (1, 0, 0), (0, 1, 0)])
def test_traders_need_the_demo(demo: int, bots: int, both: int) -> None:
    assert read({}, demo=bool(demo), bots=bool(bots)).has_bots is bool(both)


@pytest.mark.parametrize(
    ("flag", "environment", "spoken"),
    [
        (None, {}, "en"),
        (None, {"LANG": "C.UTF-8"}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
        ("zh", {"LANG": "en_US"}, "zh"),
        ("en", {"LANG": "zh_CN"}, "en"),
    ],
)
def test_the_language_is_the_terminals(
    flag: str | None, environment: dict[str, str], spoken: str
) -> None:
    assert language(flag, environment) == spoken
