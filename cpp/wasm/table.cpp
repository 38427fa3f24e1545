#include "wasm/table.hpp"

#include <new>

namespace clearformer::wasm {
namespace {

[[gnu::noinline]] val error(const char* type, const char* text) { return val::global(type).new_(val(std::string(text))); }

std::vector<Body>& kept() {
    static std::vector<Body> list;
    return list;
}

}  // namespace

val guard(Body body, const val& options) {
    try {
        require_kind(!options.isUndefined(), "core: needs an options object");
        return body(options);
    } catch (const KindError& e) {
        return error("TypeError", e.what());
    } catch (const DomainError& e) {
        return error("RangeError", e.what());
    } catch (const std::bad_alloc&) {
        return error("RangeError", "memory: there is not enough for this size");
    } catch (const std::length_error&) {
        return error("RangeError", "memory: this size is not possible");
    } catch (const std::exception& e) {
        return error("Error", e.what());
    }
}

bool all_float32(const val& options) {
    if (options.typeOf().as<std::string>() != "object" || options.isNull()) return false;
    const val values = val::global("Object").call<val>("values", options), float32 = val::global("Float32Array");
    const Size count = values["length"].as<unsigned>();
    bool any = false;
    for (Size i = 0; i < count; ++i) {
        const val value = values[i];
        if (value.typeOf().as<std::string>() != "object" || value.isNull() || value["data"].isUndefined()) continue;
        if (!value["data"].instanceof (float32)) return false;
        any = true;
    }
    return any;
}

void keep(Body body) { kept().push_back(body); }

val descriptions() {
    val list = val::array();
    for (Size i = 0; i < kept().size(); ++i) list.set(i, kept()[i](val::undefined()));
    return list;
}

val answer(const Erased& function, const val& object, void* options, void* result) {
    FieldList takes, gives;
    function.list_options(options, takes);
    function.list_result(result, gives);
    if (object.isUndefined()) {
        val entry = val::object();
        entry.set("name", camel(function.name));
        entry.set("options", describe_fields(takes));
        entry.set("result", describe_fields(gives));
        return entry;
    }
    read_object(function.name, object, takes);
    function.compute(options, result);
    return write_object(gives);
}

}  // namespace clearformer::wasm
