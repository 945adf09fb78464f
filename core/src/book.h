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

using wire::Side;

// An order that is in the book or on its way through it. The first cache line is what matching
// reads of a maker; client ids lie apart, in State::client_ids under the same index.
struct alignas(64) Order {
    uint64_t number;
    int64_t price;
    int64_t remaining;  // What can still trade; 0 for an order by quote amount.
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
    uint16_t unused;

    int64_t quantity;  // Total; 0 for an order by quote amount, which spends `budget`.
    int64_t filled;
    int64_t quote_filled;
    int64_t budget;
    int64_t expire_time;
    uint64_t priority;
    uint64_t client_id_hash;
    Index timer;  // Its place in the heap of timers, or NONE.

    // What self-trade prevention took from its quantity.
    int64_t prevented() const { return quantity - filled - remaining; }
};
static_assert(sizeof(Order) == 128);

struct ClientId {
    char text[wire::CLIENT_ID_MAX];
};

// All orders at one price, oldest first, and their total remaining quantity. A level that lost its
// last order keeps price, quantity 0 and orders 0 until another level takes its index.
struct alignas(32) Level {
    int64_t price;
    int64_t quantity;
    Index first;
    Index last;
    uint32_t orders;
};

using Orders = Pool<Order>;
using Levels = Pool<Level>;

// The levels of one side; keys ascend towards the best price, whichever side it is.
class BookSide {
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
