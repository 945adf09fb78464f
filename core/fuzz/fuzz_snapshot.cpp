// Any bytes as a snapshot: refused with RecordError, or a sound machine that exports them again.
//
// Even inputs are taken as they are; odd ones are patches (offset, byte) of a sound snapshot.

#include <algorithm>

#include "../tests/random_commands.h"
#include "flowex.h"

using namespace flowex;
using random_commands::Buffer;

static Buffer sound_snapshot() {
    Machine machine;
    machine.apply(1, random_commands::opening());
    random_commands::Commands commands(1);
    for (int step = 0; step < 300; ++step) {
        Buffer one;
        commands.draw(one);
        commands.learn(machine.apply(2, one));
    }
    Buffer buffer(machine.snapshot_size());
    machine.snapshot(buffer);
    return buffer;
}

static Buffer patched(const uint8_t* data, size_t size) {
    static const Buffer sound = sound_snapshot();
    Buffer buffer = sound;
    for (size_t at = 1; at + 2 < size; at += 3) {
        buffer[(data[at] | data[at + 1] << 8) % buffer.size()] = data[at + 2];
    }
    return buffer;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const bool is_patch = size > 0 && data[0] % 2 == 1;
    const Buffer buffer = is_patch ? patched(data, size) : Buffer(data, data + size);
    try {
        Machine machine(buffer);
        machine.check();
        Buffer again(machine.snapshot_size());
        machine.snapshot(again);
        CHECK(again == buffer);
        machine.apply(3, random_commands::opening());
        machine.check();
    } catch (const RecordError&) {
        return 0;
    }
    return 0;
}
