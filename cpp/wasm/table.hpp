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

/// A function without its types: how it lists its fields and computes, for `answer`.
struct Erased {
    const char* name;
    void (*list_options)(void* options, FieldList& list);
    void (*list_result)(void* result, FieldList& list);
    void (*compute)(const void* options, void* result);
};
/// Reads the options, computes and writes the result; of undefined, the description.
val answer(const Erased& function, const val& object, void* options, void* result);

/// Keeps a function for describe(): while the table is filled, nothing may cross the boundary yet.
void keep(Body body);
val descriptions();

template <auto F>
struct Function;

template <class Result, class Options, Result (*F)(const Options&)>
struct Function<F> {
    static constexpr const char* kName = Options::kFunction;

    static val run(const val& object) {
        static constexpr Erased erased{
            kName, [](void* options, FieldList& list) { list_fields(*static_cast<Options*>(options), list); },
            [](void* result, FieldList& list) { list_fields(*static_cast<Result*>(result), list); },
            [](const void* options, void* result) {
                *static_cast<Result*>(result) = F(*static_cast<const Options*>(options));
            }};
        Options options;
        Result result;
        return answer(erased, object, &options, &result);
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
