// The machine's edges: frames, alignment, snapshots that are none, and what a stop leaves behind.

#include <algorithm>

#include "flowex.h"
#include "random_commands.h"

using namespace flowex;
using random_commands::Buffer;

static Buffer snapshot_of(const Machine& machine) {
    Buffer buffer(machine.snapshot_size());
    machine.snapshot(buffer);
    return buffer;
}

template <class Error, class Action>
static bool throws(Action action) {
    try {
        action();
    } catch (const Error&) {
        return true;
    }
    return false;
}

static Machine busy_machine() {
    Machine machine;
    machine.apply(1, random_commands::opening());
    random_commands::Commands commands(7);
    Buffer buffer;
    for (int step = 0; step < 500; ++step) commands.draw(buffer);
    machine.apply(2, buffer);
    return machine;
}

static void test_empty() {
    Machine machine;
    CHECK(machine.sequence() == 0 && machine.time() == 0 && !machine.next_timer());
    CHECK(machine.apply(5, {}).empty() && machine.time() == 5);
    const Machine restored(snapshot_of(machine));
    CHECK(restored.time() == 5 && restored.events_hash() == machine.events_hash());
}

static void test_frames() {
    Machine machine = busy_machine();
    const Buffer before = snapshot_of(machine);
    Buffer buffer;
    random_commands::append(buffer, random_commands::make<wire::ClockTick>());
    random_commands::append(buffer, random_commands::make<wire::ClockTick>());
    for (const int blocks : {0, 2, 9, 255}) {
        Buffer broken = buffer;
        broken[64 + 1] = static_cast<uint8_t>(blocks);
        CHECK(throws<FramingError>([&] { machine.apply(9, broken); }));
    }
    Buffer cut(buffer.begin(), buffer.end() - 1);
    CHECK(throws<FramingError>([&] { machine.apply(9, cut); }));
    CHECK(snapshot_of(machine) == before);
    CHECK(machine.apply(9, buffer).size() >= 128);
}

// The same answer from an odd address.
static void test_alignment() {
    Machine straight, odd;
    const Buffer buffer = random_commands::opening();
    Buffer shifted(buffer.size() + 1);
    std::ranges::copy(buffer, shifted.begin() + 1);
    const auto expected = straight.apply(1, buffer);
    const auto told = odd.apply(1, std::span<const uint8_t>(shifted).subspan(1));
    CHECK(std::ranges::equal(expected, told));
    Buffer snapshot = snapshot_of(odd);
    snapshot.insert(snapshot.begin(), 0);
    const Machine restored(std::span<const uint8_t>(snapshot).subspan(1));
    CHECK(restored.events_hash() == straight.events_hash());
}

// A batch whose events outgrow every buffer, text blocks among them, is as good as single commands.
static void test_large_batch() {
    Machine single, batched;
    single.apply(1, random_commands::opening());
    batched.apply(1, random_commands::opening());
    random_commands::Commands commands(5);
    for (size_t size = 500; size < 20'000; size *= 3) {
        Buffer batch, told;
        for (size_t step = 0; step < size; ++step) {
            Buffer one;
            commands.draw(one);
            batch.insert(batch.end(), one.begin(), one.end());
            const auto events = single.apply(2, one);
            commands.learn(events);
            told.insert(told.end(), events.begin(), events.end());
        }
        CHECK(std::ranges::equal(batched.apply(2, batch), told));
        CHECK(batched.events_hash() == single.events_hash());
    }
}

// Damaged snapshots are refused, or are snapshots of another sound machine; never a crash.
static void test_damaged_snapshots() {
    const Buffer snapshot = snapshot_of(busy_machine());
    Chance chance(3);
    int refused = 0;
    for (int trial = 0; trial < 3000; ++trial) {
        Buffer damaged = snapshot;
        damaged[chance.below(damaged.size())] ^= static_cast<uint8_t>(1u << chance.below(8));
        if (chance.one_in(4)) damaged.resize(chance.below(damaged.size() / 64) * 64);
        try {
            const Machine machine(damaged);
            machine.check();
            CHECK(snapshot_of(machine) == damaged);
        } catch (const RecordError&) {
            ++refused;
        }
    }
    CHECK(refused > 1500);
}

int main() {
    test_empty();
    test_frames();
    test_alignment();
    test_large_batch();
    test_damaged_snapshots();
    std::puts("machine: edges hold");
}
