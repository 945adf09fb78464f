// Records between bytes and Python objects: `messages.layout`, but compiled.
//
// Nothing about any record is written here: a Codec is told every layout by the declarations in
// src/flowex/messages, so a new record or field needs no change. The Python codec is the
// specification; whatever is unusual about a record to be packed is left to it.

#include <nanobind/nanobind.h>

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "flowex.h"

namespace nb = nanobind;
using namespace nb::literals;

static_assert(std::endian::native == std::endian::little, "the wire is little-endian");

namespace {

constexpr size_t BLOCK = 64;
constexpr size_t BLOCKS_MAX = 8;
constexpr size_t TEXT_AT = 4; // In an extension block: tag, length, two zeros, text.
constexpr size_t TEXT_MAX = 60;
constexpr size_t KINDS = 256;
constexpr size_t VALUES_MAX = 64;

// A value of a record: an integer or a fixed text in it.
struct Field {
    PyObject* member; // Borrowed from the class: the descriptor that reads the attribute.
    uint16_t offset;
    uint8_t size;
    char code;
};

// An extension block: a text, or, where it has a type, an object of fields of its own.
struct Extension {
    PyObject* member; // Borrowed, as above.
    uint8_t tag;
    nb::object type;
    std::vector<Field> fields;
};

struct Layout {
    nb::object type;
    std::string name;
    nb::object empty; // The text of an absent extension.
    uint8_t kind;
    uint8_t fixed_blocks;
    uint16_t flags_allowed;
    std::vector<Field> fields;
    std::vector<Extension> extensions;
};

template <typename T>
T load(const uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

PyObject* latin1(const uint8_t* at, size_t size) {
    return PyUnicode_DecodeLatin1(reinterpret_cast<const char*>(at), static_cast<Py_ssize_t>(size),
                                  nullptr);
}

PyObject* read(const Field& field, const uint8_t* record) {
    const uint8_t* at = record + field.offset;
    switch (field.code) {
        case 'B': return PyLong_FromLong(*at);
        case 'b': return PyLong_FromLong(static_cast<int8_t>(*at));
        case 'H': return PyLong_FromLong(load<uint16_t>(at));
        case 'I': return PyLong_FromUnsignedLong(load<uint32_t>(at));
        case 'Q': return PyLong_FromUnsignedLongLong(load<uint64_t>(at));
        case 'q': return PyLong_FromLongLong(load<int64_t>(at));
        default: {
            size_t size = field.size;
            while (size > 0 && at[size - 1] == 0) --size;
            return latin1(at, size);
        }
    }
}

// Write an integer where it fits; whether it did.
template <typename T>
bool store(PyObject* value, uint8_t* at) {
    if (!PyLong_Check(value)) return false;
    T stored;
    if constexpr (std::is_same_v<T, uint64_t>) {
        stored = PyLong_AsUnsignedLongLong(value);
        if (stored == static_cast<T>(-1) && PyErr_Occurred()) return false;
    } else {
        const long long number = PyLong_AsLongLong(value);
        if (number == -1 && PyErr_Occurred()) return false;
        stored = static_cast<T>(number);
        if (stored != number) return false;
    }
    std::memcpy(at, &stored, sizeof stored);
    return true;
}

// The bytes of a Latin-1 text, or nothing when it is none.
std::optional<std::string_view> text_of(PyObject* value) {
    if (!PyUnicode_CheckExact(value) || PyUnicode_KIND(value) != PyUnicode_1BYTE_KIND) return {};
    return std::string_view(static_cast<const char*>(PyUnicode_DATA(value)),
                            static_cast<size_t>(PyUnicode_GET_LENGTH(value)));
}

bool write(const Field& field, PyObject* value, uint8_t* record) {
    uint8_t* at = record + field.offset;
    switch (field.code) {
        case 'B': return store<uint8_t>(value, at);
        case 'b': return store<int8_t>(value, at);
        case 'H': return store<uint16_t>(value, at);
        case 'I': return store<uint32_t>(value, at);
        case 'Q': return store<uint64_t>(value, at);
        case 'q': return store<int64_t>(value, at);
        default: {
            const auto text = text_of(value);
            if (!text || text->size() > field.size) return false;
            std::memcpy(at, text->data(), text->size());
            return true;
        }
    }
}

nb::object attribute(PyObject* member, PyObject* record) {
    const auto get = Py_TYPE(member)->tp_descr_get;
    return nb::steal(get(member, record, reinterpret_cast<PyObject*>(Py_TYPE(record))));
}

bool write_all(const std::vector<Field>& fields, PyObject* record, uint8_t* bytes) {
    for (const Field& field : fields) {
        const nb::object value = attribute(field.member, record);
        if (!value.is_valid() || !write(field, value.ptr(), bytes)) return false;
    }
    return true;
}

// The values of one record on their way into an object; what is left is released.
class Values {
  public:
    Values() = default;
    Values(const Values&) = delete;
    ~Values() {
        for (size_t i = 0; i < count_; ++i) Py_XDECREF(values_[i + 1]);
    }
    void add(PyObject* owned) {
        values_[++count_] = owned;
        if (owned == nullptr) nb::raise_python_error();
    }
    PyObject* make(const nb::object& type) {
        PyObject* object = PyObject_Vectorcall(
            type.ptr(), &values_[1], count_ | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
        if (object == nullptr) nb::raise_python_error();
        return object;
    }

  private:
    std::array<PyObject*, VALUES_MAX + 1> values_; // The first is Python's to write to.
    size_t count_ = 0;
};

class Codec {
  public:
    // Each record: (class, kind, flags allowed, fixed blocks, fields, extensions), where a field
    // is (name, offset, struct code, size) and an extension (name, tag, class, fields), in the
    // class's order; one whose class is None is a text.
    Codec(const nb::iterable& commands, const nb::iterable& events) {
        for (nb::handle record : commands) {
            const Layout& layout = declare(nb::cast<nb::tuple>(record));
            packed_[layout.type.ptr()] = &layout;
        }
        for (nb::handle record : events) {
            const Layout& layout = declare(nb::cast<nb::tuple>(record));
            read_[layout.kind] = &layout;
        }
    }

    Codec(const Codec&) = delete;

    nb::list decode(const nb::bytes& buffer) const;
    nb::bytes pack(nb::handle record) const;

    int traverse(visitproc visit, void* arg) const {
        for (const auto& layout : layouts_) {
            Py_VISIT(layout->type.ptr());
            for (const Extension& extension : layout->extensions) Py_VISIT(extension.type.ptr());
        }
        return 0;
    }
    void clear() {
        packed_.clear();
        read_.fill(nullptr);
        layouts_.clear();
    }

  private:
    const Layout& declare(const nb::tuple& record);
    void add_extensions(Values& values, const Layout& layout, const uint8_t* from,
                        const uint8_t* to) const;

    std::vector<std::unique_ptr<Layout>> layouts_;
    std::unordered_map<PyObject*, const Layout*> packed_; // By class.
    std::array<const Layout*, KINDS> read_{};
};

PyObject* member_of(const nb::object& type, nb::handle name) {
    PyObject* found = nb::getattr(type, name).ptr(); // The class keeps it alive.
    if (Py_TYPE(found)->tp_descr_get == nullptr) throw nb::type_error("no member of a record");
    return found;
}

std::vector<Field> fields_of(const nb::object& type, nb::handle described, size_t size_max) {
    std::vector<Field> fields;
    for (nb::handle item : nb::cast<nb::tuple>(described)) {
        const auto field = nb::cast<nb::tuple>(item);
        const auto name = nb::cast<nb::str>(field[2]);
        const std::string_view code = name.c_str();
        const auto offset = nb::cast<uint16_t>(field[1]);
        const auto size = nb::cast<uint8_t>(field[3]);
        if (code.size() != 1 || std::string_view("BbHIQqs").find(code[0]) == code.npos)
            throw nb::value_error("unknown field code");
        if (offset + size > size_max) throw nb::value_error("a field outside its record");
        fields.push_back({member_of(type, field[0]), offset, size, code[0]});
    }
    if (fields.size() > VALUES_MAX) throw nb::value_error("too many fields");
    return fields;
}

const Layout& Codec::declare(const nb::tuple& record) {
    auto layout = std::make_unique<Layout>();
    layout->type = record[0];
    layout->name = nb::cast<nb::str>(nb::getattr(layout->type, "__name__")).c_str();
    layout->empty = nb::str("");
    layout->kind = nb::cast<uint8_t>(record[1]);
    layout->flags_allowed = nb::cast<uint16_t>(record[2]);
    layout->fixed_blocks = nb::cast<uint8_t>(record[3]);
    layout->fields = fields_of(layout->type, record[4], layout->fixed_blocks * BLOCK);
    for (nb::handle item : nb::cast<nb::tuple>(record[5])) {
        const auto described = nb::cast<nb::tuple>(item);
        Extension extension = {member_of(layout->type, described[0]),
                               nb::cast<uint8_t>(described[1]), {}, {}};
        if (!described[2].is_none()) {
            extension.type = described[2];
            extension.fields = fields_of(extension.type, described[3], BLOCK);
        }
        layout->extensions.push_back(std::move(extension));
    }
    if (layout->fields.size() + layout->extensions.size() > VALUES_MAX)
        throw nb::value_error("too many fields");
    return *layouts_.emplace_back(std::move(layout));
}

nb::list Codec::decode(const nb::bytes& buffer) const {
    const auto* data = static_cast<const uint8_t*>(buffer.data());
    const size_t size = buffer.size();
    if (size % BLOCK)
        throw flowex::FramingError(std::to_string(size) + " bytes are no whole number of blocks");
    nb::list records;
    for (size_t at = 0; at < size;) {
        const uint8_t* record = data + at;
        const size_t blocks = record[1], next = at + blocks * BLOCK;
        if (blocks < 1 || blocks > BLOCKS_MAX || next > size)
            throw flowex::FramingError(std::to_string(blocks) + " blocks at offset " +
                                       std::to_string(at) + " of " + std::to_string(size));
        const Layout* layout = read_[record[0]];
        if (layout == nullptr)
            throw flowex::RecordError("no record of this family has kind " +
                                      std::to_string(record[0]));
        if (blocks < layout->fixed_blocks)
            throw flowex::RecordError(layout->name + " in " + std::to_string(blocks) + " blocks");
        if (load<uint16_t>(record + 2) & ~layout->flags_allowed)
            throw flowex::RecordError(layout->name + " with unknown flags");
        Values values;
        for (const Field& field : layout->fields) values.add(read(field, record));
        if (blocks > layout->fixed_blocks)
            add_extensions(values, *layout, record + layout->fixed_blocks * BLOCK, data + next);
        records.append(nb::steal(values.make(layout->type)));
        at = next;
    }
    return records;
}

// Return what is in an extension block.
PyObject* read_extension(const Extension& extension, const uint8_t* block) {
    if (!extension.type.is_valid()) return latin1(block + TEXT_AT, block[1]);
    Values values;
    for (const Field& field : extension.fields) values.add(read(field, block));
    return values.make(extension.type);
}

// Add every extension a record may have, "" or None where there is none.
void Codec::add_extensions(Values& values, const Layout& layout, const uint8_t* from,
                           const uint8_t* to) const {
    std::array<const uint8_t*, KINDS> found{};
    for (const uint8_t* block = from; block < to; block += BLOCK) {
        const uint8_t tag = block[0], length = block[1];
        bool is_known = false;
        for (const Extension& extension : layout.extensions) is_known |= extension.tag == tag;
        if (!is_known || found[tag] != nullptr || length < 1 || length > TEXT_MAX)
            throw flowex::RecordError("extension block with tag " + std::to_string(tag) +
                                      " and length " + std::to_string(length));
        found[tag] = block;
    }
    for (const Extension& extension : layout.extensions) {
        const uint8_t* block = found[extension.tag];
        const nb::object absent = extension.type.is_valid() ? nb::none() : layout.empty;
        values.add(block != nullptr ? read_extension(extension, block)
                                    : nb::object(absent).release().ptr());
    }
}

using Packed = std::array<uint8_t, BLOCKS_MAX * BLOCK>;

// Pack what an extension carries into a zeroed block; return how many blocks (0 or 1), or nothing
// when it does not fit.
std::optional<size_t> pack_extension(const Extension& extension, PyObject* value, uint8_t* block) {
    if (extension.type.is_valid()) {
        if (value == Py_None) return 0;
        const bool is_one = reinterpret_cast<PyObject*>(Py_TYPE(value)) == extension.type.ptr();
        if (!is_one || !write_all(extension.fields, value, block)) return {};
        block[1] = TEXT_MAX;
    } else {
        const auto text = text_of(value);
        if (!text || text->size() > TEXT_MAX) return {};
        if (text->empty()) return 0;
        block[1] = static_cast<uint8_t>(text->size());
        std::memcpy(block + TEXT_AT, text->data(), text->size());
    }
    block[0] = extension.tag;
    return 1;
}

// Pack a record into zeroed bytes; return its size, or 0 when a value does not fit.
size_t pack_into(Packed& bytes, const Layout& layout, PyObject* record) {
    if (layout.fixed_blocks + layout.extensions.size() > BLOCKS_MAX) return 0;
    if (!write_all(layout.fields, record, bytes.data())) return 0;
    size_t blocks = layout.fixed_blocks;
    for (const Extension& extension : layout.extensions) {
        const nb::object value = attribute(extension.member, record);
        if (!value.is_valid()) return 0;
        const auto more = pack_extension(extension, value.ptr(), &bytes[blocks * BLOCK]);
        if (!more) return 0;
        blocks += *more;
    }
    bytes[0] = layout.kind;
    bytes[1] = static_cast<uint8_t>(blocks);
    return blocks * BLOCK;
}

nb::bytes Codec::pack(nb::handle record) const {
    const auto known = packed_.find(reinterpret_cast<PyObject*>(Py_TYPE(record.ptr())));
    if (known != packed_.end()) {
        Packed bytes{};
        const size_t size = pack_into(bytes, *known->second, record.ptr());
        if (size) return nb::bytes(bytes.data(), size);
        PyErr_Clear();
    }
    // Of another family, or with a value that does not fit: the Python codec says what is wrong.
    return nb::cast<nb::bytes>(record.attr("pack")());
}

int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    return nb::inst_ready(self) ? nb::inst_ptr<Codec>(self)->traverse(visit, arg) : 0;
}

int clear(PyObject* self) {
    nb::inst_ptr<Codec>(self)->clear();
    return 0;
}

// The classes of a Codec may lead back to it, so the collector has to see them.
PyType_Slot slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(clear)},
                       {0, nullptr}};

}  // namespace

void define_codec(nb::module_& module) {
    nb::class_<Codec>(module, "Codec", nb::type_slots(slots),
                      "Records to bytes and back; see flowex.engine.codec.")
        .def(nb::init<const nb::iterable&, const nb::iterable&>(), "commands"_a, "events"_a)
        .def("decode", &Codec::decode, "buffer"_a, "Return the events of a buffer, in order.")
        .def("pack", &Codec::pack, "record"_a, "Return a command's bytes.");
}
