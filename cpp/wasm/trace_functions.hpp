#pragma once

// The trace handle's functions, as JavaScript calls them.

#include "wasm/handles.hpp"

namespace clearformer::wasm {

struct TraceOnly {
    static constexpr const char* kFunction = "trace_tensors";
    unsigned trace = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("trace", trace);
    }
};
struct TraceDispose : TraceOnly {
    static constexpr const char* kFunction = "trace_dispose";
};

/// A tensor, or the part of it under the first indices given.
struct TraceTensor {
    static constexpr const char* kFunction = "trace_tensor";
    unsigned trace = 0;
    std::string name;
    Index at;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("trace", trace);
        field.required("name", name);
        field.optional("at", at);
    }
};

struct TraceCell {
    static constexpr const char* kFunction = "trace_explain";
    unsigned trace = 0;
    std::string tensor;
    Index index;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("trace", trace);
        field.required("tensor", tensor);
        field.required("index", index);
    }
};
struct TraceNumpy : TraceCell {
    static constexpr const char* kFunction = "trace_numpy";
};

struct TensorInfo {
    std::string name, symbol, title, role, letters;
    Shape shape;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("name", name);
        field.required("symbol", symbol);
        field.required("title", title);
        field.required("role", role);
        field.required("letters", letters);
        field.required("shape", shape);
    }
};
struct TensorList {
    std::vector<TensorInfo> tensors;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tensors", tensors);
    }
};
struct Code {
    std::string code;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("code", code);
    }
};
struct Disposed {
    bool disposed = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("disposed", disposed);
    }
};

TensorList trace_tensors(const TraceOnly& options);
struct TensorResult {
    Array<double> tensor;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tensor", tensor, "..");
    }
};
TensorResult trace_tensor(const TraceTensor& options);
Explanation trace_explain(const TraceCell& options);
Code trace_numpy(const TraceNumpy& options);
Disposed trace_dispose(const TraceDispose& options);

}  // namespace clearformer::wasm
