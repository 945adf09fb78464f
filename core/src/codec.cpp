#include "codec.h"

#include <algorithm>

#include "page_hash.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace flowex {

uint64_t text_hash(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

Aligned::Aligned(std::span<const uint8_t> buffer) : records(buffer) {
    if (reinterpret_cast<uintptr_t>(buffer.data()) % alignof(uint64_t) == 0) return;
    copy_ = std::make_unique_for_overwrite<uint64_t[]>(buffer.size() / sizeof(uint64_t) + 1);
    std::memcpy(copy_.get(), buffer.data(), buffer.size());
    records = {reinterpret_cast<const uint8_t*>(copy_.get()), buffer.size()};
}

bool read_extensions(const wire::Header& record, unsigned fixed_blocks, unsigned allowed,
                     Texts& texts) {
    const auto* extension = reinterpret_cast<const wire::Extension*>(&record) + fixed_blocks;
    const auto* end = reinterpret_cast<const wire::Extension*>(&record) + record.blocks;
    std::string_view* const fields[] = {nullptr, &texts.client_id, &texts.original_client_id,
                                        &texts.cancel_client_id};
    constexpr unsigned CONDITIONS = wire::OrderPlace::TAG_CONDITIONS;
    static_assert(CONDITIONS == std::size(fields));
    for (; extension != end; ++extension) {
        if (extension->tag > CONDITIONS || !(allowed >> extension->tag & 1)) return false;
        if (extension->length < 1 || extension->length > wire::TEXT_MAX) return false;
        if (extension->tag == CONDITIONS) [[unlikely]] {
            if (texts.conditions) return false;
            texts.conditions = reinterpret_cast<const wire::Conditions*>(extension);
            continue;
        }
        std::string_view& field = *fields[extension->tag];
        if (!field.empty()) return false;
        field = {extension->text, extension->length};
    }
    return true;
}

bool read_extensions(const wire::Header& record, unsigned fixed_blocks, unsigned,
                     ListParts& parts) {
    using List = wire::OrderListPlace;
    const auto* extension = reinterpret_cast<const wire::Extension*>(&record) + fixed_blocks;
    const auto* end = reinterpret_cast<const wire::Extension*>(&record) + record.blocks;
    const auto set_text = [&](std::string_view& field) {
        if (!field.empty()) return false;
        field = {extension->text, extension->length};
        return true;
    };
    const auto set_leg = [&](const wire::Leg*& leg) {
        if (leg) return false;
        leg = reinterpret_cast<const wire::Leg*>(extension);
        return true;
    };
    const auto set = [&] {
        switch (extension->tag) {
            case List::TAG_FIRST: return set_leg(parts.legs[0]);
            case List::TAG_SECOND: return set_leg(parts.legs[1]);
            case List::TAG_THIRD: return set_leg(parts.legs[2]);
            case List::TAG_FIRST_CLIENT_ID: return set_text(parts.leg_client_ids[0]);
            case List::TAG_SECOND_CLIENT_ID: return set_text(parts.leg_client_ids[1]);
            case List::TAG_THIRD_CLIENT_ID: return set_text(parts.leg_client_ids[2]);
            case List::TAG_CLIENT_ID: return set_text(parts.client_id);
            default: return false;
        }
    };
    for (; extension != end; ++extension) {
        if (extension->length < 1 || extension->length > wire::TEXT_MAX || !set()) return false;
    }
    return true;
}

EventStream::EventStream() { grow(); }

const char* EventStream::add_text(wire::Header& event, uint8_t tag, std::string_view text) {
    if (text.empty()) return nullptr;
    auto* extension = new (take(sizeof(wire::Extension))) wire::Extension{};
    extension->tag = tag;
    extension->length = static_cast<uint8_t>(text.size());
    std::memcpy(extension->text, text.data(), text.size());
    ++event.blocks;
    return extension->text;
}

void EventStream::add_block(wire::Header& event, const wire::Conditions& block) {
    new (take(sizeof block)) wire::Conditions(block);
    ++event.blocks;
}

void EventStream::begin() {
    if (end_ - first() > CALL_START_MAX) {
        end_ = std::copy(page_, end_, first());
        page_ = first();
    }
    call_ = end_;
}

uint64_t EventStream::hash() const {
    return page_hash(page_, page().size(), pages_hash_);
}

void EventStream::restore(uint64_t pages_hash, std::span<const uint8_t> page) {
    pages_hash_ = pages_hash;
    page_ = first();
    call_ = end_ = std::ranges::copy(page, first()).out;
}

void EventStream::grow() {
    const size_t larger = capacity_ ? capacity_ * 2 : CAPACITY_MIN;
    auto lines = std::make_unique_for_overwrite<Line[]>(larger / sizeof(Line));
    auto* begin = reinterpret_cast<uint8_t*>(lines.get());
    uint8_t* end = std::copy(first(), end_, begin);
    page_ = begin + (page_ - first());
    call_ = begin + (call_ - first());
    end_ = end;
    brim_ = begin + larger - RECORD_MAX;
    lines_ = std::move(lines);
    capacity_ = larger;
}

void EventStream::hash_page() {
    pages_hash_ = page_hash(page_, PAGE, pages_hash_);
    page_ += PAGE;
}

}  // namespace flowex
