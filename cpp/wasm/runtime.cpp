// What the C++ runtime does when it cannot go on. Its own versions format a message and so bring printf into every module; a trap says as
// much, and web/core starts a new instance after one.

#include <cstdlib>
#include <cstring>

extern "C" [[noreturn]] void abort_message(const char*, ...) { std::abort(); }

/// Embind formats the address of a type it does not know with it, and nothing else does.
extern "C" int siprintf(char* text, const char*, ...) {
    std::strcpy(text, "unknown type");
    return 12;
}

[[noreturn]] void std::__libcpp_verbose_abort(const char*, ...) { std::abort(); }
