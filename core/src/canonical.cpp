#include "canonical.h"

#include <algorithm>
#include <cstring>

#include "filters.h"
#include "instruments.h"
#include "lifecycle.h"

namespace flowex {
namespace {

// Bytes of the begun page that one StateTail carries.
constexpr size_t TAIL_DATA = 32;

// Writes records one after another into a buffer that is large enough.
class Writer {
  public:
    explicit Writer(uint8_t* at) : at_(at) {}

    // Add a record and return it, all zero but for its header.
    template <class Record>
    Record& add(uint32_t account, uint64_t number) {
        auto* record = new (at_) Record{};
        record->header = {Record::KIND, Record::BLOCKS, 0, account, number};
        at_ += sizeof(Record);
        return *record;
    }

    // Add a text to the record added last; none when it is empty.
    void add_text(wire::Header& record, uint8_t tag, std::string_view text) {
        if (text.empty()) return;
        auto* extension = new (at_) wire::Extension{};
        extension->tag = tag;
        extension->length = static_cast<uint8_t>(text.size());
        std::memcpy(extension->text, text.data(), text.size());
        at_ += sizeof(wire::Extension);
        ++record.blocks;
    }

    // Add a block of fields to the record added last.
    void add_block(wire::Header& record, const wire::Conditions& block) {
        new (at_) wire::Conditions(block);
        at_ += sizeof block;
        ++record.blocks;
    }

    const uint8_t* end() const { return at_; }

  private:
    uint8_t* at_;
};

void export_head(const State& state, Writer& writer) {
    auto& head = writer.add<wire::StateHead>(0, state.sequence);
    head.time = state.time;
    head.event_number = state.stream.event_number;
    head.events_hash = state.stream.pages_hash();
    head.last_order = state.last_order;
    head.last_hold = state.last_hold;
    head.wire_version = wire::WIRE_VERSION;
    head.rules_version = state.rules_version;
    head.tail_bytes = static_cast<uint16_t>(state.stream.page().size());
    head.halted = state.halted;
    std::ranges::copy(state.exchange, head.exchange);
    head.last_list = state.last_list;
    auto& limits = writer.add<wire::StateLimits>(0, 0);
    std::ranges::copy(state.limits, &limits.accounts);
}

void export_tiers(const State& state, Writer& writer) {
    for (size_t index = 0; index < state.tiers.size(); ++index) {
        const FeeTier& tier = state.tiers[index];
        if (tier.maker_rate < 0) continue;
        auto& record = writer.add<wire::StateFeeTier>(0, index + 1);
        record.maker_rate = tier.maker_rate;
        record.taker_rate = tier.taker_rate;
    }
}

void export_asset(const Asset& asset, uint32_t number, Writer& writer) {
    auto& record = writer.add<wire::StateAsset>(0, number);
    record.issued = asset.issued;
    record.decimals = asset.decimals;
    std::ranges::copy(asset.code, record.code);
}

void export_instrument(const Instrument& instrument, Writer& writer) {
    auto& record = writer.add<wire::StateInstrument>(0, instrument.number);
    record.base_asset = instrument.base;
    record.quote_asset = instrument.quote;
    record.quantity_decimals = instrument.quantity_decimals;
    record.instrument_kind = instrument.kind;
    record.state = instrument.state;
    record.maker_rate = instrument.maker_rate;
    record.taker_rate = instrument.taker_rate;
    put_filters(record, instrument.filters);
    record.last_trade = instrument.last_trade;
    record.last_update = instrument.last_update;
    record.last_match = instrument.last_match;
    std::ranges::copy(instrument.symbol, record.symbol);
    record.last_price = instrument.last_price;
    if (instrument.further) {
        put_further(writer.add<wire::StateFilters>(0, instrument.number), *instrument.further);
    }
    for (const Minute& minute : instrument.minutes) {
        auto& sums = writer.add<wire::StateMinute>(0, instrument.number);
        sums.minute = minute.number;
        sums.quantity_low = static_cast<uint64_t>(minute.quantity);
        sums.quantity_high = static_cast<uint64_t>(minute.quantity >> 64);
        sums.quote_low = static_cast<uint64_t>(minute.quote);
        sums.quote_high = static_cast<uint64_t>(minute.quote >> 64);
    }
}

void export_account(const Account& account, Writer& writer) {
    auto& record = writer.add<wire::StateAccount>(account.number, account.number);
    record.parent = account.parent;
    record.trade_group = account.trade_group;
    record.maker_rate = account.maker_rate;
    record.taker_rate = account.taker_rate;
    record.state = account.state;
    record.tier = account.tier;
}

void export_balances(const State& state, Writer& writer) {
    std::vector<Index> owned;
    const auto purse_of = [&](Index index) {
        const Balance& balance = state.balances[index];
        return std::pair(balance.asset, balance.wallet);
    };
    for (Index owner = 0; owner < state.accounts.size(); ++owner) {
        owned.clear();
        for (Index index = state.accounts[owner].first_balance; index != NONE;
             index = state.balances[index].next) {
            owned.push_back(index);
        }
        std::ranges::sort(owned, {}, purse_of);
        for (const Index index : owned) {
            const Balance& balance = state.balances[index];
            auto& record = writer.add<wire::StateBalance>(balance.account, balance.asset);
            record.free = balance.free;
            record.held = balance.held;
            record.wallet = balance.wallet;
        }
    }
}

void export_holds(const State& state, Writer& writer) {
    for (const auto& [number, hold] : state.holds) {
        auto& record = writer.add<wire::StateHold>(hold.account, number);
        record.remaining = hold.remaining;
        record.asset = hold.asset;
        record.wallet = hold.wallet;
    }
    for (const auto& [source, last] : state.sources) {
        writer.add<wire::StateSource>(0, source).last = last;
    }
}

void export_recent(const State& state, Writer& writer) {
    for (Index owner = 0; owner < state.accounts.size(); ++owner) {
        const Account& account = state.accounts[owner];
        for (const Recent& recent : account.recent) {
            writer.add<wire::StateRecent>(account.number, recent.order).hash = recent.hash;
        }
    }
}

// Lists by number, which State keeps by account.
void export_lists(const State& state, Writer& writer) {
    std::vector<const OrderList*> lists;
    for (const auto& [key, order_list] : state.lists) lists.push_back(&order_list);
    std::ranges::sort(lists, {}, &OrderList::number);
    for (const OrderList* order_list : lists) {
        auto& record = writer.add<wire::StateOrderList>(order_list->account, order_list->number);
        record.instrument = order_list->instrument;
        record.shape = static_cast<uint8_t>(order_list->shape);
        record.first = order_list->legs[0];
        record.second = order_list->legs[1];
        record.third = order_list->legs[2];
        writer.add_text(record.header, record.TAG_CLIENT_ID, order_list->client_id());
    }
}

// The part of an order's record that plain orders leave empty.
void export_special(const State& state, Index index, wire::StateOrder& record) {
    const Order& order = state.orders[index];
    const Conditions& conditions = state.conditions[index];
    record.unheld = (order.special & UNHELD) != 0;
    const bool rests = order.phase == Phase::WORKING;
    record.shown = (order.special & ICEBERG) && rests ? order.remaining : 0;
    const Triggers& triggers = state.instruments[order.instrument - 1]->triggers;
    record.extreme = order.phase == Phase::TRACKING ? triggers.extreme(order.number)
                                                    : conditions.extreme;
    record.hold_price = conditions.hold_price;
    record.order_list = conditions.order_list;
}

void export_order(const State& state, Index index, Writer& writer) {
    const Order& order = state.orders[index];
    auto& record = writer.add<wire::StateOrder>(order.account, order.number);
    record.instrument = order.instrument;
    record.side = order.side;
    record.order_type = order.order_type;
    record.time_in_force = order.time_in_force;
    record.self_trade = order.self_trade;
    record.price = order.price;
    record.quantity = order.quantity;
    record.filled = order.filled;
    record.prevented = state.prevented(index);
    record.quote_filled = order.quote_filled;
    record.expire_time = order.expire_time;
    record.priority = order.priority;
    record.remember = order.remember;
    record.phase = static_cast<uint8_t>(order.phase);
    record.amends = order.amends;
    if (order.special) [[unlikely]] export_special(state, index, record);
    writer.add_text(record.header, record.TAG_CLIENT_ID, state.client_id(index));
    if (order.special & CONDITIONED) {
        writer.add_block(record.header, state.conditions[index].given);
    }
}

void export_book(const State& state, const Book& book, Writer& writer) {
    for (const uint8_t side : {0, 1}) {
        book.side(side).best_first([&](Index level) {
            for (Index index = state.levels[level].first; index != NONE;
                 index = state.orders[index].level_next) {
                export_order(state, index, writer);
            }
            return true;
        });
    }
}

// Orders outside the books: those that wait for a price or their list's turn, by number, then those
// in the queue, by turn.
void export_outside(const State& state, Writer& writer) {
    std::vector<Index> outside;
    for (const auto& instrument : state.instruments) {
        instrument->triggers.each([&](Index index) { outside.push_back(index); });
    }
    for (const auto& [key, order_list] : state.lists) {
        for (const Index leg : open_legs(state, order_list)) {
            if (state.orders[leg].phase == Phase::PENDING) outside.push_back(leg);
        }
    }
    std::ranges::sort(outside, {}, [&](Index index) { return state.orders[index].number; });
    for (const Index index : outside) export_order(state, index, writer);
    std::vector<std::pair<uint64_t, Index>> queue;
    std::ranges::merge(state.entries.ready, state.entries.stuck, std::back_inserter(queue));
    for (const auto& [turn, index] : queue) export_order(state, index, writer);
}

void export_tail(std::span<const uint8_t> page, Writer& writer) {
    for (size_t offset = 0; offset < page.size(); offset += TAIL_DATA) {
        auto& record = writer.add<wire::StateTail>(0, 0);
        std::memcpy(&record.data0, page.data() + offset, TAIL_DATA);
    }
}

}  // namespace

size_t export_size(const State& state) {
    size_t recent = 0, tiers = 0, further = 0, minutes = 0, list_client_ids = 0;
    for (const FeeTier& tier : state.tiers) tiers += tier.maker_rate >= 0;
    for (const auto& instrument : state.instruments) {
        further += instrument->further != nullptr;
        minutes += instrument->minutes.size();
    }
    for (const auto& [key, order_list] : state.lists) {
        list_client_ids += order_list.client_id_length != 0;
    }
    for (Index owner = 0; owner < state.accounts.size(); ++owner) {
        recent += state.accounts[owner].recent.size();
    }
    return sizeof(wire::StateHead) + sizeof(wire::StateLimits) +
           state.assets.size() * sizeof(wire::StateAsset) +
           state.instruments.size() * sizeof(wire::StateInstrument) +
           state.accounts.size() * sizeof(wire::StateAccount) +
           state.balances.size() * sizeof(wire::StateBalance) +
           state.holds.size() * sizeof(wire::StateHold) +
           state.sources.size() * sizeof(wire::StateSource) + recent * sizeof(wire::StateRecent) +
           state.order_table.size() * sizeof(wire::StateOrder) +
           (state.client_id_table.size() + state.conditioned_orders + list_client_ids) *
               sizeof(wire::Extension) +
           tiers * sizeof(wire::StateFeeTier) + further * sizeof(wire::StateFilters) +
           minutes * sizeof(wire::StateMinute) +
           state.lists.size() * sizeof(wire::StateOrderList) +
           state.stream.page().size() / TAIL_DATA * sizeof(wire::StateTail);
}

void export_state(const State& state, std::span<uint8_t> buffer) {
    Writer writer(buffer.data());
    export_head(state, writer);
    export_tiers(state, writer);
    uint32_t number = 0;
    for (const Asset& asset : state.assets) export_asset(asset, ++number, writer);
    for (const auto& instrument : state.instruments) export_instrument(*instrument, writer);
    for (Index owner = 0; owner < state.accounts.size(); ++owner) {
        export_account(state.accounts[owner], writer);
    }
    export_balances(state, writer);
    export_holds(state, writer);
    export_recent(state, writer);
    export_lists(state, writer);
    for (const auto& instrument : state.instruments) export_book(state, instrument->book, writer);
    export_outside(state, writer);
    export_tail(state.stream.page(), writer);
    FLOWEX_ASSERT(writer.end() == buffer.data() + buffer.size(), "a snapshot of another size");
}

}  // namespace flowex
