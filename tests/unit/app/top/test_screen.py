"""What stands on the screen, to the cell; colours are not looked at."""

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from rich.cells import cell_len

from flowex.app.top.answers import Book, DayTicker, Level, MarketInfo, Status, Trade
from flowex.app.top.screen import draw
from flowex.app.top.state import Counts, Sort, State
from flowex.app.top.words import CHINESE, ENGLISH, WORDS, Words

NOON_MS = 1_763_726_400_000


def filters(tick: str, lot: str) -> Sequence[dict[str, str]]:
    return [
        {"filterType": "PRICE_FILTER", "tickSize": tick},
        {"filterType": "LOT_SIZE", "stepSize": lot},
    ]


def ticker(symbol: str, last: str, change: str, volume: str, count: int = 1_234) -> DayTicker:
    numbers = [Decimal(text) for text in (last, change, last, last, volume)]
    return DayTicker(symbol, *numbers, count)


def level(price: str, quantity: str) -> Level:
    return Level(Decimal(price), Decimal(quantity))


@pytest.fixture
def state() -> State:
    state = State()
    state.connecting("http://127.0.0.1:8080")
    state.list_markets(
        [
            MarketInfo("BTCUSDT", filters("0.01000000", "0.00001000")),
            MarketInfo("ETHUSDT", filters("0.01000000", "0.00010000")),
            MarketInfo("DOGEUSDT", filters("0.00001000", "1.00000000")),
        ]
    )
    state.day(ticker("BTCUSDT", "60000.00000000", "1.250", "8066144.12345678"))
    state.day(ticker("ETHUSDT", "3000.50000000", "-0.004", "5410073.00000000"))
    state.status = Status("0.1.0", "TRADING", "native", 9_360, 3, {"ledger": 5, "trading": 12}, {})
    state.count(Counts(1_000_000, 100, 200, 10, 1, 50, 0.5, 1, 2))
    state.count(Counts(3_000_000, 150, 400, 11, 1, 70, 0.51, 1, 2))
    state.stream_ms = 2
    state.book = Book(
        [level("59999.99", "0.5"), level("59000.00", "12.00001")], [level("60000.01", "0.25")]
    )
    state.recent(
        [
            Trade(1, NOON_MS, Decimal(59_999), Decimal("0.1"), is_buyer_maker=True),
            Trade(2, NOON_MS + 1_999, Decimal(60_000), Decimal("0.00001"), is_buyer_maker=False),
        ]
    )
    state.live()
    return state


def lines(state: State, width: int = 80, height: int = 24, **more: Any) -> list[str]:
    words: Words = more.pop("words", ENGLISH)
    text = draw(state, words, (width, height), zone=UTC, **more).plain
    return [line.rstrip() for line in text.split("\n")]


def test_a_terminal_of_80_by_24(state: State) -> None:
    assert lines(state) == [
        "FlowEx 0.1.0  TRADING  native  sequence 9,360              http://127.0.0.1:8080",
        "per second  commands 25.0  events 100.0  requests 0.5  refused 0.0  sync 0.5 ms",
        "queue 3  stream 2 ms  clients 1+2  behind  trading 12  ledger 5",
        "",
        "market▲        last     24 h %      volume       high        low     trades",
        "BTCUSDT    60000.00      +1.25   8,066,144   60000.00   60000.00      1,234",
        "DOGEUSDT          –          –           –          –          –          –",
        "ETHUSDT     3000.50      -0.00   5,410,073    3000.50    3000.50      1,234",
        "── BTCUSDT ─────────────────────────────────────────────────────────────────────",
        "quantity       bid       ask  quantity        time          price     quantity",
        " 0.50000  59999.99  60000.01   0.25000    12:00:01     ▲ 60000.00      0.00001",
        "12.00001  59000.00                        12:00:00     ▼ 59999.00      0.10000",
        *[""] * 11,
        "↑↓ market   s sort   r reverse   l 中文   q quit",
    ]


def test_the_same_in_chinese(state: State) -> None:
    told = lines(state, words=CHINESE)
    assert told[:5] == [
        "FlowEx 0.1.0  交易中  native  序号 9,360                   http://127.0.0.1:8080",
        "每秒  命令 25.0  事件 100.0  请求 0.5  拒绝 0.0  落盘 0.5 ms",
        "队列 3  推送 2 ms  连接 1+2  滞后  trading 12  ledger 5",
        "",
        "市场▲        最新价   24 小时 %      成交额       最高       最低       笔数",
    ]
    assert told[-1] == "↑↓ 市场   s 排序   r 反序   l English   q 退出"


def test_without_keys_there_is_no_more_than_there_is_to_say(state: State) -> None:
    assert lines(state, has_keys=False) == lines(state)[:12]


@pytest.mark.parametrize("width", [1, 20, 40, 79, 80, 81, 132, 300])
@pytest.mark.parametrize("height", [1, 2, 5, 10, 24, 60])
@pytest.mark.parametrize("language", WORDS)
def test_every_size_is_kept(state: State, width: int, height: int, language: str) -> None:
    told = draw(state, WORDS[language], (width, height), zone=UTC).plain.split("\n")
    assert len(told) == height
    assert all(cell_len(line) <= width for line in told)
    state.lost("a reason " * 100, 4)
    assert len(lines(state, width, height)) == height


def test_what_is_wrong_is_said_in_words(state: State) -> None:
    state.lost("Connection refused", 0.5)
    frame = lines(state)
    assert frame[3:5] == [
        "Next try in 0.5 s. No exchange answers at http://127.0.0.1:8080: Connection refu",
        "sed.",
    ]
    assert frame[2] == "queue 3  stream –  clients –  behind  trading 12  ledger 5"
    assert len(frame) == 24
    assert lines(state, words=CHINESE)[3].startswith("0.5 秒后重试。")


def test_a_start_without_an_exchange() -> None:
    state = State()
    state.lost("no exchange is running in .flowex", 1)
    assert lines(state, height=10) == [
        "FlowEx",
        "per second  commands –  events –  requests –  refused –  sync –",
        "queue –  stream –  clients –",
        "Next try in 1 s. No exchange is running in .flowex.",
        "market▲         last      24 h %      volume        high         low      trades",
        "── – ───────────────────────────────────────────────────────────────────────────",
        "quantity       bid       ask  quantity        time        price     quantity",
        "",
        "",
        "↑↓ market   s sort   r reverse   l 中文   q quit",
    ]


def test_the_first_moment_and_a_market_that_is_not_there(state: State) -> None:
    state.connecting("http://127.0.0.1:9000")
    assert lines(state)[3] == "Connecting to http://127.0.0.1:9000 ..."
    state.live()
    state.missing = "NOPE"
    assert lines(state)[3] == "There is no market NOPE."


def test_a_room_that_stopped_is_told_before_those_that_lag(state: State) -> None:
    state.status = Status(
        "0.1.0", "READ_ONLY", "native", 1, 0, {"ledger": 9, "trading": 0}, {"ledger": "DiskFull"}
    )
    assert "READ_ONLY" in lines(state)[0]
    assert lines(state)[2].endswith("ledger STOPPED (DiskFull)  behind  trading 0")


@pytest.mark.parametrize(
    ("sort", "is_reversed", "symbols", "head"),
    [
        (Sort.SYMBOL, True, ["ETHUSDT", "DOGEUSDT", "BTCUSDT"], "market▼"),
        (Sort.CHANGE, False, ["BTCUSDT", "ETHUSDT", "DOGEUSDT"], "24 h %▼"),
        (Sort.CHANGE, True, ["DOGEUSDT", "ETHUSDT", "BTCUSDT"], "24 h %▲"),
        (Sort.VOLUME, False, ["BTCUSDT", "ETHUSDT", "DOGEUSDT"], "volume▼"),
    ],
)
def test_markets_are_sorted(
    state: State, sort: Sort, symbols: list[str], head: str, *, is_reversed: bool
) -> None:
    state.sort, state.is_reversed = sort, is_reversed
    frame = lines(state)
    assert head in frame[4]
    assert [line.split()[0] for line in frame[5:8]] == symbols


def test_the_chosen_market_stays_in_sight_among_many() -> None:
    state = State()
    state.list_markets(
        [MarketInfo(f"M{number:03}USDT", filters("0.1", "1")) for number in range(500)]
    )
    state.live()
    for chosen, shown in (
        (0, ["M000USDT", "M001USDT"]),
        (250, ["M248USDT", "M249USDT"]),
        (499, ["M495USDT", "M496USDT"]),
    ):
        state.select(f"M{chosen:03}USDT")
        frame = lines(state)
        assert [line.split()[0] for line in frame[5:7]] == shown
        assert f"M{chosen:03}USDT" in [line.split()[0] for line in frame[5:10]]
