#pragma once

// What every module tells of itself.

namespace clearformer::wasm {

/// Bytes of WebAssembly memory and handles not yet disposed.
struct MemoryOptions {
    static constexpr const char* kFunction = "memory";
    template <class Visitor>
    void fields(Visitor&) {}
};
struct MemoryResult {
    double bytes = 0;
    int handles = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("bytes", bytes);
        field.required("handles", handles);
    }
};
MemoryResult memory(const MemoryOptions& options);

}  // namespace clearformer::wasm
