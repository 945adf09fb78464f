// The Python face of the core: it packs and unpacks, the machine behind it decides.

#include <nanobind/nanobind.h>

namespace nb = nanobind;

NB_MODULE(_core, module) {
    module.doc() = "The native machine of FlowEx.";
    module.def("engine_name", [] { return "native"; }, "Name this engine.");
}
