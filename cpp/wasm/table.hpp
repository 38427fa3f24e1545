#pragma once

// One guarded line per function:
//
//     add<softmax<double>, softmax<float>>();
//
// The name, the options and the results come from the field tables.

#include <emscripten/bind.h>

#include "wasm/convert.hpp"

namespace clearformer::wasm {

/// What one function of the table does with its argument; undefined asks for its description.
using Body = val (*)(const val&);

/// Runs the body; a C++ exception comes back as a JavaScript error object (RangeError, TypeError), which web/core throws.
val guard(Body body, const val& options);

/// True when the call gives tensors, and all of them as Float32Array: then the SIMD kernels in float32 run.
bool all_float32(const val& options);

/// {name, options, result}
val description(const char* name, const FieldList& options, const FieldList& result);

/// Keeps a function for describe(): while the table is filled, nothing may cross the boundary yet.
void keep(Body body);
val descriptions();

template <auto F>
struct Function;

template <class Result, class Options, Result (*F)(const Options&)>
struct Function<F> {
    static constexpr const char* kName = Options::kFunction;

    static val run(const val& object) {
        Options options;
        Result result;
        FieldList takes, gives;
        list_fields(options, takes);
        list_fields(result, gives);
        if (object.isUndefined()) return description(kName, takes, gives);
        read_object(kName, object, takes);
        result = F(options);
        return write_object(gives);
    }

    static val call(val object) { return guard(&run, object); }
};

template <auto Double, auto Float>
val in_double_or_float(val object) {
    return guard(all_float32(object) ? &Function<Float>::run : &Function<Double>::run, object);
}

template <auto F>
void add() {
    emscripten::function(camel(Function<F>::kName).c_str(), &Function<F>::call);
    keep(&Function<F>::run);
}

/// A function in double and in float.
template <auto Double, auto Float>
void add() {
    emscripten::function(camel(Function<Double>::kName).c_str(), &in_double_or_float<Double, Float>);
    keep(&Function<Double>::run);
}

}  // namespace clearformer::wasm
