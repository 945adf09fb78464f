"""What the view says, in the languages that the first page speaks."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

LANGUAGES: Final = ("en", "zh")


class Words(NamedTuple):
    """Every word on the screen."""

    sequence: str
    rates: str
    commands: str
    events: str
    requests: str
    refused: str
    sync: str
    clients: str
    lag: str
    queue: str
    stream: str
    stopped: str
    market: str
    last: str
    change: str
    high: str
    low: str
    volume: str
    trades: str
    book: str
    bid: str
    ask: str
    quantity: str
    tape: str
    time: str
    price: str
    connecting: str
    lost: str
    retry: str
    missing: str
    keys: str
    states: Mapping[str, str]


ENGLISH: Final = Words(
    sequence="sequence",
    rates="per second",
    commands="commands",
    events="events",
    requests="requests",
    refused="refused",
    sync="sync",
    clients="clients",
    lag="behind",
    queue="queue",
    stream="stream",
    stopped="STOPPED",
    market="market",
    last="last",
    change="24 h %",
    high="high",
    low="low",
    volume="volume",
    trades="trades",
    book="book",
    bid="bid",
    ask="ask",
    quantity="quantity",
    tape="trades",
    time="time",
    price="price",
    connecting="Connecting to {url} ...",
    lost="No exchange answers at {url}: {why}.",
    retry="Next try in {seconds} s.",
    missing="There is no market {symbol}.",
    keys="↑↓ market   s sort   r reverse   l 中文   q quit",
    states=MappingProxyType({}),
)

CHINESE: Final = Words(
    sequence="序号",
    rates="每秒",
    commands="命令",
    events="事件",
    requests="请求",
    refused="拒绝",
    sync="落盘",
    clients="连接",
    lag="滞后",
    queue="队列",
    stream="推送",
    stopped="已停",
    market="市场",
    last="最新价",
    change="24 小时 %",
    high="最高",
    low="最低",
    volume="成交额",
    trades="笔数",
    book="深度",
    bid="买价",
    ask="卖价",
    quantity="数量",
    tape="成交",
    time="时间",
    price="价格",
    connecting="正在连接 {url} ……",
    lost="{url} 没有交易所应答：{why}。",  # noqa: RUF001 - Chinese has its own colon.
    retry="{seconds} 秒后重试。",
    missing="没有市场 {symbol}。",
    keys="↑↓ 市场   s 排序   r 反序   l English   q 退出",
    states=MappingProxyType(
        {
            "STARTING": "启动中",
            "TRADING": "交易中",
            "READ_ONLY": "只读",
            "STOPPING": "停止中",
        }
    ),
)

WORDS: Final = MappingProxyType({"en": ENGLISH, "zh": CHINESE})
