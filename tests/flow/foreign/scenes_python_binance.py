"""What only python-binance has: its names for kinds of orders and ways of asking."""

from typing import Any

from flow.foreign.scenes_market import BTC
from flow.foreign.stage import Scenes, Stage

OWN = Scenes()
QUANTITY: dict[str, Any] = {"symbol": BTC, "quantity": "0.01"}


@OWN()
def the_market_is_shown_by_its_own_names(stage: Stage) -> None:
    alice = stage.alice.client
    assert len(alice.get_all_tickers()) == 3
    assert alice.get_symbol_info(BTC)["filters"][0]["filterType"] == "PRICE_FILTER"
    assert alice.get_symbol_info("GOLDUSDT") is None
    assert len(alice.get_orderbook_tickers()) == 3
    assert alice.get_exchange_info()["timezone"] == "UTC"
    trades = list(alice.aggregate_trade_iter(symbol=BTC, last_id=1))
    assert [row["a"] for row in trades] == sorted(row["a"] for row in trades)


@OWN()
def candles_of_the_past(stage: Stage) -> None:
    alice = stage.alice.client
    assert alice.get_historical_klines(BTC, "1m", "1 hour ago UTC")
    assert list(alice.get_historical_klines_generator(BTC, "1m", "1 hour ago UTC"))


@OWN()
def orders_by_its_own_names(stage: Stage) -> None:
    alice, bob = stage.alice.client, stage.bob.client
    alice.order_limit_buy(**QUANTITY, price="50000.00")
    bob.order_market_sell(**QUANTITY)
    bob.order_limit_sell(**QUANTITY, price="50000.00")
    alice.order_market_buy(**QUANTITY)
    alice.order_limit(symbol=BTC, quantity="0.01", price="49000.00", side="BUY")
    alice.create_order(symbol=BTC, side="BUY", type="MARKET", quoteOrderQty=100)
    alice.order_market(symbol=BTC, quantity="0.01", side="BUY")
    alice.cancel_all_open_orders(symbol=BTC)


@OWN("POST /api/v3/orderList/oco", needs=("ocoAllowed",))
def brackets_by_its_own_names(stage: Stage) -> None:
    alice, bob = stage.alice.client, stage.bob.client
    alice.order_limit_buy(**QUANTITY, price="50000.00")
    bob.order_market_sell(**QUANTITY)
    selling = {"aboveType": "LIMIT_MAKER", "abovePrice": "55000.00", "belowType": "STOP_LOSS"}
    alice.order_oco_sell(**QUANTITY, **selling, belowStopPrice="45000.00")
    buying = {"belowType": "LIMIT_MAKER", "belowPrice": "45000.00", "aboveType": "STOP_LOSS"}
    alice.order_oco_buy(**QUANTITY, **buying, aboveStopPrice="55000.00")
    assert len(alice.get_open_oco_orders()) == 2
    alice.cancel_all_open_orders(symbol=BTC)


@OWN()
def balances_by_its_own_names(stage: Stage) -> None:
    alice = stage.alice.client
    assert float(alice.get_asset_balance("BTC")["free"]) > 0
    assert alice.get_asset_balance("GOLD") is None
    assert alice.get_trade_fee(symbol=BTC)[0]["symbol"] == BTC
    assert alice.get_system_status() == {"status": 0, "msg": "normal"}
