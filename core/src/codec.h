// Bytes to commands and events to bytes: texts, the event stream, and the hash chained over it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "wire.h"

namespace flowex {

// XXH3-64 of a text; also how a closed order's client id is remembered.
uint64_t text_hash(std::string_view text);

// The text of a fixed field, without the NULs that pad it.
template <size_t SIZE>
std::string_view fixed_text(const char (&field)[SIZE]) {
    size_t length = SIZE;
    while (length > 0 && field[length - 1] == '\0') --length;
    return {field, length};
}

// A buffer of records at an address where they may be read as structs: itself, or a copy.
class Aligned {
  public:
    explicit Aligned(std::span<const uint8_t> buffer);
    std::span<const uint8_t> records;

  private:
    std::unique_ptr<uint64_t[]> copy_;
};

// What a command carries in extension blocks; empty or null where it carries none.
struct Texts {
    std::string_view client_id;
    std::string_view original_client_id;
    std::string_view cancel_client_id;
    const wire::Conditions* conditions = nullptr;
};

// What an OrderListPlace carries.
struct ListParts {
    std::string_view client_id;
    std::array<std::string_view, 3> leg_client_ids;
    std::array<const wire::Leg*, 3> legs = {};
};

// Read the extension blocks after a command's fixed blocks. `allowed` has a bit for each tag the
// command knows. Returns whether they are sound: known tags, each once, 1 to 60 characters.
bool read_extensions(const wire::Header& record, unsigned fixed_blocks, unsigned allowed,
                     Texts& texts);
bool read_extensions(const wire::Header& record, unsigned fixed_blocks, unsigned allowed,
                     ListParts& parts);

template <class Command>
constexpr unsigned tags_of() {
    unsigned tags = 0;
    if constexpr (requires { Command::TAG_CLIENT_ID; }) tags |= 1u << Command::TAG_CLIENT_ID;
    if constexpr (requires { Command::TAG_ORIGINAL_CLIENT_ID; })
        tags |= 1u << Command::TAG_ORIGINAL_CLIENT_ID;
    if constexpr (requires { Command::TAG_CANCEL_CLIENT_ID; })
        tags |= 1u << Command::TAG_CANCEL_CLIENT_ID;
    if constexpr (requires { Command::TAG_CONDITIONS; }) tags |= 1u << Command::TAG_CONDITIONS;
    return tags;
}

// Return the record as a command of that class and what it carries, or null for too few blocks,
// unknown flags or a bad extension.
template <class Command, class Parts>
const Command* decode(const wire::Header& record, Parts& parts) {
    if (record.blocks < Command::BLOCKS || (record.flags & ~Command::FLAGS_ALLOWED)) return nullptr;
    if (record.blocks > Command::BLOCKS &&
        !read_extensions(record, Command::BLOCKS, tags_of<Command>(), parts)) {
        return nullptr;
    }
    return reinterpret_cast<const Command*>(&record);
}

// The bytes of events, their count, and the hash of all of them so far.
//
// pages_hash = XXH3-64 of a page of 4096 bytes, seeded with the hash of the pages before it. Events
// are written straight into one buffer, which begins with the page that is not yet full:
//
//     | begun page, told in earlier calls | told in this call ...  | room to grow |
//     page_                               call_                    end_
class EventStream {
  public:
    EventStream();

    uint64_t event_number = 0;

    // Append an event and return it, all zero but for its header; good until the next one.
    template <class Event>
    Event& tell(uint32_t account, uint64_t sequence) {
        // Room for the largest record, so that a text added to the event does not move it.
        if (end_ > brim_) [[unlikely]] grow();
        auto* event = new (take(sizeof(Event))) Event{};
        event->header = {Event::KIND, Event::BLOCKS, 0, account, sequence};
        ++event_number;
        return *event;
    }

    // Add a text in an extension block of its own to the event told last; none when it is empty.
    // Returns the text there, which zeros follow, or null.
    const char* add_text(wire::Header& event, uint8_t tag, std::string_view text);

    // Add a block of fields to the event told last.
    void add_block(wire::Header& event, const wire::Conditions& block);

    // Begin a new call: what was told until now has been taken.
    void begin();
    // What was told in this call.
    std::span<const uint8_t> told() const { return {call_, end_}; }

    // Hash the pages that are full; called after every command, while they are in the cache.
    void hash_full_pages() {
        while (end_ - page_ >= PAGE) hash_page();
    }
    // The hash of everything so far: the begun page counts as a short last page.
    uint64_t hash() const;
    uint64_t pages_hash() const { return pages_hash_; }
    // The begun page.
    std::span<const uint8_t> page() const { return {page_, end_}; }

    // Go on from a snapshot's hash of whole pages and begun page.
    void restore(uint64_t pages_hash, std::span<const uint8_t> page);

  private:
    static constexpr std::ptrdiff_t PAGE = wire::EVENTS_PAGE;
    static constexpr size_t RECORD_MAX = wire::BLOCKS_MAX * wire::BLOCK;
    static constexpr size_t CAPACITY_MIN = 256 * 1024;
    // Beyond this the begun page moves to the front, which costs at most a page.
    static constexpr std::ptrdiff_t CALL_START_MAX = 64 * 1024;

    // A block of a record is a cache line, for who writes it and for who hashes it.
    struct alignas(wire::BLOCK) Line {
        uint8_t bytes[wire::BLOCK];
    };
    uint8_t* first() const { return reinterpret_cast<uint8_t*>(lines_.get()); }

    // Take the next bytes of the room there is.
    uint8_t* take(size_t size) {
        uint8_t* taken = end_;
        end_ += size;
        return taken;
    }

    [[gnu::cold, gnu::noinline]] void grow();
    void hash_page();

    std::unique_ptr<Line[]> lines_;
    size_t capacity_ = 0;
    uint8_t* page_ = nullptr;
    uint8_t* call_ = nullptr;
    uint8_t* end_ = nullptr;
    uint8_t* brim_ = nullptr;  // Beyond it there may be no room for the largest record.
    uint64_t pages_hash_ = 0;
};

}  // namespace flowex
