// The way back of canonical.cpp: records to state, believing nothing.

#include <algorithm>
#include <string>

#include "accounts.h"
#include "average.h"
#include "canonical.h"
#include "fees.h"
#include "filters.h"
#include "flowex.h"
#include "instruments.h"
#include "invariants.h"
#include "lifecycle.h"
#include "names.h"
#include "orders.h"

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
    void add(const wire::StateFeeTier& record, const Texts&);
    void add(const wire::StateAsset& record, const Texts&);
    void add(const wire::StateInstrument& record, const Texts&);
    void add(const wire::StateFilters& record, const Texts&);
    void add(const wire::StateMinute& record, const Texts&);
    void add(const wire::StateAccount& record, const Texts&);
    void add(const wire::StateBalance& record, const Texts&);
    void add(const wire::StateHold& record, const Texts&);
    void add(const wire::StateSource& record, const Texts&);
    void add(const wire::StateRecent& record, const Texts&);
    void add(const wire::StateOrderList& record, const Texts& texts);
    void add(const wire::StateOrder& record, const Texts& texts);
    void add(const wire::StateTail& record, const Texts&);

    template <class Record>
    void unpack(const wire::Header& record) {
        Texts texts;
        const Record* unpacked = decode<Record>(record, texts);
        require(unpacked, "a state record with bad blocks, flags or texts");
        add(*unpacked, texts);
    }

    void check_order(const wire::StateOrder& record, const Texts& texts) const;
    void add_special(const wire::StateOrder& record, const Texts& texts, Index index);
    void explain_hold(Index index);
    void place(Index index);
    Instrument* instrument_of(const wire::Header& header) const;
    void index_orders();

    std::unique_ptr<State> state_ = std::make_unique<State>();
    uint64_t pages_hash_ = 0;
    std::vector<uint8_t> page_;
    std::vector<int64_t> unissued_;  // Per asset: what no balance has accounted for yet.
    std::vector<int64_t> unheld_;    // Per balance: what no order or withdrawal explains yet.
    std::vector<Index> orders_;
    uint64_t last_list_ = 0;
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
        case wire::StateFeeTier::KIND: return unpack<wire::StateFeeTier>(record);
        case wire::StateFilters::KIND: return unpack<wire::StateFilters>(record);
        case wire::StateMinute::KIND: return unpack<wire::StateMinute>(record);
        case wire::StateOrderList::KIND: return unpack<wire::StateOrderList>(record);
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
    require(head.time >= 0, "time before 1970");
    state_->sequence = head.header.number;
    state_->time = head.time;
    state_->stream.event_number = head.event_number;
    pages_hash_ = head.events_hash;
    state_->last_order = head.last_order;
    state_->last_hold = head.last_hold;
    state_->last_list = head.last_list;
    state_->rules_version = head.rules_version;
    state_->halted = head.halted;
    std::ranges::copy(head.exchange, state_->exchange.begin());
}

void Restorer::add(const wire::StateLimits& record, const Texts&) {
    std::copy_n(&record.accounts, wire::LIMIT_COUNT, state_->limits.begin());
}

void Restorer::add(const wire::StateFeeTier& record, const Texts&) {
    const uint64_t number = record.header.number;
    require(1 <= number && number <= uint64_t{wire::FEE_TIERS_MAX} &&
                is_rate(record.maker_rate) && is_rate(record.taker_rate),
            "a fee tier out of range");
    if (state_->tiers.size() < number) state_->tiers.resize(number);
    state_->tiers[number - 1] = {record.maker_rate, record.taker_rate};
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
    instrument.last_price = record.last_price;
    require(0 <= record.last_price && record.last_price <= wire::SUPPLY_MAX,
            "a last price out of range");
    std::ranges::copy(record.symbol, instrument.symbol.begin());
}

void Restorer::add(const wire::StateFilters& record, const Texts&) {
    Instrument* instrument = instrument_of(record.header);
    const Further further = further_of(record);
    require(are_sound(further), "filters out of range");
    instrument->further = std::make_unique<Further>(further);
}

void Restorer::add(const wire::StateMinute& record, const Texts&) {
    Instrument* instrument = instrument_of(record.header);
    const Minute minute = {
        record.minute,
        static_cast<Sum>(record.quantity_high) << 64 | record.quantity_low,
        static_cast<Sum>(record.quote_high) << 64 | record.quote_low,
    };
    std::vector<Minute>& minutes = instrument->minutes;
    // No average over these can leave the range of prices.
    constexpr Sum SUM_MAX = Sum{1} << 120;
    require(0 < minute.quantity && minute.quantity < SUM_MAX && minute.quote < SUM_MAX &&
                minute.quote / minute.quantity < Sum{wire::SUPPLY_MAX} && 0 <= minute.number &&
                minute.number <= state_->time / MINUTE &&
                (minutes.empty() || minutes.back().number < minute.number) &&
                minutes.size() < static_cast<size_t>(wire::AVERAGE_MINUTES_MAX),
            "a minute out of range");
    minutes.push_back(minute);
}

// The instrument that a record about its further filters or minutes names.
Instrument* Restorer::instrument_of(const wire::Header& header) const {
    const auto number = static_cast<uint32_t>(header.number);
    Instrument* instrument = number == header.number ? state_->instrument(number) : nullptr;
    require(instrument, "filters or a minute of no instrument");
    return instrument;
}

void Restorer::add(const wire::StateAccount& record, const Texts&) {
    require(record.header.number == state_->accounts.size() + 1, "accounts out of order");
    const bool has_rates = is_rate(record.maker_rate) && is_rate(record.taker_rate);
    const bool has_none = record.maker_rate == -1 && record.taker_rate == -1;
    require((has_rates || has_none) && record.state < wire::ACCOUNT_STATE_COUNT &&
                (!record.tier || is_tier(*state_, record.tier)),
            "an account out of range");
    Account& account = add_account(*state_, record.parent, record.trade_group);
    account.maker_rate = static_cast<int32_t>(record.maker_rate);
    account.taker_rate = static_cast<int32_t>(record.taker_rate);
    account.state = record.state;
    account.tier = record.tier;
}

void Restorer::add(const wire::StateBalance& record, const Texts&) {
    const uint32_t account = record.header.account;
    const auto asset = static_cast<uint32_t>(record.header.number);
    require(state_->account(account) && record.header.number == asset && state_->asset(asset) &&
                (record.wallet == SPOT || record.wallet == FUNDING) &&
                find_balance(*state_, account, asset, record.wallet) == NONE,
            "a balance of nobody, of no asset or given twice");
    int64_t& unissued = unissued_[asset - 1];
    require(0 <= record.free && record.free <= unissued && 0 <= record.held &&
                record.held <= unissued - record.free,
            "a balance out of range");
    unissued -= record.free + record.held;
    Balance& balance = state_->balances[add_balance(*state_, account, asset, record.wallet)];
    balance.free = record.free;
    balance.held = record.held;
    unheld_.push_back(record.held);
}

void Restorer::add(const wire::StateHold& record, const Texts&) {
    const uint64_t number = record.header.number;
    const uint32_t account = record.header.account;
    require(state_->account(account), "a withdrawal's hold of nobody");
    const Index balance = find_balance(*state_, account, record.asset, record.wallet);
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

void Restorer::add(const wire::StateOrderList& record, const Texts& texts) {
    const uint64_t number = record.header.number;
    const uint32_t account = record.header.account;
    require(state_->account(account) && state_->instrument(record.instrument),
            "an order list of nobody or on nothing");
    require(last_list_ < number && number <= state_->last_list &&
                record.shape < wire::LIST_SHAPE_COUNT && is_client_id(texts.client_id),
            "an order list out of range");
    last_list_ = number;
    OrderList& order_list = state_->lists[{account, number}];
    order_list = {number,
                  account,
                  record.instrument,
                  static_cast<wire::ListShape>(record.shape),
                  static_cast<uint8_t>(texts.client_id.size()),
                  {record.first, record.second, record.third},
                  {}};
    std::ranges::copy(texts.client_id, order_list.text.text);
}

// Whether an order's numbers are those of one that can be open.
void Restorer::check_order(const wire::StateOrder& record, const Texts& texts) const {
    const uint64_t number = record.header.number;
    const Instrument* instrument = state_->instrument(record.instrument);
    require(state_->account(record.header.account) && instrument &&
                record.side < wire::SIDE_COUNT && record.order_type < wire::ORDER_TYPE_COUNT &&
                record.phase < wire::PHASE_COUNT,
            "an order of nobody, on nothing, on no side or nowhere");
    const bool rests = static_cast<Phase>(record.phase) == Phase::WORKING;
    require(0 < number && number <= state_->last_order && find_order(*state_, number) == NONE &&
                rests == (record.priority > 0) && record.priority <= state_->sequence,
            "an order's number or priority out of range");
    const bool has_price = !is_one_of(MARKETS, record.order_type);
    require(0 <= record.price && record.price <= wire::SUPPLY_MAX &&
                has_price == (record.price > 0) && 0 < record.quantity &&
                record.quantity <= instrument->quantity_supply_max && 0 <= record.filled &&
                record.filled < record.quantity && 0 <= record.prevented &&
                record.prevented < record.quantity - record.filled && record.quote_filled >= 0,
            "an order's numbers out of range");
    require(0 <= record.extreme && record.extreme <= wire::SUPPLY_MAX && 0 <= record.hold_price &&
                record.hold_price <= wire::SUPPLY_MAX,
            "an order's prices out of range");
    require(is_client_id(texts.client_id), "an order's client id is none");
    if (!texts.conditions) return;
    const wire::Conditions& given = *texts.conditions;
    require((given.stop_price | given.display_quantity | given.strategy_id) >= 0 &&
                given.stop_price <= wire::SUPPLY_MAX &&
                given.trailing_delta <= wire::TRAILING_DELTA_MAX,
            "an order's conditions out of range");
}

// Give a drafted order what makes it more than price and quantity.
void Restorer::add_special(const wire::StateOrder& record, const Texts& texts, Index index) {
    Order& order = state_->orders[index];
    if (texts.conditions) {
        order.special |= CONDITIONED;
        if (texts.conditions->display_quantity) order.special |= ICEBERG;
    }
    if (record.order_list) order.special |= LISTED;
    if (record.unheld) order.special |= UNHELD;
    require(order.special || !(record.extreme || record.hold_price || record.phase),
            "a plain order that waits");
    if (!order.special) return;
    state_->conditions.reach(index);
    Conditions& conditions = state_->conditions[index];
    conditions = {};
    if (texts.conditions) conditions.given = normal(*texts.conditions);
    conditions.extreme = record.extreme;
    conditions.hold_price = record.hold_price;
    conditions.order_list = record.order_list;
    if (record.order_list) {
        const auto known = state_->lists.find({order.account, record.order_list});
        require(known != state_->lists.end() && known->second.instrument == order.instrument &&
                    std::ranges::count(known->second.legs, order.number) == 1,
                "a leg of a list that does not know it");
    }
    if ((order.special & ICEBERG) && order.phase == Phase::WORKING) {
        require(0 < record.shown && record.shown <= order.remaining, "an iceberg out of range");
        conditions.hidden = order.remaining - record.shown;
        order.remaining = record.shown;
    }
}

// Take what an order holds from what its account's balance holds for something not yet known.
void Restorer::explain_hold(Index index) {
    Order& order = state_->orders[index];
    const Instrument& instrument = state_->instrument_of(order);
    order.pays_from = find_balance(*state_, order.account, hold_asset(instrument, order.side));
    const Wide atoms = worst_atoms(*state_, instrument, index, state_->remaining(index));
    if (atoms == 0) return;
    require(order.pays_from != NONE && atoms <= unheld_[order.pays_from],
            "an order without money");
    unheld_[order.pays_from] -= static_cast<int64_t>(atoms);
}

// Put an order where its phase says.
void Restorer::place(Index index) {
    Order& order = state_->orders[index];
    Instrument& instrument = state_->instrument_of(order);
    const bool waits = order.waits();
    require(!waits || order.is_algo(), "an order waits for no price");
    if (order.phase == Phase::WORKING) {
        instrument.book.side(order.side).add(state_->orders, state_->levels, index);
    } else if (order.phase == Phase::WAITING) {
        instrument.triggers.wait(order, state_->conditions[index], index);
    } else if (order.phase == Phase::TRACKING) {
        instrument.triggers.track(order, state_->conditions[index], index,
                                  state_->conditions[index].extreme);
    } else if (order.is_queued()) {
        enqueue(*state_, instrument, index);
    }
}

void Restorer::add(const wire::StateOrder& record, const Texts& texts) {
    check_order(record, texts);
    const Index index = state_->orders.take();
    Order& order = state_->orders[index];
    order = {};
    order.number = record.header.number;
    order.price = record.price;
    order.remaining = record.quantity - record.filled - record.prevented;
    order.account = record.header.account;
    order.instrument = record.instrument;
    order.account_next = order.account_previous = NONE;
    order.side = record.side;
    order.order_type = record.order_type;
    order.time_in_force = record.time_in_force;
    order.self_trade = record.self_trade;
    order.client_id_length = static_cast<uint8_t>(texts.client_id.size());
    order.remember = record.remember;
    order.phase = static_cast<Phase>(record.phase);
    order.quantity = record.quantity;
    order.filled = record.filled;
    order.quote_filled = record.quote_filled;
    order.expire_time = record.expire_time;
    order.priority = record.priority;
    order.client_id_hash = texts.client_id.empty() ? 0 : text_hash(texts.client_id);
    order.timer = NONE;
    order.amends = record.amends;
    if (!texts.client_id.empty()) {
        require(find_client_id(*state_, order.account, texts.client_id, order.client_id_hash) ==
                    NONE,
                "a client id given twice");
        state_->client_ids.reach(index);
        std::ranges::copy(texts.client_id, state_->client_ids[index].text);
    }
    add_special(record, texts, index);
    explain_hold(index);
    place(index);
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
