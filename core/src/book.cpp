#include "book.h"

namespace flowex {

Level& BookSide::add(Orders& orders, Levels& levels, Index index) {
    Order& order = orders[index];
    Index& place = ladder_.at(key(order.price));
    if (place == NONE) {
        place = levels.take();
        levels[place] = {order.price, 0, NONE, NONE, 0};
    }
    Level& level = levels[place];
    order.level = place;
    order.level_previous = level.last;
    order.level_next = NONE;
    (level.last == NONE ? level.first : orders[level.last].level_next) = index;
    level.last = index;
    level.quantity += order.remaining;
    ++level.orders;
    return level;
}

void BookSide::move_back(Orders& orders, Levels& levels, Index index) {
    Order& order = orders[index];
    Level& level = levels[order.level];
    if (level.last == index) return;
    (order.level_previous == NONE ? level.first : orders[order.level_previous].level_next) =
        order.level_next;
    orders[order.level_next].level_previous = order.level_previous;
    order.level_previous = level.last;
    order.level_next = NONE;
    orders[level.last].level_next = index;
    level.last = index;
}

Level& BookSide::remove(Orders& orders, Levels& levels, Index index) {
    const Order& order = orders[index];
    Level& level = levels[order.level];
    const Index next = order.level_next, previous = order.level_previous;
    (previous == NONE ? level.first : orders[previous].level_next) = next;
    (next == NONE ? level.last : orders[next].level_previous) = previous;
    level.quantity -= order.remaining;
    if (--level.orders == 0) {
        ladder_.remove(key(level.price));
        levels.give(order.level);
    }
    return level;
}

}  // namespace flowex
