// The containers under the machine, each against one of the standard library.

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "../src/ladder.h"
#include "../src/names.h"
#include "../src/table.h"
#include "../src/timers.h"
#include "check.h"

using namespace flowex;

static void compare(const Ladder& ladder, const std::map<int64_t, Index>& truth) {
    auto expected = truth.rbegin();
    ladder.best_first([&](Index level) {
        CHECK(expected != truth.rend() && level == expected->second);
        ++expected;
        return true;
    });
    CHECK(expected == truth.rend());
    CHECK(ladder.empty() == truth.empty());
    if (!truth.empty()) CHECK(ladder.best() == truth.rbegin()->second);
}

// Keys grow to thousands, so that pages split, and shrink to none, so that they join.
static void test_ladder(uint64_t seed, uint64_t spread) {
    Chance chance(seed);
    Ladder ladder;
    std::map<int64_t, Index> truth;
    for (int phase = 0; phase < 6; ++phase) {
        const uint64_t grows = phase % 2 ? 1 : 3;
        for (Index step = 0; step < 6000; ++step) {
            const auto middle = static_cast<int64_t>(spread / 2);
            const auto key = static_cast<int64_t>(chance.below(spread)) - middle;
            if (chance.below(4) < grows) {
                Index& level = ladder.at(key);
                const auto known = truth.find(key);
                CHECK(level == (known == truth.end() ? NONE : known->second));
                level = truth[key] = step;
            } else if (!truth.empty()) {
                auto victim = chance.one_in(2) ? std::prev(truth.end()) : truth.lower_bound(key);
                if (victim == truth.end()) victim = truth.begin();
                ladder.remove(victim->first);
                truth.erase(victim);
            }
        }
        compare(ladder, truth);
    }
    while (!truth.empty()) {
        ladder.remove(truth.begin()->first);
        truth.erase(truth.begin());
    }
    compare(ladder, truth);
}

static void test_table(uint64_t seed) {
    Chance chance(seed);
    Table table;
    std::unordered_map<uint64_t, Index> truth;
    // Few different hashes, so that probes run long and removals shift.
    const auto hash = [](uint64_t key) { return key % 97 * 3; };
    for (int step = 0; step < 60'000; ++step) {
        const uint64_t key = chance.below(3000);
        const auto same = [&](Index index) { return index == key; };
        const bool known = truth.contains(key);
        CHECK((table.find(hash(key), same) != NONE) == known);
        if (known) {
            table.remove(hash(key), static_cast<Index>(key));
            truth.erase(key);
        } else if (chance.below(2500) > truth.size()) {
            table.add(hash(key), static_cast<Index>(key));
            truth[key] = static_cast<Index>(key);
        }
        CHECK(table.size() == truth.size());
    }
}

static void test_timers(uint64_t seed) {
    Chance chance(seed);
    Orders orders;
    Timers timers;
    std::set<std::pair<int64_t, uint64_t>> truth;
    std::map<uint64_t, Index> index_of;
    uint64_t number = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (chance.below(1000) > truth.size()) {
            const Index index = orders.take();
            orders[index].number = ++number;
            orders[index].expire_time = static_cast<int64_t>(chance.below(500));
            timers.add(orders, index);
            truth.emplace(orders[index].expire_time, number);
            index_of[number] = index;
        } else {
            auto victim = truth.begin();
            const auto time = static_cast<int64_t>(chance.below(500));
            if (chance.one_in(2)) victim = truth.lower_bound({time, 0});
            if (victim == truth.end()) continue;
            const Index index = index_of[victim->second];
            timers.remove(orders, index);
            CHECK(orders[index].timer == NONE);
            orders.give(index);
            truth.erase(victim);
        }
        CHECK(timers.size() == truth.size());
        if (truth.empty()) continue;
        CHECK(timers.first_time() == truth.begin()->first);
        CHECK(orders[timers.first()].number == truth.begin()->second);
    }
}

// Every length, and at every place of it every byte.
static void test_client_ids() {
    for (size_t size = 0; size <= 40; ++size) {
        const bool fits = size <= static_cast<size_t>(wire::CLIENT_ID_MAX);
        for (size_t place = 0; place < size; ++place) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string text(size, place % 2 ? '!' : '~');
                text[place] = static_cast<char>(byte);
                CHECK(is_client_id(text) == (fits && '!' <= byte && byte <= '~'));
            }
        }
    }
    CHECK(is_client_id({}));
}

int main() {
    test_client_ids();
    for (uint64_t seed = 1; seed <= 4; ++seed) {
        test_ladder(seed, 20);
        test_ladder(seed, 5000);
        test_ladder(seed, uint64_t{1} << 62);
        test_table(seed);
        test_timers(seed);
    }
    std::puts("structures: as the standard library's");
}
