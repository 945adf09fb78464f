"""What only python-binance has: its names for kinds of orders and ways of asking."""

from typing import Any

import pytest
from flow.foreign.hands_python_binance import BinanceAPIException
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
def orders_over_the_socket(stage: Stage) -> None:
    alice, bob = stage.alice.client, stage.bob.client
    order = {"symbol": BTC, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    for form in ("ACK", "RESULT", "FULL"):
        alice.ws_create_order(**order, quantity="0.01", price="50000", newOrderRespType=form)
        bob.ws_order_market_sell(**QUANTITY)
    alice.ws_create_test_order(**order, quantity="0.01", price="50000")
    placed = alice.ws_order_limit_buy(**QUANTITY, price="49000")
    assert alice.ws_get_order(symbol=BTC, orderId=placed["orderId"])["status"] == "NEW"
    more = {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": placed["orderId"]}
    both = alice.ws_cancel_and_replace_order(**order, **more, quantity="0.01", price="48000")
    alice.ws_cancel_order(symbol=BTC, orderId=both["newOrderResponse"]["orderId"])
    alice.ws_order_limit(**QUANTITY, side="BUY", price="49000")
    bob.ws_order_limit_sell(**QUANTITY, price="50000")
    alice.ws_order_market_buy(**QUANTITY)
    bob.ws_order_limit_sell(**QUANTITY, price="50000")
    alice.ws_order_market(**QUANTITY, side="BUY")
    assert len(alice.ws_get_open_orders(symbol=BTC)) == 1
    assert len(alice.ws_cancel_all_open_orders(symbol=BTC)) == 1
    alice.ws_get_all_orders(symbol=BTC)
    alice.ws_get_my_trades(symbol=BTC)


@OWN()
def the_market_over_the_socket(stage: Stage) -> None:
    alice = stage.alice.client
    assert alice.ws_ping() == {}
    assert alice.ws_get_time()["serverTime"] > 0
    assert len(alice.ws_get_exchange_info(symbol=BTC)["symbols"]) == 1
    for name in (
        *("order_book", "recent_trades", "historical_trades", "aggregate_trades", "avg_price"),
        *("ticker", "trading_day_ticker", "symbol_ticker", "orderbook_ticker"),
        "symbol_ticker_window",
    ):
        assert getattr(alice, f"ws_get_{name}")(symbol=BTC), name
    assert alice.ws_get_klines(symbol=BTC, interval="1m")
    assert alice.ws_get_uiKlines(symbol=BTC, interval="1h")


@OWN()
def the_account_over_the_socket(stage: Stage) -> None:
    alice = stage.alice.client
    assert alice.ws_get_account()["accountType"] == "SPOT"
    assert alice.ws_get_account_rate_limits_orders()
    assert alice.ws_get_commission_rates(symbol=BTC)["symbol"] == BTC


@OWN()
def refusals_over_the_socket(stage: Stage) -> None:
    alice = stage.alice
    order = {"symbol": BTC, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    for code, act, parameters in (
        (-1121, "ws_get_order_book", {"symbol": "GOLDUSDT"}),
        (-2013, "ws_get_order", {"symbol": BTC, "orderId": 999_999_999}),
        (-2011, "ws_cancel_order", {"symbol": BTC, "orderId": 999_999_999}),
        (-2010, "ws_create_order", order | {"quantity": "150", "price": "50000"}),
        (-1013, "ws_create_order", order | {"quantity": "0.01", "price": "50000.001"}),
        (-1102, "ws_create_order", order | {"price": "50000"}),
    ):
        with pytest.raises(BinanceAPIException) as refused:
            getattr(alice.client, act)(**parameters)
        assert refused.value.code == code, act


@OWN()
def balances_by_its_own_names(stage: Stage) -> None:
    alice = stage.alice.client
    assert float(alice.get_asset_balance("BTC")["free"]) > 0
    assert alice.get_asset_balance("GOLD") is None
    assert alice.get_trade_fee(symbol=BTC)[0]["symbol"] == BTC
    assert alice.get_system_status() == {"status": 0, "msg": "normal"}
