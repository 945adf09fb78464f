// Times the machine alone, for a profiler: apply a file of packed commands, again and again.
//
//     cmake -S . -B build/core-bench -DFLOWEX_CORE_BENCH=ON
//     cmake --build build/core-bench
//     python -m bench.machine --dump build/mix.bin
//     build/core-bench/core/core_replay FILE UNTIMED_BYTES BATCH_COMMANDS REPEAT
//
// UNTIMED_BYTES of the file set the machine up. Prints ns per command, best and median of the
// runs, and the events hash, which must not change.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

#include "flowex.h"

// CPU time of this thread, in ns: other programs on the machine cost only their cache lines.
static double now_ns() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Bring a buffer into the cache.
static uint64_t touch(std::span<const uint8_t> buffer) {
    uint64_t sum = 0;
    for (const uint8_t byte : buffer) sum += byte;
    return sum;
}

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: %s FILE UNTIMED_BYTES BATCH_COMMANDS REPEAT\n", argv[0]);
        return 2;
    }
    std::ifstream file(argv[1], std::ios::binary);
    const std::vector<char> content(std::istreambuf_iterator<char>(file), {});
    const std::span<const uint8_t> commands(reinterpret_cast<const uint8_t*>(content.data()),
                                            content.size());
    const size_t untimed = std::strtoull(argv[2], nullptr, 10);
    const size_t batch = std::strtoull(argv[3], nullptr, 10);
    std::vector<std::span<const uint8_t>> calls;
    size_t begin = untimed, count = 0, total = 0;
    for (size_t offset = untimed; offset < commands.size();) {
        offset += commands[offset + 1] * size_t{64};
        ++total;
        if (++count == batch || offset == commands.size()) {
            calls.push_back(commands.subspan(begin, offset - begin));
            begin = offset;
            count = 0;
        }
    }
    // As in an exchange, where the journal has just written what the machine applies.
    const size_t group = std::max<size_t>(1, 1000 / batch);
    uint64_t touched = 0;
    std::vector<double> times;
    uint64_t hash = 0;
    for (int run = std::atoi(argv[4]); run > 0; --run) {
        flowex::Machine machine;
        machine.apply(0, commands.first(untimed));
        double spent = 0;
        for (size_t at = 0; at < calls.size(); at += group) {
            const size_t end = std::min(at + group, calls.size());
            for (size_t call = at; call < end; ++call) touched += touch(calls[call]);
            const double began = now_ns();
            for (size_t call = at; call < end; ++call) machine.apply(0, calls[call]);
            spent += now_ns() - began;
        }
        times.push_back(spent / static_cast<double>(total));
        hash = machine.events_hash();
    }
    std::sort(times.begin(), times.end());
    std::printf("%.1f ns/command, median %.1f of %zu, %zu commands, events %016llx, sum %llu\n",
                times[0], times[times.size() / 2], times.size(), total,
                static_cast<unsigned long long>(hash), static_cast<unsigned long long>(touched));
}
