// The way back of canonical.cpp: records to state, believing nothing.

#include <algorithm>
#include <string>

#include "accounts.h"
#include "canonical.h"
#include "fees.h"
#include "flowex.h"
#include "instruments.h"
#include "invariants.h"
#include "lifecycle.h"
#include "names.h"

namespace flowex {
namespace {

void require(bool condition, const char* complaint) {
    if (!condition) throw RecordError(complaint);
}

// Puts the pieces of a state together, in canonical order. It checks what it needs to stay within
// bounds; whether the whole is sound is asked of the invariants afterwards.
class Restorer {
  public:
    std::unique_ptr<State> restore(std::span<const uint8_t> snapshot);

  private:
    void visit(const wire::Header& record);

    void add(const wire::StateHead& head, const Texts&);
    void add(const wire::StateLimits& record, const Texts&);
    void add(const wire::StateAsset& record, const Texts&);
    void add(const wire::StateInstrument& record, const Texts&);
    void add(const wire::StateAccount& record, const Texts&);
    void add(const wire::StateBalance& record, const Texts&);
    void add(const wire::StateHold& record, const Texts&);
    void add(const wire::StateSource& record, const Texts&);
    void add(const wire::StateRecent& record, const Texts&);
    void add(const wire::StateOrder& record, const Texts& texts);
    void add(const wire::StateTail& record, const Texts&);

    template <class Record>
    void unpack(const wire::Header& record) {
        Texts texts;
        const Record* unpacked = decode<Record>(record, texts);
        require(unpacked, "a state record with bad blocks, flags or texts");
        add(*unpacked, texts);
    }

    void index_orders();

    std::unique_ptr<State> state_ = std::make_unique<State>();
    uint64_t pages_hash_ = 0;
    std::vector<uint8_t> page_;
    std::vector<int64_t> unissued_;  // Per asset: what no balance has accounted for yet.
    std::vector<int64_t> unheld_;    // Per balance: what no order or withdrawal explains yet.
    std::vector<Index> orders_;
};

std::unique_ptr<State> Restorer::restore(std::span<const uint8_t> snapshot) {
    require(snapshot.size() % wire::BLOCK == 0, "no whole number of blocks");
    require(!snapshot.empty() && snapshot[0] == wire::StateHead::KIND,
            "a snapshot begins with its head");
    for (size_t offset = 0; offset < snapshot.size();) {
        const auto& record = *reinterpret_cast<const wire::Header*>(snapshot.data() + offset);
        const size_t size = record.blocks * size_t{wire::BLOCK};
        require(size && record.blocks <= wire::BLOCKS_MAX && size <= snapshot.size() - offset,
                "block counts do not add up");
        visit(record);
        offset += size;
    }
    require(page_.size() < wire::EVENTS_PAGE, "more than a page of events");
    state_->stream.restore(pages_hash_, page_);
    index_orders();
    return std::move(state_);
}

void Restorer::visit(const wire::Header& record) {
    switch (record.kind) {
        case wire::StateHead::KIND: return unpack<wire::StateHead>(record);
        case wire::StateLimits::KIND: return unpack<wire::StateLimits>(record);
        case wire::StateAsset::KIND: return unpack<wire::StateAsset>(record);
        case wire::StateInstrument::KIND: return unpack<wire::StateInstrument>(record);
        case wire::StateAccount::KIND: return unpack<wire::StateAccount>(record);
        case wire::StateBalance::KIND: return unpack<wire::StateBalance>(record);
        case wire::StateHold::KIND: return unpack<wire::StateHold>(record);
        case wire::StateSource::KIND: return unpack<wire::StateSource>(record);
        case wire::StateRecent::KIND: return unpack<wire::StateRecent>(record);
        case wire::StateOrder::KIND: return unpack<wire::StateOrder>(record);
        case wire::StateTail::KIND: return unpack<wire::StateTail>(record);
        default: throw RecordError("no state record has kind " + std::to_string(record.kind));
    }
}

void Restorer::add(const wire::StateHead& head, const Texts&) {
    require(head.wire_version == wire::WIRE_VERSION, "another wire version");
    state_->sequence = head.header.number;
    state_->time = head.time;
    state_->stream.event_number = head.event_number;
    pages_hash_ = head.events_hash;
    state_->last_order = head.last_order;
    state_->last_hold = head.last_hold;
    state_->rules_version = head.rules_version;
    state_->halted = head.halted;
    std::ranges::copy(head.exchange, state_->exchange.begin());
}

void Restorer::add(const wire::StateLimits& record, const Texts&) {
    std::copy_n(&record.accounts, wire::LIMIT_COUNT, state_->limits.begin());
}

void Restorer::add(const wire::StateAsset& record, const Texts&) {
    require(record.header.number == state_->assets.size() + 1, "assets out of order");
    require(record.decimals <= wire::DECIMALS_MAX && is_asset_code(fixed_text(record.code)) &&
                0 <= record.issued && record.issued <= wire::SUPPLY_MAX,
            "an asset out of range");
    Asset& asset = state_->assets.emplace_back();
    std::ranges::copy(record.code, asset.code.begin());
    asset.decimals = record.decimals;
    asset.issued = record.issued;
    unissued_.push_back(record.issued);
}

void Restorer::add(const wire::StateInstrument& record, const Texts&) {
    require(record.header.number == state_->instruments.size() + 1, "instruments out of order");
    const Asset* base = state_->asset(record.base_asset);
    require(base && state_->asset(record.quote_asset) && record.base_asset != record.quote_asset,
            "an instrument of no assets");
    const int64_t scale = base_scale(base->decimals, record.quantity_decimals);
    const Filters filters = filters_of(record);
    require(scale && record.instrument_kind == static_cast<uint8_t>(wire::InstrumentKind::SPOT) &&
                record.state < wire::INSTRUMENT_STATE_COUNT && is_rate(record.maker_rate) &&
                is_rate(record.taker_rate) && are_sound(filters) &&
                is_symbol(fixed_text(record.symbol)),
            "an instrument out of range");
    auto& instrument = *state_->instruments.emplace_back(std::make_unique<Instrument>());
    instrument.number = static_cast<uint32_t>(state_->instruments.size());
    set_units(instrument, record.base_asset, record.quote_asset, record.quantity_decimals, scale);
    instrument.kind = record.instrument_kind;
    instrument.state = record.state;
    instrument.maker_rate = record.maker_rate;
    instrument.taker_rate = record.taker_rate;
    instrument.filters = filters;
    instrument.last_trade = record.last_trade;
    instrument.last_update = record.last_update;
    instrument.last_match = record.last_match;
    std::ranges::copy(record.symbol, instrument.symbol.begin());
}

void Restorer::add(const wire::StateAccount& record, const Texts&) {
    require(record.header.number == state_->accounts.size() + 1, "accounts out of order");
    const bool has_rates = is_rate(record.maker_rate) && is_rate(record.taker_rate);
    const bool has_none = record.maker_rate == -1 && record.taker_rate == -1;
    require((has_rates || has_none) && record.state < wire::ACCOUNT_STATE_COUNT,
            "an account out of range");
    Account& account = add_account(*state_, record.parent, record.trade_group);
    account.maker_rate = static_cast<int32_t>(record.maker_rate);
    account.taker_rate = static_cast<int32_t>(record.taker_rate);
    account.state = record.state;
}

void Restorer::add(const wire::StateBalance& record, const Texts&) {
    const uint32_t account = record.header.account;
    const auto asset = static_cast<uint32_t>(record.header.number);
    require(state_->account(account) && record.header.number == asset && state_->asset(asset) &&
                find_balance(*state_, account, asset) == NONE,
            "a balance of nobody, of no asset or given twice");
    int64_t& unissued = unissued_[asset - 1];
    require(0 <= record.free && record.free <= unissued && 0 <= record.held &&
                record.held <= unissued - record.free,
            "a balance out of range");
    unissued -= record.free + record.held;
    Balance& balance = state_->balances[add_balance(*state_, account, asset)];
    balance.free = record.free;
    balance.held = record.held;
    unheld_.push_back(record.held);
}

void Restorer::add(const wire::StateHold& record, const Texts&) {
    const uint64_t number = record.header.number;
    const uint32_t account = record.header.account;
    require(state_->account(account), "a withdrawal's hold of nobody");
    const Index balance = find_balance(*state_, account, record.asset);
    require(balance != NONE && 0 < record.remaining && record.remaining <= unheld_[balance] &&
                0 < number && number <= state_->last_hold,
            "a withdrawal's hold out of range");
    unheld_[balance] -= record.remaining;
    const WithdrawalHold hold = {number, account, record.asset, record.wallet, record.remaining};
    state_->holds.emplace_hint(state_->holds.end(), number, hold);
}

void Restorer::add(const wire::StateSource& record, const Texts&) {
    state_->sources[static_cast<uint32_t>(record.header.number)] = record.last;
}

void Restorer::add(const wire::StateRecent& record, const Texts&) {
    Account* account = state_->account(record.header.account);
    require(account && account->recent.size() < static_cast<size_t>(wire::RECENT_MAX),
            "a recent client id of nobody, or too many");
    account->recent.push_back({record.hash, record.header.number});
}

void Restorer::add(const wire::StateOrder& record, const Texts& texts) {
    const uint64_t number = record.header.number;
    const uint32_t account = record.header.account;
    Instrument* instrument = state_->instrument(record.instrument);
    require(state_->account(account) && instrument && record.side < wire::SIDE_COUNT,
            "an order of nobody, on nothing or on no side");
    require(0 < number && number <= state_->last_order && find_order(*state_, number) == NONE &&
                0 < record.priority && record.priority <= state_->sequence,
            "an order's number or priority out of range");
    require(0 < record.price && record.price <= wire::SUPPLY_MAX && 0 < record.quantity &&
                record.quantity <= wire::SUPPLY_MAX && 0 <= record.filled &&
                record.filled < record.quantity && 0 <= record.prevented &&
                record.prevented < record.quantity - record.filled && record.quote_filled >= 0,
            "an order's numbers out of range");
    const int64_t remaining = record.quantity - record.filled - record.prevented;
    const bool buys = record.side == static_cast<uint8_t>(Side::BUY);
    const int64_t atoms_per_unit = buys ? record.price : instrument->base_scale;
    const Wide atoms = static_cast<Wide>(remaining) * atoms_per_unit;
    const Index balance = find_balance(*state_, account, hold_asset(*instrument, record.side));
    require(balance != NONE && atoms <= unheld_[balance], "an order without money");
    unheld_[balance] -= static_cast<int64_t>(atoms);
    require(is_client_id(texts.client_id), "an order's client id is none");
    const uint64_t hash = texts.client_id.empty() ? 0 : text_hash(texts.client_id);
    const Index index = state_->orders.take();
    Order& order = state_->orders[index];
    order = {};
    order.number = number;
    order.price = record.price;
    order.remaining = remaining;
    order.account = account;
    order.instrument = record.instrument;
    order.account_next = order.account_previous = NONE;
    order.pays_from = balance;
    order.side = record.side;
    order.order_type = record.order_type;
    order.time_in_force = record.time_in_force;
    order.self_trade = record.self_trade;
    order.client_id_length = static_cast<uint8_t>(texts.client_id.size());
    order.remember = record.remember;
    order.quantity = record.quantity;
    order.filled = record.filled;
    order.quote_filled = record.quote_filled;
    order.expire_time = record.expire_time;
    order.priority = record.priority;
    order.client_id_hash = hash;
    order.timer = NONE;
    if (!texts.client_id.empty()) {
        require(find_client_id(*state_, account, texts.client_id, hash) == NONE,
                "a client id given twice");
        state_->client_ids.reach(index);
        std::ranges::copy(texts.client_id, state_->client_ids[index].text);
    }
    instrument->book.side(record.side).add(state_->orders, state_->levels, index);
    orders_.push_back(index);
}

void Restorer::add(const wire::StateTail& record, const Texts&) {
    const auto* data = reinterpret_cast<const uint8_t*>(&record.data0);
    page_.insert(page_.end(), data, data + 4 * sizeof record.data0);
}

// Rebuild what canonical order does not carry: per account by number, and the timers.
void Restorer::index_orders() {
    std::ranges::sort(orders_, {}, [&](Index index) { return state_->orders[index].number; });
    for (const Index index : orders_) {
        enlist(*state_, index);
        if (state_->orders[index].expire_time) state_->timers.add(state_->orders, index);
    }
}

}  // namespace

std::unique_ptr<State> restore(std::span<const uint8_t> snapshot) {
    const Aligned aligned(snapshot);
    std::unique_ptr<State> state = Restorer().restore(aligned.records);
    try {
        check_invariants(*state);
    } catch (const BrokenAssert& bug) {
        throw RecordError(std::string("no sound machine: ") + bug.text);
    }
    std::vector<uint8_t> again(export_size(*state));
    require(again.size() == snapshot.size(), "not in canonical form");
    export_state(*state, again);
    require(std::ranges::equal(again, snapshot), "not in canonical form");
    return state;
}

}  // namespace flowex
