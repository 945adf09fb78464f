// The one translation unit that compiles the vendored hash; everyone else includes the header for its declarations.
#define XXH_STATIC_LINKING_ONLY
#define XXH_IMPLEMENTATION
#include "xxhash.h"
