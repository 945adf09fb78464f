"""What only ccxt has: its unified methods, by which nearly all of its users trade."""

from typing import Any

import ccxt
import pytest
from flow.foreign.stage import Scenes, Stage

OWN = Scenes()
BTC = "BTC/USDT"
LOSS = {"stopLossOrTakeProfit": "stopLoss"}


@OWN("GET /sapi/v1/capital/config/getall", "GET /fapi/v1/exchangeInfo")
def a_default_object_with_a_key_loads_the_markets(stage: Stage) -> None:
    client = stage.alice.client
    assert set(client.load_markets()) == {"BTC/USDT", "ETH/USDT", "ETH/BTC"}
    assert set(client.fetch_currencies()) == {"BTC", "ETH", "USDT"}
    assert len(client.fetch_markets()) == 3
    assert client.fetch_status()["status"] == "ok"
    assert client.fetch_time() > 0
    assert client.market(BTC)["precision"]["price"] == 0.01
    stage.bob.client.load_markets()


@OWN("GET /api/v3/ticker/24hr", "GET /api/v3/ticker/bookTicker", "GET /api/v3/ticker/price")
def the_market_is_shown(stage: Stage) -> None:
    alice, bob = stage.alice.client, stage.bob.client
    alice.create_order(BTC, "limit", "buy", 0.5, 50_000)
    bob.create_order(BTC, "market", "sell", 0.1)
    assert alice.fetch_order_book(BTC, 5)["bids"][0] == [50_000.0, 0.4]
    ticker = alice.fetch_ticker(BTC)
    assert (ticker["last"], ticker["bid"]) == (50_000.0, 50_000.0)
    assert len(alice.fetch_tickers()) == 3
    assert set(alice.fetch_tickers([BTC])) == {BTC}
    assert alice.fetch_l2_order_book(BTC)["asks"] == alice.fetch_order_book(BTC)["asks"]
    assert alice.fetch_bids_asks([BTC])[BTC]["bid"] == 50_000.0
    assert alice.fetch_last_prices([BTC])[BTC]["price"] == 50_000.0
    assert alice.fetch_trades(BTC)[-1]["price"] == 50_000.0
    assert alice.fetch_ohlcv(BTC, "1m")[-1][4] == 50_000.0
    alice.cancel_all_orders(BTC)


@OWN("POST /api/v3/order", "POST /api/v3/order/cancelReplace")
def orders_live_and_end(stage: Stage) -> None:
    alice, bob = stage.alice.client, stage.bob.client
    before = alice.fetch_balance()["BTC"]["total"]
    order = alice.create_order(BTC, "limit", "buy", 0.5, 50_000)
    assert (order["status"], order["remaining"]) == ("open", 0.5)
    sold = bob.create_order(BTC, "market", "sell", 0.2)
    fee = {"currency": "USDT", "cost": 10.0}
    assert (sold["status"], sold["cost"], sold["fee"]) == ("closed", 10_000.0, fee)
    assert alice.fetch_order(order["id"], BTC)["filled"] == 0.2
    assert alice.fetch_order_trades(order["id"], BTC)[0]["amount"] == 0.2
    assert [row["id"] for row in alice.fetch_open_orders(BTC)] == [order["id"]]
    assert alice.fetch_open_orders()
    assert alice.fetch_my_trades(BTC)[-1]["takerOrMaker"] == "maker"
    assert abs(alice.fetch_balance()["BTC"]["total"] - before - 0.1998) < 1e-9
    edited = alice.edit_order(order["id"], BTC, "limit", "buy", 0.3, 49_999)
    assert (edited["price"], edited["status"]) == (49_999, "open")
    assert alice.cancel_order(edited["id"], BTC)["status"] == "canceled"
    assert alice.fetch_orders(BTC)
    assert alice.fetch_closed_orders(BTC) is not None
    assert alice.fetch_canceled_orders(BTC)[-1]["status"] == "canceled"
    assert alice.fetch_canceled_and_closed_orders(BTC)


@OWN("POST /api/v3/order")
def orders_of_every_kind_it_has_a_name_for(stage: Stage) -> None:
    alice, bob = stage.alice.client, stage.bob.client
    alice.create_limit_order(BTC, "buy", 0.01, 49_000)
    alice.create_limit_buy_order(BTC, 0.5, 50_000)
    bob.create_market_order(BTC, "sell", 0.01)
    bob.create_limit_sell_order(BTC, 0.01, 50_000)
    bob.create_market_sell_order(BTC, 0.01)
    bob.create_market_order_with_cost(BTC, "sell", 100)
    bob.create_market_sell_order_with_cost(BTC, 100)
    alice.create_post_only_order(BTC, "limit", "buy", 0.01, 49_000)
    alice.create_order(BTC, "limit", "buy", 0.01, 49_000, {"timeInForce": "PO"})
    alice.create_order(BTC, "limit", "buy", 0.01, 49_000, {"test": True})
    alice.create_order(BTC, "limit", "buy", 0.01, 49_000, {"selfTradePrevention": "EXPIRE_TAKER"})
    alice.cancel_all_orders(BTC)
    bob.create_limit_sell_order(BTC, 0.5, 50_000)
    alice.create_market_buy_order(BTC, 0.01)
    alice.create_market_buy_order_with_cost(BTC, 100)
    bob.cancel_all_orders(BTC)
    for force in ("IOC", "FOK"):
        order = alice.create_order(BTC, "limit", "buy", 0.01, 49_000, {"timeInForce": force})
        assert alice.fetch_order(order["id"], BTC)["status"] == "expired"


@OWN("POST /api/v3/order", needs=("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"))
def orders_with_a_trigger(stage: Stage) -> None:
    alice, bob = stage.alice.client, stage.bob.client
    alice.create_order(BTC, "limit", "buy", 0.001, 50_000)
    bob.create_order(BTC, "limit", "sell", 0.001, 50_000)
    alice.create_stop_order(BTC, "limit", "sell", 0.01, 44_000, 45_000)
    alice.create_stop_limit_order(BTC, "sell", 0.01, 44_000, 45_000)
    alice.create_stop_loss_order(BTC, "limit", "sell", 0.01, 44_000, 45_000)
    alice.create_take_profit_order(BTC, "limit", "sell", 0.01, 56_000, 55_000)
    order = alice.create_trigger_order(BTC, "limit", "sell", 0.01, 44_000, 45_000)
    assert alice.fetch_order(order["id"], BTC)["triggerPrice"] == 45_000
    alice.cancel_all_orders(BTC)


@OWN("POST /api/v3/order", needs=("STOP_LOSS", "allowTrailingStop"))
def orders_that_trail(stage: Stage) -> None:
    alice = stage.alice.client
    alice.create_trailing_percent_order(BTC, "market", "sell", 0.01, None, 1.0, None, LOSS)
    alice.cancel_all_orders(BTC)


@OWN("POST /sapi/v1/asset/transfer")
def money_is_moved(stage: Stage) -> None:
    alice = stage.alice.client
    moved = alice.transfer("USDT", 10, "spot", "funding")
    assert moved["id"]
    alice.transfer("USDT", 10, "funding", "spot")
    past = alice.fetch_transfers("USDT", None, None, {"type": "MAIN_FUNDING"})
    assert past[-1]["status"] == "ok"


@OWN("GET /sapi/v1/asset/tradeFee")
def fees_are_told(stage: Stage) -> None:
    assert stage.alice.client.fetch_trading_fee(BTC)["taker"] == 0.001
    assert stage.alice.client.fetch_trading_fees()[BTC]["maker"] == 0.001


@OWN()
def what_is_not_served_is_not_found(stage: Stage) -> None:
    client = stage.alice.client
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.01"}
    for function in (
        *("privatePostSorOrder", "privatePostSorOrderTest"),
        *("privatePostOrderListOpo", "privatePostOrderListOpoco"),
    ):
        with pytest.raises(ccxt.BadRequest, match="-1020"):
            getattr(client, function)(order)


@OWN()
def refusals_are_the_exceptions_its_users_catch(stage: Stage) -> None:
    """The class for each code is the one that its own tables name."""
    alice = stage.alice.client

    def raises(kind: type[Exception], act: str, *arguments: Any) -> None:
        with pytest.raises(kind) as raised:
            getattr(alice, act)(*arguments)
        assert raised.type is kind, raised.value
        stage.kinds.add(kind.__name__)

    raises(ccxt.InsufficientFunds, "create_order", BTC, "limit", "buy", 110, 49_000)
    raises(ccxt.OrderNotFound, "cancel_order", "999999999", BTC)
    raises(ccxt.OrderNotFound, "fetch_order", "999999999", BTC)
    raises(ccxt.InvalidOrder, "private_post_order", _order("LIMIT", "49000.001", "0.01"))
    raises(ccxt.BadSymbol, "public_get_depth", {"symbol": "GOLDUSDT"})
    raises(ccxt.BadRequest, "private_post_order", _order("WISH", "49000", "0.01"))


def _order(kind: str, price: str, quantity: str) -> dict[str, str]:
    order = {"symbol": "BTCUSDT", "side": "BUY", "timeInForce": "GTC"}
    return order | {"type": kind, "price": price, "quantity": quantity}
