#include "entering.h"

#include <algorithm>

#include "accounts.h"
#include "lifecycle.h"
#include "matching.h"

namespace flowex {
namespace {

Code compare(const State& state, const Order& order, Wide need) {
    return free_atoms(state, order.pays_from) >= need ? Code::OK : Code::INSUFFICIENT_FUNDS;
}

// WOULD_TAKE, WOULD_TRIGGER or OK.
Code place_fault(const State& state, const Instrument& instrument, Index index) {
    const Order& order = state.orders[index];
    if (would_take(state, instrument, order, order.price)) return Code::WOULD_TAKE;
    if (!order.special) [[likely]] return Code::OK;
    const bool called = would_trigger(order, state.conditions[index], instrument.last_price);
    return called ? Code::WOULD_TRIGGER : Code::OK;
}

// The funds of an order that is more than price and quantity.
FLOWEX_RARE Code special_funds_fault(State& state, const Instrument& instrument, Index index);

// Note the price at which a buy that waits without a price of its own holds funds.
void set_hold_price(State& state, const Instrument& instrument, Index index) {
    const Order& order = state.orders[index];
    if (!order.is_algo() || !order.is_market()) return;
    if (order.side != static_cast<uint8_t>(Side::BUY)) return;
    Conditions& conditions = state.conditions[index];
    const int64_t stop = conditions.given.stop_price;
    conditions.hold_price = stop ? stop : instrument.last_price;
}

// Compare what an order holds at the worst case with what its account has free.
Code funds_fault(State& state, const Instrument& instrument, Index index) {
    const Order& order = state.orders[index];
    if (!order.special) [[likely]] {
        return compare(state, order,
                       hold_atoms(instrument, order.side, order.price, order.remaining));
    }
    return special_funds_fault(state, instrument, index);
}

Code special_funds_fault(State& state, const Instrument& instrument, Index index) {
    set_hold_price(state, instrument, index);
    return compare(state, state.orders[index],
                   worst_atoms(state, instrument, index, state.remaining(index)));
}

// Compare what a market order would cost now with what its account has free.
FLOWEX_APART Code market_funds_fault(State& state, const Instrument& instrument, Index index) {
    const Order& order = state.orders[index];
    const bool buys = order.side == static_cast<uint8_t>(Side::BUY);
    if (!buys && !order.budget) {
        return compare(state, order, static_cast<Wide>(order.remaining) * instrument.base_scale);
    }
    const Walk promise = walk(state, instrument, order);
    if (!promise.quantity && promise.reason == EndReason::QUOTE_SPENT) {
        return Code::QUOTE_AMOUNT_TOO_SMALL;
    }
    if (!buys) {
        return compare(state, order, static_cast<Wide>(promise.quantity) * instrument.base_scale);
    }
    return compare(state, order, order.budget ? Wide{order.budget} : promise.quote);
}

// Look again for the balance that an order pays from: there may have been none when it was placed.
void find_purse(State& state, const Instrument& instrument, Index index) {
    Order& order = state.orders[index];
    order.pays_from = find_balance(state, order.account, hold_asset(instrument, order.side));
}

bool is_fillable(State& state, const Instrument& instrument, const Order& order) {
    return walk(state, instrument, order).quantity == order.quantity;
}

// Why an order that had waited could not enter.
EndReason reason_of(Code code) {
    switch (code) {
        case Code::WOULD_TAKE: return EndReason::WOULD_TAKE;
        case Code::WOULD_TRIGGER: return EndReason::WOULD_TRIGGER;
        case Code::BAD_PRICES: return EndReason::BAD_PRICES;
        default: break;
    }
    FLOWEX_ASSERT(code == Code::INSUFFICIENT_FUNDS, "an order ends for no known reason");
    return EndReason::INSUFFICIENT_FUNDS;
}

// End an order that stands nowhere because it could not enter.
void end(State& state, Index index, Code code) {
    tell_expired(state, index, reason_of(code));
    finish(state, index);
}

// Give an order its funds back and send it to the market as a MARKET or LIMIT order.
void enter_triggered(State& state, Instrument& instrument, Index index) {
    hold_back(state, instrument, index, state.remaining(index));
    find_purse(state, instrument, index);
    const bool is_market = state.orders[index].is_market();
    const Code code = is_market ? market_funds_fault(state, instrument, index) : Code::OK;
    if (code != Code::OK) return end(state, index, code);
    enter(state, instrument, index);
}

FLOWEX_RARE void set_conditions(State& state, Index index, const wire::Conditions& given) {
    Order& order = state.orders[index];
    order.special = CONDITIONED;
    if (given.display_quantity) order.special |= ICEBERG;
    state.conditions.reach(index);
    state.conditions[index] = {};
    state.conditions[index].given = given;
}

// Add an order's conditions, if it has any, to the event told last.
FLOWEX_RARE void tell_conditions(State& state, Index index, wire::Header& event) {
    if (!(state.orders[index].special & CONDITIONED)) return;
    state.stream.add_block(event, state.conditions[index].given);
}

// Let the pending orders of a list begin, or end them when they cannot.
void enter_released(State& state, Instrument& instrument, Index index) {
    const Index twin = twin_of(state, index);
    const bool is_pair = twin != NONE;
    for (const Index leg : {index, twin}) {
        if (leg == NONE) continue;
        Order& order = state.orders[leg];
        order.phase = Phase::PENDING;
        order.special &= static_cast<uint8_t>(~UNHELD);
        find_purse(state, instrument, leg);
    }
    const Code code = is_pair ? pair_fault(state, instrument, index, twin)
                              : entry_fault(state, instrument, index);
    if (code != Code::OK) {
        if (is_pair) {
            tell_expired(state, twin, reason_of(code));
            forget(state, twin);
        }
        return end(state, index, code);
    }
    const auto told = [&](Index leg) {
        tell_triggered(state, state.orders[leg], wire::TriggerCause::RELEASED,
                       instrument.last_price);
    };
    told(index);
    if (is_pair) told(twin);
    begin(state, instrument, index);
    if (is_pair) begin(state, instrument, twin);
}

}  // namespace

Index draft(State& state, const Wish& wish, uint64_t number) {
    const wire::OrderPlace& wanted = *wish.order;
    const Index index = state.orders.take();
    const uint32_t account = wanted.header.account;
    const Instrument& instrument = *state.instruments[wanted.instrument - 1];
    Order& order = state.orders[index];
    order.number = number;
    order.price = wanted.price;
    order.remaining = wanted.quantity;
    order.account = account;
    order.instrument = wanted.instrument;
    order.pays_from = find_balance(state, account, hold_asset(instrument, wanted.side));
    order.side = wanted.side;
    order.order_type = wanted.order_type;
    order.time_in_force = wanted.time_in_force;
    order.self_trade = wanted.self_trade;
    order.client_id_length = static_cast<uint8_t>(wish.client_id.size());
    order.remember = wanted.header.flags & static_cast<uint16_t>(wire::PlaceFlag::UNIQUE_RECENT);
    order.special = 0;
    order.phase = Phase::WORKING;
    order.quantity = wanted.quantity;
    order.filled = 0;
    order.quote_filled = 0;
    order.budget = wanted.quote_amount;
    order.expire_time = wanted.expire_time;
    order.priority = 0;
    order.client_id_hash = wish.client_id_hash;
    order.timer = NONE;
    order.amends = 0;
    if (wish.conditions) [[unlikely]] set_conditions(state, index, *wish.conditions);
    return index;
}

bool would_take(const State& state, const Instrument& instrument, const Order& order,
                int64_t price) {
    if (order.order_type != static_cast<uint8_t>(OrderType::LIMIT_MAKER)) return false;
    const BookSide& opposite = instrument.book.opposite(order.side);
    const Index best = opposite.best();
    return best != NONE && opposite.key(state.levels[best].price) >= opposite.key(price);
}

Code entry_fault(State& state, const Instrument& instrument, Index index) {
    const Code code = place_fault(state, instrument, index);
    if (code != Code::OK) return code;
    const bool now = state.orders[index].order_type == static_cast<uint8_t>(OrderType::MARKET);
    return now ? market_funds_fault(state, instrument, index)
               : funds_fault(state, instrument, index);
}

Code pair_fault(State& state, const Instrument& instrument, Index above, Index below) {
    // An order that trails from the start has no price to compare.
    const auto price_of = [&](Index index) {
        const Order& order = state.orders[index];
        return order.is_algo() ? state.conditions[index].given.stop_price : order.price;
    };
    const int64_t high = price_of(above), low = price_of(below), last = instrument.last_price;
    if (high && low && high <= low) return Code::BAD_PRICES;
    if (last && ((high && high <= last) || low >= last)) return Code::BAD_PRICES;
    for (const Index index : {above, below}) {
        const Code code = place_fault(state, instrument, index);
        if (code != Code::OK) return code;
        set_hold_price(state, instrument, index);
        state.orders[index].special &= static_cast<uint8_t>(~UNHELD);
    }
    const auto need = [&](Index index) {
        return worst_atoms(state, instrument, index, state.orders[index].quantity);
    };
    const bool below_is_dearer = need(below) > need(above);
    state.orders[below_is_dearer ? above : below].special |= UNHELD;
    return funds_fault(state, instrument, below_is_dearer ? below : above);
}

void accept(State& state, Index index, std::string_view client_id) {
    const Order& order = state.orders[index];
    state.last_order = order.number;
    enlist(state, index);
    auto& event = state.tell<wire::OrderAccepted>(order.account);
    event.instrument = order.instrument;
    event.side = order.side;
    event.order_type = order.order_type;
    event.time_in_force = order.time_in_force;
    event.self_trade = order.self_trade;
    event.order = order.number;
    event.price = order.price;
    event.quantity = order.quantity;
    event.quote_amount = order.budget;
    event.expire_time = order.expire_time;
    const char* told = state.stream.add_text(event.header, event.TAG_CLIENT_ID, client_id);
    if (told) {
        state.client_ids.reach(index);
        // As long as it can be, whatever it is: the event pads it with zeros.
        std::memcpy(state.client_ids[index].text, told, wire::CLIENT_ID_MAX);
    }
    if (order.special) [[unlikely]] tell_conditions(state, index, event.header);
}

void begin(State& state, Instrument& instrument, Index index) {
    // One that waits for a price was placed with conditions.
    const Order& order = state.orders[index];
    if (order.special && order.is_algo()) [[unlikely]] return wait(state, instrument, index);
    enter(state, instrument, index);
}

void enter(State& state, Instrument& instrument, Index index) {
    Order& order = state.orders[index];
    order.phase = Phase::WORKING;
    const bool is_fok = order.time_in_force == static_cast<uint8_t>(wire::TimeInForce::FOK);
    Reason reason = is_fok && !is_fillable(state, instrument, order)
                        ? EndReason::NOT_FILLABLE
                        : match(state, instrument, order);
    if (!reason && !order.quantity) {
        reason = order.budget ? EndReason::NO_LIQUIDITY : EndReason::QUOTE_SPENT;
    }
    if (reason == EndReason::QUOTE_SPENT && !order.filled) reason = EndReason::SELF_TRADE;
    if (!reason && order.remaining) {
        if (may_rest(order.time_in_force)) return rest(state, instrument, index);
        reason = EndReason::NO_LIQUIDITY;
    }
    if (reason) tell_expired(state, index, *reason);
    finish(state, index);
}

int run_entries(State& state, int most) {
    int done = 0;
    for (; done < most && has_entry(state); ++done) {
        const auto first = state.entries.ready.begin();
        const Index index = first->second;
        state.entries.ready.erase(first);
        const Order& order = state.orders[index];
        Instrument& instrument = state.instrument_of(order);
        if (order.phase == Phase::TRIGGERED) {
            enter_triggered(state, instrument, index);
        } else {
            enter_released(state, instrument, index);
        }
    }
    return done;
}

void sort_entries(State& state, const Instrument& instrument) {
    Entries& entries = state.entries;
    const bool trades = instrument.state == static_cast<uint8_t>(wire::InstrumentState::TRADING);
    auto& from = trades ? entries.stuck : entries.ready;
    auto& to = trades ? entries.ready : entries.stuck;
    for (auto entry = from.begin(); entry != from.end();) {
        const auto next = std::next(entry);
        if (state.orders[entry->second].instrument == instrument.number) {
            to.insert(from.extract(entry));
        }
        entry = next;
    }
}

}  // namespace flowex
