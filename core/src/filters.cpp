#include "filters.h"

#include <algorithm>

#include "accounts.h"
#include "average.h"

namespace flowex {
namespace {

using wire::Limit;
using wire::MarketNotional;

bool within(int64_t value, int64_t low, int64_t high) {
    return low <= value && value <= (high ? high : wire::SUPPLY_MAX);
}

// Division is slow, and most steps are one unit.
bool is_multiple(int64_t value, int64_t step) { return step == 1 || value % step == 0; }

Code price_fault(const Instrument& instrument, int64_t price) {
    const Filters& filters = instrument.filters;
    if (!within(price, filters.price_min, filters.price_max)) return Code::PRICE_OUT_OF_RANGE;
    return is_multiple(price, filters.price_tick) ? Code::OK : Code::PRICE_OFF_TICK;
}

Code quantity_fault(const Instrument& instrument, int64_t quantity) {
    const Filters& filters = instrument.filters;
    if (!within(quantity, filters.quantity_min, filters.quantity_max) ||
        quantity > instrument.quantity_supply_max) {
        return Code::QUANTITY_OUT_OF_RANGE;
    }
    return is_multiple(quantity, filters.quantity_lot) ? Code::OK : Code::QUANTITY_OFF_LOT;
}

Code notional_fault(const Instrument& instrument, const wire::OrderPlace& order) {
    const Filters& filters = instrument.filters;
    int64_t notional = order.quote_amount;
    // What overflows is far above any bound.
    if ((!notional && __builtin_mul_overflow(order.price, order.quantity, &notional)) ||
        !within(notional, filters.notional_min, filters.notional_max)) {
        return Code::NOTIONAL_OUT_OF_RANGE;
    }
    return Code::OK;
}

Code iceberg_fault(const Instrument& instrument, int64_t quantity, int64_t shown) {
    const Code code = quantity_fault(instrument, shown);
    if (code != Code::OK) return code;
    if (shown > quantity) return Code::ICEBERG_EXCEEDS_QUANTITY;
    const int64_t most = instrument.further ? instrument.further->iceberg_parts_max : 0;
    const int64_t parts = quantity / shown + (quantity % shown != 0);
    return most && parts > most ? Code::ICEBERG_PARTS : Code::OK;
}

FLOWEX_RARE Code market_quantity_fault(const Instrument& instrument, int64_t quantity) {
    if (!instrument.further) return Code::OK;
    const Further& further = *instrument.further;
    if (!within(quantity, further.market_quantity_min, further.market_quantity_max) ||
        (further.market_lot && !is_multiple(quantity, further.market_lot))) {
        return Code::MARKET_QUANTITY_OUT_OF_RANGE;
    }
    return Code::OK;
}

Code trailing_fault(const Instrument& instrument, const wire::OrderPlace& order,
                    const wire::Conditions* conditions) {
    if (!conditions || !conditions->trailing_delta) return Code::OK;
    uint32_t low = 0, high = 0;
    if (const Further* further = instrument.further.get()) {
        const bool above = is_above(order.order_type, order.side);
        low = above ? further->trailing_above_min : further->trailing_below_min;
        high = above ? further->trailing_above_max : further->trailing_below_max;
    }
    const uint32_t most = high ? high : uint32_t{wire::TRAILING_DELTA_MAX};
    const uint32_t delta = conditions->trailing_delta;
    return low <= delta && delta <= most ? Code::OK : Code::TRAILING_DELTA_OUT_OF_RANGE;
}

FLOWEX_RARE Code conditioned_fault(const Instrument& instrument, const wire::OrderPlace& order,
                       const wire::Conditions& conditions) {
    const bool is_market = is_one_of(MARKETS, order.order_type);
    Code code = is_market ? Code::OK : price_fault(instrument, order.price);
    if (code == Code::OK && conditions.stop_price) {
        code = price_fault(instrument, conditions.stop_price);
    }
    if (code == Code::OK && order.quantity) code = quantity_fault(instrument, order.quantity);
    if (code == Code::OK && conditions.display_quantity) {
        code = iceberg_fault(instrument, order.quantity, conditions.display_quantity);
    }
    if (code == Code::OK) {
        code = is_market && order.quantity ? market_quantity_fault(instrument, order.quantity)
                                           : notional_fault(instrument, order);
    }
    return code == Code::OK ? trailing_fault(instrument, order, &conditions) : code;
}

Code band_fault(const Instrument& instrument, const wire::OrderPlace& order, int64_t reference) {
    if (is_one_of(MARKETS, order.order_type) || !reference) return Code::OK;
    const Further& further = *instrument.further;
    const bool buys = order.side == static_cast<uint8_t>(Side::BUY);
    const int64_t up = buys ? further.bid_up : further.ask_up;
    const int64_t down = buys ? further.bid_down : further.ask_down;
    const Wide price = static_cast<Wide>(order.price) * wire::BIPS;
    const bool too_high = up && price > static_cast<Wide>(reference) * up;
    const bool too_low = down && price < static_cast<Wide>(reference) * down;
    return too_high || too_low ? Code::PRICE_OUT_OF_BAND : Code::OK;
}

Code market_notional_fault(const Instrument& instrument, const wire::OrderPlace& order,
                           int64_t reference) {
    const unsigned flags = instrument.further->market_notional;
    if (!flags || !is_one_of(MARKETS, order.order_type) || order.quote_amount) return Code::OK;
    const Filters& filters = instrument.filters;
    const Wide notional = static_cast<Wide>(reference) * order.quantity;
    const int64_t most = filters.notional_max ? filters.notional_max : wire::SUPPLY_MAX;
    const bool too_small =
        (flags & static_cast<unsigned>(MarketNotional::MIN)) && notional < filters.notional_min;
    const bool too_great = (flags & static_cast<unsigned>(MarketNotional::MAX)) && notional > most;
    return notional && (too_small || too_great) ? Code::NOTIONAL_OUT_OF_RANGE : Code::OK;
}

// Call `visit(index, order)` for the open orders of an account.
template <class Visit>
void each_order(const State& state, const Account& account, Visit visit) {
    for (Index index = account.first_order; index != NONE;) {
        const Order& order = state.orders[index];
        visit(index, order);
        index = order.account_next;
    }
}

Code position_fault(State& state, const Account& account, const Instrument& instrument,
                    std::span<const Wish> wishes) {
    const int64_t most = instrument.further->position_max;
    constexpr auto BUY = static_cast<uint8_t>(Side::BUY);
    Wide bid = 0;
    for (const Wish& wish : wishes) bid += wish.order->side == BUY ? wish.order->quantity : 0;
    if (!most || !bid) return Code::OK;
    each_order(state, account, [&](Index index, const Order& order) {
        if (order.instrument == instrument.number && order.side == BUY) {
            bid += state.remaining(index);
        }
    });
    const Index balance = find_balance(state, account.number, instrument.base);
    const Wide owned =
        balance == NONE ? 0 : Wide{state.balances[balance].free} + state.balances[balance].held;
    const Wide scale = instrument.base_scale;
    return owned + bid * scale > most * scale ? Code::POSITION : Code::OK;
}

// Kinds of orders that are counted: what a wish and an open order of the kind look like.
struct Algo {
    static bool is(const Wish& wish) { return is_one_of(ALGOS, wish.order->order_type); }
    static bool is(const Order& order) { return order.is_algo(); }
};
struct Iceberg {
    static bool is(const Wish& wish) {
        return wish.conditions && wish.conditions->display_quantity > 0;
    }
    static bool is(const Order& order) { return order.special & ICEBERG; }
};

template <class Kind>
uint64_t count(std::span<const Wish> wishes) {
    return static_cast<uint64_t>(
        std::ranges::count_if(wishes, [](const Wish& wish) { return Kind::is(wish); }));
}

// Whether orders of a kind come and would be too many with those the account has, on the
// instrument with that number, or (0) anywhere.
template <class Kind>
bool exceed(const State& state, const Account& account, std::span<const Wish> wishes,
            uint64_t most, uint32_t instrument) {
    uint64_t total = count<Kind>(wishes);
    if (!total || total + account.open_orders <= most) return false;
    each_order(state, account, [&](Index, const Order& order) {
        total += Kind::is(order) && (!instrument || order.instrument == instrument);
    });
    return total > most;
}

// How many order lists an account has, on the instrument with that number, or (0) anywhere.
uint64_t count_lists(const State& state, const Account& account, uint32_t instrument) {
    uint64_t total = 0;
    for (auto known = state.lists.lower_bound({account.number, 0});
         known != state.lists.end() && known->first.first == account.number; ++known) {
        total += !instrument || known->second.instrument == instrument;
    }
    return total;
}

Code account_count_fault(const State& state, const Account& account,
                         std::span<const Wish> wishes) {
    if (exceed<Algo>(state, account, wishes, state.limit(Limit::ACCOUNT_ALGO_ORDERS), 0)) {
        return Code::ACCOUNT_ALGO_ORDERS;
    }
    if (exceed<Iceberg>(state, account, wishes, state.limit(Limit::ACCOUNT_ICEBERG_ORDERS), 0)) {
        return Code::ACCOUNT_ICEBERG_ORDERS;
    }
    if (wishes.size() > 1 &&
        count_lists(state, account, 0) >= state.limit(Limit::ACCOUNT_ORDER_LISTS)) {
        return Code::ACCOUNT_ORDER_LISTS;
    }
    const auto trailing = static_cast<uint64_t>(std::ranges::count_if(wishes, [](const Wish& wish) {
        return wish.conditions && wish.conditions->trailing_delta > 0;
    }));
    const bool full = trailing + state.trailing_orders > state.limit(Limit::TRAILING_ORDERS);
    return trailing && full ? Code::TRAILING_ORDERS : Code::OK;
}

Code instrument_count_fault(const State& state, const Account& account,
                            const Instrument& instrument, std::span<const Wish> wishes) {
    const Further& further = *instrument.further;
    const uint32_t number = instrument.number;
    if (further.orders_max && account.open_orders + wishes.size() > further.orders_max) {
        uint64_t total = wishes.size();
        each_order(state, account,
                   [&](Index, const Order& order) { total += order.instrument == number; });
        if (total > further.orders_max) return Code::INSTRUMENT_ORDERS;
    }
    if (further.algo_orders_max &&
        exceed<Algo>(state, account, wishes, further.algo_orders_max, number)) {
        return Code::INSTRUMENT_ALGO_ORDERS;
    }
    if (further.iceberg_orders_max &&
        exceed<Iceberg>(state, account, wishes, further.iceberg_orders_max, number)) {
        return Code::INSTRUMENT_ICEBERG_ORDERS;
    }
    if (wishes.size() > 1 && further.order_lists_max &&
        count_lists(state, account, number) >= further.order_lists_max) {
        return Code::INSTRUMENT_ORDER_LISTS;
    }
    return Code::OK;
}

bool can_stay(const Wish& wish) { return Algo::is(wish) || may_rest(wish.order->time_in_force); }

}  // namespace

bool are_sound(const Further& further) {
    const auto is_amount = [](int64_t amount) { return 0 <= amount && amount <= wire::SUPPLY_MAX; };
    const auto is_range = [](int64_t low, int64_t high) { return !high || low <= high; };
    const auto is_delta = [&](uint16_t low, uint16_t high) {
        return is_range(low, high) && std::max(low, high) <= wire::TRAILING_DELTA_MAX;
    };
    constexpr unsigned NOTIONALS =
        static_cast<unsigned>(MarketNotional::MIN) | static_cast<unsigned>(MarketNotional::MAX);
    return is_amount(further.market_lot) && is_amount(further.market_quantity_min) &&
           is_amount(further.market_quantity_max) && is_amount(further.position_max) &&
           is_range(further.bid_down, further.bid_up) &&
           is_range(further.ask_down, further.ask_up) &&
           is_range(further.market_quantity_min, further.market_quantity_max) &&
           is_delta(further.trailing_above_min, further.trailing_above_max) &&
           is_delta(further.trailing_below_min, further.trailing_below_max) &&
           further.average_minutes <= wire::AVERAGE_MINUTES_MAX &&
           further.market_notional <= NOTIONALS;
}

Verdict set_filters(State& state, const wire::FiltersSet& command) {
    Instrument* instrument = state.instrument(command.instrument);
    if (!instrument) return {Code::UNKNOWN_INSTRUMENT};
    if (instrument->state == static_cast<uint8_t>(wire::InstrumentState::CLOSED)) {
        return {Code::INVALID_STATE};
    }
    const Further further = further_of(command);
    if (!are_sound(further)) return {Code::INVALID_FILTER};
    const int known = instrument->further ? instrument->further->average_minutes : 0;
    if (further.average_minutes != known) instrument->minutes.clear();
    instrument->further = std::make_unique<Further>(further);
    auto& event = state.tell<wire::FiltersChanged>();
    event.instrument = instrument->number;
    put_further(event, further);
    return {Code::OK, instrument->number};
}

Code filter_fault(const Instrument& instrument, const wire::OrderPlace& order,
                  const wire::Conditions* conditions) {
    if (conditions) [[unlikely]] return conditioned_fault(instrument, order, *conditions);
    const bool is_market = is_one_of(MARKETS, order.order_type);
    if (!is_market) {
        const Code code = price_fault(instrument, order.price);
        if (code != Code::OK) return code;
    }
    if (order.quantity) {
        const Code code = quantity_fault(instrument, order.quantity);
        if (code != Code::OK) return code;
        // Nobody knows its notional yet.
        if (is_market) return market_quantity_fault(instrument, order.quantity);
    }
    return notional_fault(instrument, order);
}

Code plain_count_fault(const State& state, const Account& account, size_t coming) {
    if (account.open_orders + coming > state.limit(Limit::ACCOUNT_OPEN_ORDERS)) {
        return Code::ACCOUNT_OPEN_ORDERS;
    }
    const bool full = state.order_table.size() + coming > state.limit(Limit::OPEN_ORDERS);
    return full ? Code::OPEN_ORDERS : Code::OK;
}

Code standing_fault(State& state, const Account& account, const Instrument& instrument,
                    std::span<const Wish> wishes) {
    Code code = Code::OK;
    if (instrument.further) {
        const int64_t reference = reference_price(state, instrument);
        for (const Wish& wish : wishes) {
            code = band_fault(instrument, *wish.order, reference);
            if (code != Code::OK) return code;
            code = market_notional_fault(instrument, *wish.order, reference);
            if (code != Code::OK) return code;
        }
        code = position_fault(state, account, instrument, wishes);
        if (code != Code::OK) return code;
    }
    if (wishes.size() == 1 && !can_stay(wishes.front())) return Code::OK;
    code = plain_count_fault(state, account, wishes.size());
    if (code == Code::OK && (wishes.size() > 1 || wishes.front().conditions)) {
        code = account_count_fault(state, account, wishes);
    }
    if (code == Code::OK && instrument.further) {
        code = instrument_count_fault(state, account, instrument, wishes);
    }
    return code;
}

}  // namespace flowex
