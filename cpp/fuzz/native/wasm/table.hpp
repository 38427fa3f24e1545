#pragma once

// Stands in for cpp/wasm/table.hpp where the core is fuzzed natively: the modules' own files fill the table, so that there is one list
// of functions.

#include "fuzz/harness.hpp"

#define EMSCRIPTEN_BINDINGS(module)                              \
    static void fill_##module();                                 \
    static const bool filled_##module = (fill_##module(), true); \
    static void fill_##module()

namespace clearformer::wasm {

template <auto F>
struct Function;

template <class Result, class Options, Result (*F)(const Options&)>
struct Function<F> {
    static void run(fuzz::Input& input) {
        Options options;
        FieldList takes, gives;
        list_fields(options, takes);
        input.fill(Options::kFunction, takes);
        Result result = F(options);
        list_fields(result, gives);
        input.judge(gives);
    }
    static void add() { fuzz::functions().push_back({Options::kFunction, &run}); }
};

/// A function, in each of its precisions.
template <auto... F>
void add() {
    (Function<F>::add(), ...);
}

}  // namespace clearformer::wasm
