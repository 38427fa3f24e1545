#pragma once

// Options from JavaScript and results to JavaScript, through the field tables. Values are copied; no view of memory leaves.

#include <emscripten/val.h>

#include <string>

#include "clearformer/fields.hpp"

namespace clearformer::wasm {

using emscripten::val;

/// snake_case as camelCase.
std::string camel(const char* name);

/// Fills the fields from the options object of a function, whose name begins every sentence. Throws KindError for a missing, unknown or ill-typed option and DomainError for a number or tensor out of place.
void read_object(const char* function, const val& object, const FieldList& list);

/// The fields as a JavaScript object. A Trace becomes a handle.
val write_object(const FieldList& list);

/// What a field table holds, for the comparison with core.d.ts: [{name, type, required, letters?}].
val describe_fields(const FieldList& list);

}  // namespace clearformer::wasm
