// The Python face of the core: it hands buffers over and releases the GIL; the machine decides.

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include "flowex.h"

namespace nb = nanobind;
using namespace nb::literals;

void define_codec(nb::module_& module); // In decode.cpp.

namespace {

std::span<const uint8_t> bytes_of(const nb::bytes& bytes) {
    return {static_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

void make(flowex::Machine* machine, const std::optional<nb::bytes>& snapshot) {
    if (!snapshot) {
        new (machine) flowex::Machine();
        return;
    }
    const auto buffer = bytes_of(*snapshot);
    const nb::gil_scoped_release unlocked;
    new (machine) flowex::Machine(buffer);
}

nb::bytes apply(flowex::Machine& machine, int64_t time, const nb::bytes& commands) {
    std::span<const uint8_t> events;
    {
        const auto buffer = bytes_of(commands);
        const nb::gil_scoped_release unlocked;
        events = machine.apply(time, buffer);
    }
    return nb::bytes(events.data(), events.size());
}

nb::bytes snapshot(const flowex::Machine& machine) {
    const size_t size = machine.snapshot_size();
    // Nobody else knows these bytes yet, so they are written without the GIL.
    nb::bytes result = nb::steal<nb::bytes>(PyBytes_FromStringAndSize(nullptr, size));
    if (!result.is_valid()) nb::raise_python_error();
    auto* data = reinterpret_cast<uint8_t*>(PyBytes_AS_STRING(result.ptr()));
    const nb::gil_scoped_release unlocked;
    machine.snapshot({data, size});
    return result;
}

// Raise the exception that both machines raise; its class lives in Python.
void raise(const char* module, const char* name, const std::exception& reason) {
    const nb::object type = nb::module_::import_(module).attr(name);
    PyErr_SetString(type.ptr(), reason.what());
}

void translate(const std::exception_ptr& thrown, void*) {
    try {
        std::rethrow_exception(thrown);
    } catch (const flowex::FramingError& error) {
        raise("flowex.messages.layout", "FramingError", error);
    } catch (const flowex::RecordError& error) {
        raise("flowex.messages.layout", "RecordError", error);
    } catch (const flowex::MachineStopped& error) {
        raise("flowex.engine.machine", "MachineStopped", error);
    }
}

}  // namespace

NB_MODULE(_core, module) {
    module.doc() = "The native machine of FlowEx.";
    nb::register_exception_translator(translate);
    define_codec(module);
    nb::class_<flowex::Machine>(module, "Machine", "State and apply; see flowex.engine.machine.")
        .def("__init__", make, "snapshot"_a = nb::none(),
             "Make an empty machine, or the one a snapshot holds (RecordError if it is none).")
        .def("apply", apply, "time"_a, "commands"_a,
             "Apply a buffer of commands at one time and return the bytes of their events.")
        .def("snapshot", snapshot, "Return the whole state as canonical records.")
        .def("check", &flowex::Machine::check, "Raise MachineStopped unless all invariants hold.")
        .def_prop_ro("sequence", &flowex::Machine::sequence, "How many commands were applied.")
        .def_prop_ro("time", &flowex::Machine::time, "The latest time applied, in µs.")
        .def_prop_ro("next_timer", &flowex::Machine::next_timer,
                     "When the earliest timer is due, in µs; None when there is none.")
        .def_prop_ro("events_hash", &flowex::Machine::events_hash,
                     "The hash chained over all events so far.");
}
