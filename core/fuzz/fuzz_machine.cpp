// Any bytes as commands: they are refused whole, or answered one by one and leave a sound machine.

#include <algorithm>

#include "../tests/random_commands.h"
#include "flowex.h"

using namespace flowex;
using random_commands::Buffer;

// Make block counts add up, so that the bytes get past framing.
static void frame(Buffer& buffer) {
    buffer.resize(buffer.size() / wire::BLOCK * wire::BLOCK);
    for (size_t offset = 0; offset < buffer.size();) {
        const size_t left = (buffer.size() - offset) / wire::BLOCK;
        const size_t most = std::min<size_t>(left, wire::BLOCKS_MAX);
        buffer[offset + 1] = static_cast<uint8_t>(std::clamp<size_t>(buffer[offset + 1], 1, most));
        offset += buffer[offset + 1] * size_t{wire::BLOCK};
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Machine machine;
    machine.apply(1, random_commands::opening(size % 2));
    Buffer buffer(data, data + size);
    try {
        machine.apply(2, buffer);
    } catch (const FramingError&) {
        CHECK(machine.time() == 1);
    }
    frame(buffer);
    machine.apply(1000, buffer);
    machine.check();
    Buffer snapshot(machine.snapshot_size());
    machine.snapshot(snapshot);
    Machine restored(snapshot);
    const auto expected = machine.apply(2000, buffer);
    CHECK(std::ranges::equal(expected, restored.apply(2000, buffer)));
    CHECK(machine.events_hash() == restored.events_hash());
    return 0;
}
