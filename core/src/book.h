// An instrument's order book: price levels, best first, and within a level first come first.
//
// The book only orders orders; it moves no money and emits no event.
#pragma once

#include <cstdint>
#include <string_view>

#include "ladder.h"
#include "pool.h"
#include "wire.h"

namespace flowex {

using wire::OrderType;
using wire::Phase;
using wire::Side;

// A set of order types, a bit for each.
constexpr unsigned types(auto... type) { return ((1u << static_cast<unsigned>(type)) | ...); }
inline constexpr unsigned STOP_LOSSES = types(OrderType::STOP_LOSS, OrderType::STOP_LOSS_LIMIT);
inline constexpr unsigned TAKE_PROFITS =
    types(OrderType::TAKE_PROFIT, OrderType::TAKE_PROFIT_LIMIT);
// The types that wait for a price.
inline constexpr unsigned ALGOS = STOP_LOSSES | TAKE_PROFITS;
// The types without a price of their own.
inline constexpr unsigned MARKETS =
    types(OrderType::MARKET, OrderType::STOP_LOSS, OrderType::TAKE_PROFIT);

// Whether a type, which may be anything, is in the set.
constexpr bool is_one_of(unsigned set, uint8_t order_type) {
    return order_type < wire::ORDER_TYPE_COUNT && (set >> order_type & 1);
}
// Whether a stop price lies above the market: a stop to buy, a profit to sell.
constexpr bool is_above(uint8_t order_type, uint8_t side) {
    return is_one_of(STOP_LOSSES, order_type) == (side == static_cast<uint8_t>(Side::BUY));
}

// What makes an order more than price and quantity. Order::special is a set of these; such an
// order has its Conditions.
enum Special : uint8_t {
    CONDITIONED = 1,  // It was placed with conditions.
    ICEBERG = 2,      // The book shows only a part of it.
    LISTED = 4,       // It is a leg of an order list.
    UNHELD = 8,       // It holds no funds, because it is pending or its OCO twin holds more.
};

// An order that is in the book, on its way through it, or waiting to get there. The first cache
// line is what matching reads of a maker; client ids and conditions lie apart, in
// State::client_ids and State::conditions under the same index.
struct alignas(64) Order {
    uint64_t number;
    int64_t price;
    // What can still trade, of an iceberg in the book what it shows; 0 for one by quote amount.
    int64_t remaining;
    uint32_t account;
    uint32_t instrument;
    Index level;
    Index level_next;
    Index level_previous;
    Index account_next;  // By number, and so by age.
    Index account_previous;
    Index pays_from;  // The balance that holds for it, once there is one.
    uint8_t side;
    uint8_t order_type;
    uint8_t time_in_force;
    uint8_t self_trade;
    uint8_t client_id_length;
    bool remember;
    uint8_t special;
    Phase phase;

    int64_t quantity;  // Total; 0 for an order by quote amount, which spends `budget`.
    int64_t filled;
    int64_t quote_filled;
    int64_t budget;
    int64_t expire_time;
    uint64_t priority;
    uint64_t client_id_hash;
    Index timer;  // Its place in the heap of timers, or NONE.
    uint32_t amends;

    bool is_market() const { return MARKETS >> order_type & 1; }
    bool is_algo() const { return ALGOS >> order_type & 1; }
    bool waits() const { return phase == Phase::WAITING || phase == Phase::TRACKING; }
    bool is_queued() const { return phase == Phase::TRIGGERED || phase == Phase::RELEASED; }
};
static_assert(sizeof(Order) == 128);

// What an order has that is more than price and quantity; of plain orders nothing is written here.
struct Conditions {
    wire::Conditions given;  // As on the wire; all zero of a leg without conditions.
    int64_t hidden;          // What an iceberg in the book does not show.
    int64_t extreme;         // The best price since it began to trail, once it trails no more.
    int64_t hold_price;      // At which a buy without a price of its own holds funds.
    uint64_t order_list;     // Its list's number, or 0.
    uint64_t turn;           // Its place in the queue to the market.
};

struct ClientId {
    char text[wire::CLIENT_ID_MAX];
};

// All orders at one price, oldest first, and the total they show. A level that lost its
// last order keeps price, quantity 0 and orders 0 until another level takes its index.
struct alignas(32) Level {
    int64_t price;
    int64_t quantity;
    Index first;
    Index last;
    uint32_t orders;
};

using Orders = Pool<Order>;
using AllConditions = Pool<Conditions>;
using Levels = Pool<Level>;

// The levels of one side; keys ascend towards the best price, whichever side it is.
class alignas(64) BookSide {
  public:
    explicit BookSide(Side side) : sign_(side == Side::BUY ? 1 : -1) {}

    // Lower than any level's key: the limit of a taker that takes any price.
    static constexpr int64_t ANY_PRICE = INT64_MIN;

    int64_t key(int64_t price) const { return sign_ * price; }
    bool empty() const { return ladder_.empty(); }

    // The level that trades next, or NONE.
    Index best() const { return ladder_.empty() ? NONE : ladder_.best(); }

    // Put the order at the end of its level and return the level.
    Level& add(Orders& orders, Levels& levels, Index index);

    // Put an order that is in its level behind everybody else there.
    static void move_back(Orders& orders, Levels& levels, Index index);

    // Take the order out, and its level when it was the last; return the level.
    Level& remove(Orders& orders, Levels& levels, Index index);

    // Call `visit(level index)` from the best price on until it returns false.
    template <class Visit>
    void best_first(Visit visit) const {
        ladder_.best_first(visit);
    }

  private:
    int64_t sign_;
    Ladder ladder_;
};

// Both sides of an instrument.
class Book {
  public:
    BookSide& side(uint8_t side) { return sides_[side]; }
    const BookSide& side(uint8_t side) const { return sides_[side]; }
    // The side that an order of `side` trades against.
    BookSide& opposite(uint8_t side) { return sides_[1 - side]; }
    const BookSide& opposite(uint8_t side) const { return sides_[1 - side]; }
    bool empty() const { return sides_[0].empty() && sides_[1].empty(); }

  private:
    BookSide sides_[2] = {BookSide(Side::BUY), BookSide(Side::SELL)};
};

}  // namespace flowex
