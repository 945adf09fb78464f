// What drives a fuzz target where there is no libFuzzer: the corpus, then blind mutations of it.
//
//     fuzz_x CORPUS_FOLDER -max_total_time=SECONDS [-seed=N]
//
// The input that is being tried is kept in crash-input beside the program, so that a crash leaves
// it behind.

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "../tests/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;
constexpr size_t SIZE_MAX_BYTES = 8192;

std::vector<Bytes> read_corpus(const char* folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Bytes> corpus = {{}};
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        const std::vector<char> content(std::istreambuf_iterator<char>(file), {});
        corpus.emplace_back(content.begin(), content.end());
    }
    return corpus;
}

Bytes mutated(Chance& chance, const std::vector<Bytes>& corpus) {
    Bytes bytes = corpus[chance.below(corpus.size())];
    for (uint64_t count = 1 + chance.below(8); count > 0; --count) {
        const uint64_t kind = chance.below(5);
        if (kind == 0 || bytes.size() < 8) {
            const Bytes& other = corpus[chance.below(corpus.size())];
            bytes.insert(bytes.end(), other.begin(), other.end());
            bytes.resize(std::min(bytes.size() + chance.below(64), SIZE_MAX_BYTES));
        } else if (kind == 1) {
            const uint64_t word = uint64_t{1} << chance.below(64);
            const uint64_t value = chance.one_in(2) ? word : word - 1;
            std::memcpy(&bytes[chance.below(bytes.size() / 8) * 8], &value, 8);
        } else if (kind == 2 && bytes.size() >= 128) {
            const size_t blocks = bytes.size() / 64;
            const size_t from = chance.below(blocks), to = chance.below(blocks);
            std::memmove(&bytes[to * 64], &bytes[from * 64], 64);
        } else {
            bytes[chance.below(bytes.size())] = static_cast<uint8_t>(chance.next());
        }
    }
    return bytes;
}

void attempt(const Bytes& bytes, const std::string& path) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
    const std::string limit = "-max_total_time=", seed_name = "-seed=";
    int seconds = 60;
    uint64_t seed = 1;
    const char* folder = nullptr;
    for (int number = 1; number < argc; ++number) {
        const std::string argument = argv[number];
        if (argument.starts_with(limit)) {
            seconds = std::stoi(argument.substr(limit.size()));
        } else if (argument.starts_with(seed_name)) {
            seed = std::stoull(argument.substr(seed_name.size()));
        } else if (!argument.starts_with('-')) {
            folder = argv[number];
        }
    }
    CHECK(folder);
    const std::string path = std::string(argv[0]) + ".crash-input";
    const std::vector<Bytes> corpus = read_corpus(folder);
    for (const Bytes& bytes : corpus) attempt(bytes, path);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    Chance chance(seed);
    uint64_t runs = 0;
    for (; std::chrono::steady_clock::now() < end; ++runs) attempt(mutated(chance, corpus), path);
    std::filesystem::remove(path);
    std::printf("seed %llu: %llu inputs tried\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(runs));
}
