// Many random commands under sanitizers, with every invariant checked after each in a debug build.
//
//     test_random [COMMANDS [FIRST_SEED]]
//
// Two machines get the same, one of them in batches and through snapshots; they must agree.

#include <algorithm>

#include "flowex.h"
#include "random_commands.h"

using namespace flowex;
using random_commands::Buffer;

static Machine reborn(const Machine& machine) {
    Buffer buffer(machine.snapshot_size());
    machine.snapshot(buffer);
    return Machine(buffer);
}

// Returns how many commands were accepted.
static uint64_t run(uint64_t seed, uint64_t count) {
    Machine single, batched;
    random_commands::Commands commands(seed);
    Chance chance(seed);
    const Buffer opening = random_commands::opening(seed % 3 == 2);
    single.apply(1, opening);
    batched.apply(1, opening);
    uint64_t accepted = 0;
    for (uint64_t applied = 0; applied < count;) {
        commands.time += static_cast<int64_t>(chance.below(100));
        Buffer batch, told;
        for (uint64_t size = 1 + chance.below(40); size > 0; --size, ++applied) {
            Buffer one;
            commands.draw(one);
            batch.insert(batch.end(), one.begin(), one.end());
            const auto events = single.apply(commands.time, one);
            told.insert(told.end(), events.begin(), events.end());
            const auto& result = *reinterpret_cast<const wire::Result*>(&*events.rbegin() - 63);
            accepted += result.header.kind == wire::Result::KIND && result.code == 0;
            commands.learn(events);
        }
        CHECK(std::ranges::equal(batched.apply(commands.time, batch), told));
        CHECK(batched.events_hash() == single.events_hash());
        if (chance.one_in(20)) batched = reborn(single);
    }
    return accepted;
}

int main(int argc, char** argv) {
    const uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    const uint64_t first_seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    constexpr uint64_t SEEDS = 10;
    uint64_t accepted = 0;
    for (uint64_t seed = first_seed; seed < first_seed + SEEDS; ++seed) {
        std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
        accepted += run(seed, count / SEEDS);
    }
    std::printf("random: %llu commands, %llu %% accepted\n", static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(accepted * 100 / count));
    CHECK(accepted * 5 > count * 2);
}
