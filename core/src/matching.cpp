#include "matching.h"

#include <algorithm>
#include <vector>

#include "accounts.h"
#include "average.h"
#include "fees.h"
#include "lifecycle.h"

namespace flowex {
namespace {

using wire::SelfTrade;

SelfTrade self_trade_of(const Order& taker) { return static_cast<SelfTrade>(taker.self_trade); }

// How much the taker still takes at a price: its rest, or what its budget affords.
int64_t wanted(const Instrument& instrument, const Order& taker, int64_t remaining, int64_t budget,
               int64_t price) {
    if (taker.quantity) return remaining;
    const int64_t lot = instrument.filters.quantity_lot;
    const Wide lot_price = static_cast<Wide>(price) * lot;
    return lot_price > budget ? 0 : budget / static_cast<int64_t>(lot_price) * lot;
}

bool meets_own(State& state, const Account& owner, const Order& maker) {
    if (maker.account == owner.number) return true;
    return owner.trade_group && state.account_of(maker).trade_group == owner.trade_group;
}

void fill(Order& order, int64_t quantity, int64_t quote) {
    order.filled += quantity;
    order.quote_filled += quote;
    if (order.quantity) order.remaining -= quantity;
}

struct Fees {
    int64_t taker;
    int64_t maker;
};

// Move the money of a trade: each side pays, and receives less its fee. Returns the fees.
Fees exchange(State& state, const Instrument& instrument, Order& taker, const Order& maker,
              int64_t base, int64_t quote) {
    const bool taker_buys = taker.side == static_cast<uint8_t>(Side::BUY);
    const int64_t taker_gets = taker_buys ? base : quote, maker_gets = taker_buys ? quote : base;
    const uint32_t taker_asset = hold_asset(instrument, maker.side);
    const uint32_t maker_asset = hold_asset(instrument, taker.side);
    const Fees fees = {
        fee(taker_gets, taker_rate(state, state.account_of(taker), instrument)),
        fee(maker_gets, maker_rate(state, state.account_of(maker), instrument)),
    };
    move(state, taker.pays_from, -maker_gets);
    receive(state, taker.account, taker_asset, taker_gets - fees.taker);
    move(state, maker.pays_from, 0, -taker_gets);
    receive(state, maker.account, maker_asset, maker_gets - fees.maker);
    if (fees.taker) receive(state, wire::FEE_ACCOUNT, taker_asset, fees.taker);
    if (fees.maker) receive(state, wire::FEE_ACCOUNT, maker_asset, fees.maker);
    return fees;
}

void trade(State& state, Instrument& instrument, Level& level, Order& taker, Index maker_index,
           int64_t quantity) {
    Order& maker = state.orders[maker_index];
    const int64_t quote = maker.price * quantity;
    const int64_t base = quantity * instrument.base_scale;
    const Fees fees = exchange(state, instrument, taker, maker, base, quote);
    fill(taker, quantity, quote);
    fill(maker, quantity, quote);
    if (taker.budget) taker.budget -= quote;
    level.quantity -= quantity;
    if (instrument.further) [[unlikely]] note_trade(state, instrument, quantity, quote);
    const int64_t hidden = state.hidden(maker_index);
    auto& event = state.tell<wire::Traded>(taker.account);
    event.instrument = instrument.number;
    event.maker_account = maker.account;
    event.trade = ++instrument.last_trade;
    event.taker_order = taker.number;
    event.maker_order = maker.number;
    event.price = maker.price;
    event.quantity = quantity;
    event.quote_amount = quote;
    event.taker_fee = fees.taker;
    event.maker_fee = fees.maker;
    event.taker_fee_asset = hold_asset(instrument, maker.side);
    event.maker_fee_asset = hold_asset(instrument, taker.side);
    event.taker_remaining = taker.remaining;
    event.maker_remaining = maker.remaining + hidden;
    event.taker_side = taker.side;
    if (maker.remaining) return;
    if (hidden) [[unlikely]] {
        refresh(state, maker_index);
    } else {
        instrument.book.side(maker.side).remove(state.orders, state.levels, maker_index);
        finish(state, maker_index);
    }
}

void tell_prevented(State& state, Instrument& instrument, const Order& taker, Index maker_index,
                    int64_t quantity) {
    const Order& maker = state.orders[maker_index];
    const SelfTrade mode = self_trade_of(taker);
    int64_t taker_loses = quantity, maker_loses = quantity;
    if (mode != SelfTrade::DECREMENT) {
        taker_loses = mode == SelfTrade::EXPIRE_MAKER ? 0 : taker.remaining;
        maker_loses = mode == SelfTrade::EXPIRE_TAKER ? 0 : state.remaining(maker_index);
    }
    auto& event = state.tell<wire::SelfTradePrevented>(taker.account);
    event.instrument = instrument.number;
    event.maker_account = maker.account;
    event.match = ++instrument.last_match;
    event.taker_order = taker.number;
    event.maker_order = maker.number;
    event.price = maker.price;
    event.taker_quantity = taker_loses;
    event.maker_quantity = maker_loses;
    event.self_trade = taker.self_trade;
}

// End a maker; its level is told of when the taker leaves it.
void end(State& state, Instrument& instrument, Index maker_index) {
    drop(state, instrument, maker_index, EndReason::SELF_TRADE);
    const Order& maker = state.orders[maker_index];
    if (maker.special & LISTED) {
        settle_list(state, maker, state.conditions[maker_index].order_list);
    }
}

// Take a quantity from both, as if it had never been asked for.
Reason decrement(State& state, Instrument& instrument, Level& level, Order& taker,
                 Index maker_index, int64_t quantity) {
    Order& maker = state.orders[maker_index];
    claim(state, instrument, maker_index);
    hold_back(state, instrument, maker_index, quantity);
    level.quantity -= quantity;
    maker.remaining -= quantity;
    if (taker.quantity) taker.remaining -= quantity;
    if (taker.budget) taker.budget -= quantity * maker.price;
    if (maker.remaining == 0) {
        if (state.hidden(maker_index)) {
            refresh(state, maker_index);
        } else {
            end(state, instrument, maker_index);
        }
    }
    if (taker.quantity && taker.remaining == 0) return EndReason::SELF_TRADE;
    return {};
}

// Apply the taker's self-trade mode to a meeting; return why the taker must end, or nothing.
Reason prevent(State& state, Instrument& instrument, Level& level, Order& taker, Index maker_index,
               int64_t quantity) {
    tell_prevented(state, instrument, taker, maker_index, quantity);
    const SelfTrade mode = self_trade_of(taker);
    if (mode == SelfTrade::DECREMENT) {
        return decrement(state, instrument, level, taker, maker_index, quantity);
    }
    if (mode != SelfTrade::EXPIRE_TAKER) {
        end(state, instrument, maker_index);
    }
    if (mode == SelfTrade::EXPIRE_MAKER) return {};
    return EndReason::SELF_TRADE;
}

// Let the taker meet the level's first order; return why the taker must end, or nothing.
Reason meet(State& state, Instrument& instrument, Level& level, Order& taker, int64_t wanted) {
    const Index maker_index = level.first;
    const Order& maker = state.orders[maker_index];
    const int64_t quantity = std::min(wanted, maker.remaining);
    if (self_trade_of(taker) != SelfTrade::NONE &&
        meets_own(state, state.account_of(taker), maker)) {
        return prevent(state, instrument, level, taker, maker_index, quantity);
    }
    if (maker.special & LISTED) [[unlikely]] claim(state, instrument, maker_index);
    trade(state, instrument, level, taker, maker_index, quantity);
    return {};
}

// A taker on its way through the book in thought.
class Rehearsal {
  public:
    Rehearsal(State& state, const Instrument& instrument, const Order& taker)
        : state_(state),
          instrument_(instrument),
          taker_(taker),
          owner_(state.account_of(taker)),
          remaining_(taker.remaining),
          budget_(taker.budget) {}

    // Walk a level; return whether to go on.
    //
    // An iceberg that was taken as far as it showed has another turn behind everybody else, unless
    // its meeting with the taker ended it.
    bool visit(const Level& level) {
        hidden_.clear();
        for (Index index = level.first; index != NONE; index = state_.orders[index].level_next) {
            const Order& maker = state_.orders[index];
            if (!meet(maker, maker.remaining)) return false;
            if (maker.special & ICEBERG) [[unlikely]] {
                hide(index, state_.conditions[index].hidden);
            }
        }
        for (size_t turn = 0; turn < hidden_.size(); ++turn) {
            const auto [index, rest] = hidden_[turn];
            const int64_t shown = state_.conditions[index].given.display_quantity;
            const int64_t offer = std::min(shown, rest);
            if (!meet(state_.orders[index], offer)) return false;
            hide(index, rest - offer);
        }
        return true;
    }

    Walk result = {0, 0, {}};

  private:
    bool end(Reason reason) {
        result.reason = reason;
        return false;
    }

    void hide(Index index, int64_t rest) {
        const bool ends = self_trade_of(taker_) == SelfTrade::EXPIRE_MAKER &&
                          meets_own(state_, owner_, state_.orders[index]);
        if (rest && !ends) hidden_.push_back({index, rest});
    }

    bool meet(const Order& maker, int64_t offer) {
        const int64_t want = wanted(instrument_, taker_, remaining_, budget_, maker.price);
        if (want == 0) return end(taker_.budget ? Reason(EndReason::QUOTE_SPENT) : Reason());
        if (steps_ >= state_.limit(wire::Limit::FILLS_PER_COMMAND)) {
            return end(EndReason::FILL_LIMIT);
        }
        ++steps_;
        const int64_t step = std::min(want, offer);
        const SelfTrade mode = self_trade_of(taker_);
        if (mode != SelfTrade::NONE && meets_own(state_, owner_, maker)) {
            if (mode == SelfTrade::EXPIRE_MAKER) return true;
            if (mode != SelfTrade::DECREMENT) return end(EndReason::SELF_TRADE);
        } else {
            result.quantity += step;
            result.quote += static_cast<Wide>(step) * maker.price;
        }
        remaining_ -= step;
        if (taker_.budget) budget_ -= step * maker.price;
        return true;
    }

    State& state_;
    const Instrument& instrument_;
    const Order& taker_;
    const Account& owner_;
    int64_t remaining_;
    int64_t budget_;
    uint64_t steps_ = 0;
    std::vector<std::pair<Index, int64_t>> hidden_;  // Turns to come: an iceberg and its rest.
};

// Trade the taker against the book, and note the last price, or, where orders wait for one, all.
Reason meet_all(State& state, Instrument& instrument, Order& taker) {
    const BookSide& side = instrument.book.opposite(taker.side);
    const int64_t worst = limit_key(instrument, taker);
    const uint64_t steps_max = state.limit(wire::Limit::FILLS_PER_COMMAND);
    uint64_t steps = 0;
    while (!side.empty()) {
        Level& level = state.levels[side.best()];
        if (side.key(level.price) < worst) break;
        bool changed = false;
        const uint64_t last_trade = instrument.last_trade;
        Reason reason;
        while (level.orders && !reason) {
            const int64_t want =
                wanted(instrument, taker, taker.remaining, taker.budget, level.price);
            if (want == 0) {
                if (!taker.quantity) reason = EndReason::QUOTE_SPENT;
                break;
            }
            if (steps >= steps_max) {
                reason = EndReason::FILL_LIMIT;
                break;
            }
            ++steps;
            const int64_t before = level.quantity;
            reason = meet(state, instrument, level, taker, want);
            changed |= level.quantity != before;
        }
        if (changed) tell_level(state, instrument, 1 - taker.side, level);
        if (instrument.last_trade != last_trade) {
            if (instrument.triggers.empty() && state.prices.empty()) [[likely]] {
                instrument.last_price = level.price;
            } else {
                state.prices.push(level.price);
            }
        }
        if (reason || level.orders) return reason;
    }
    return {};
}

}  // namespace

int64_t limit_key(const Instrument& instrument, const Order& taker) {
    return taker.is_market() ? BookSide::ANY_PRICE
                             : instrument.book.opposite(taker.side).key(taker.price);
}

Walk walk(State& state, const Instrument& instrument, const Order& taker) {
    const BookSide& side = instrument.book.opposite(taker.side);
    const int64_t worst = limit_key(instrument, taker);
    Rehearsal rehearsal(state, instrument, taker);
    side.best_first([&](Index index) {
        const Level& level = state.levels[index];
        return side.key(level.price) >= worst && rehearsal.visit(level);
    });
    return rehearsal.result;
}

Reason match(State& state, Instrument& instrument, Order& taker) {
    const Reason reason = meet_all(state, instrument, taker);
    if (!state.prices.empty()) [[unlikely]] {
        for (const int64_t price : state.prices) price_moved(state, instrument, price);
        state.prices.clear();
    }
    return reason;
}

}  // namespace flowex
