"""Who plays what: each client its own scenes and those of all whose rows it maps."""

from flow.foreign import (
    scenes_account,
    scenes_ccxt,
    scenes_filters,
    scenes_lists,
    scenes_market,
    scenes_orders,
    scenes_python_binance,
    scenes_refusals,
    scenes_spot_sdk,
)
from flow.foreign.hands_ccxt import CcxtHand
from flow.foreign.hands_python_binance import PythonBinanceHand
from flow.foreign.hands_spot_sdk import SpotSdkHand
from flow.foreign.stage import Hand, Scene, Scenes

_OWN: dict[type[Hand], Scenes] = {
    CcxtHand: scenes_ccxt.OWN,
    PythonBinanceHand: scenes_python_binance.OWN,
    SpotSdkHand: scenes_spot_sdk.OWN,
}
HANDS: dict[str, type[Hand]] = {hand.name: hand for hand in _OWN}


def scenes_of(client: str) -> list[Scene]:
    """Return what a client plays, in order: nobody is served any more after the limits."""
    hand = HANDS[client]
    acts = (
        scenes_market.QUIET,
        scenes_orders.ORDERS,
        scenes_lists.LISTS,
        scenes_market.BUSY,
        scenes_account.ACCOUNTS,
        _OWN[hand],
        scenes_refusals.REFUSALS,
        scenes_filters.FILTERS,
        scenes_refusals.LIMITS,
    )
    return [
        scene
        for act in acts
        for scene in act.all
        if all(label in hand.functions for label in scene.rows)
    ]
