from io import StringIO
from pathlib import Path

from rich.console import Console

from flowex.app.banner import Banner
from flowex.app.home import Home
from flowex.app.settings import Settings
from flowex.ports.sequencer import ProcessState
from flowex.ports.status import Status


def spoken(settings: Settings, url: str = "http://127.0.0.1:8080", engine: str = "native") -> str:
    status = Status(ProcessState.TRADING, engine, "flowex", "1.2", 71_937, 0, 71_937, 0, 0, {})
    paper = StringIO()
    Banner(Console(file=paper)).started(Home(settings.home), url, settings, status)
    return paper.getvalue()


def test_the_start_tells_where_everything_is_and_what_to_try() -> None:
    words = spoken(Settings(home=Path("/srv/x"), demo=True))
    for told in (
        "http://127.0.0.1:8080",
        "native",
        "71,937",
        "/srv/x",
        "/srv/x/demo.json",
        "curl 'http://127.0.0.1:8080/api/v3/depth?symbol=BTCUSDT&limit=5'",
        "flowex order buy BTCUSDT 0.01 --home /srv/x",
        "trades a second",
    ):
        assert told in words, told
    assert "busy" not in words


def test_the_default_home_needs_no_option() -> None:
    assert "flowex order buy BTCUSDT 0.01\n" in spoken(Settings(demo=True))


def test_a_busy_port_is_said_aloud() -> None:
    assert "Port 8080 is busy" in spoken(Settings(), "http://127.0.0.1:8081")


def test_an_empty_exchange_promises_no_markets() -> None:
    words = spoken(Settings())
    assert "BTCUSDT" not in words
    assert "demo.json" not in words


def test_the_reference_engine_is_named_with_what_it_means() -> None:
    assert "slower" in spoken(Settings(), engine="reference")


def test_a_past_is_said_once_where_there_is_no_terminal() -> None:
    paper = StringIO()
    with Banner(Console(file=paper)).past(24) as move:
        for done in range(3):
            move(done, 3)
    assert paper.getvalue() == "Living through the market's last 24 hours ...\n"


def test_a_change_of_state_says_what_to_do() -> None:
    paper = StringIO()
    Banner(Console(file=paper)).state(ProcessState.READ_ONLY)
    assert "make room" in paper.getvalue()


def test_a_long_recovery_is_said_once_and_a_short_one_never() -> None:
    paper = StringIO()
    banner = Banner(Console(file=paper))
    banner.recovering(10, 20)
    assert not paper.getvalue()
    banner.recovering(1_000, 3_001_000)
    banner.recovering(2_000, 3_001_000)
    assert paper.getvalue() == "Reading 3,000,000 commands of the journal again ...\n"
