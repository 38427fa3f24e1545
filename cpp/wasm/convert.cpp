#include "wasm/convert.hpp"

#include <algorithm>
#include <cmath>

#include "wasm/handles.hpp"

namespace clearformer::wasm {
namespace {

std::string type_of(const val& value) { return value.typeOf().as<std::string>(); }

bool is_nothing(const val& value) { return value.isUndefined() || value.isNull(); }

/// A typed array. A DataView is a view too, but has no length.
bool is_view(const val& value) {
    static const val array_buffer = val::global("ArrayBuffer");
    return array_buffer.call<bool>("isView", value) && value["length"].isNumber();
}

/// Also of another realm (a frame, a test's window), where instanceof fails.
bool is_array(const val& value) {
    static const val array = val::global("Array");
    return array.call<bool>("isArray", value);
}

std::string described(const val& value) {
    const std::string type = type_of(value);
    return type == "string" ? "\"" + value.as<std::string>() + "\"" : value.isNull() ? "null" : type;
}

/// The name of a field as JavaScript has it, kept: making a string costs more than the rest of reading or writing a field.
const val& key(const char* name) {
    struct Kept {
        const char* name = nullptr;
        val made = val::undefined();
    };
    static std::vector<Kept> kept(512);
    Kept& place = kept[(reinterpret_cast<std::uintptr_t>(name) >> 1) % kept.size()];
    if (place.name != name) place = {name, val(camel(name))};
    return place.made;
}

/// Where a value stands in what was given: "attention: overrides[2]: scale". Written out only for an error.
struct Place {
    const Place* outer;  // null: this is the function
    const char* name;    // of a field; with a point in front, a property as JavaScript has it; null: an entry of a list
    Size index;

    std::string text() const {
        if (!outer) return name;
        if (!name) return join({outer->text(), "[", index, "]"});
        return *name == '.' ? outer->text() + name : join({outer->text(), ": ", camel(name)});
    }
};

[[noreturn]] void refuse(const Place& place, const char* rule, const val& given) {
    fail_kind({place.text(), rule, ", got ", described(given)});
}

double number(const Place& place, const val& given) {
    if (!given.isNumber()) refuse(place, " must be a number", given);
    return given.as<double>();
}

double whole(const Place& place, const val& given, double least, double most) {
    const double value = number(place, given);
    if (!(value == std::floor(value) && value >= least && value <= most)) {
        fail({place.text(), " must be a whole number from ", least, " to ", most, ", got ", value});
    }
    return value;
}

double finite(const Place& place, const val& given) {
    const double value = number(place, given);
    if (!std::isfinite(value)) fail({place.text(), " must be a finite number, got ", value});
    return value;
}

constexpr double kLeastInt = -2147483648.0, kMostInt = 2147483647.0, kMostUnsigned = 4294967295.0;

Size list_length(const Place& place, const val& given) {
    if (!is_array(given) && !is_view(given)) refuse(place, " must be a list", given);
    return given["length"].as<unsigned>();
}

template <class List>
void read_list(const Place& place, const val& given, List& values, double (*one)(const Place&, const val&)) {
    values.resize(list_length(place, given));
    for (Size i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::remove_reference_t<decltype(values[0])>>(one({&place, nullptr, i}, given[i]));
    }
}

double one_integer(const Place& place, const val& given) { return whole(place, given, kLeastInt, kMostInt); }
double one_size(const Place& place, const val& given) { return whole(place, given, 0, kMostUnsigned); }

std::string text(const Place& place, const val& given) {
    if (!given.isString()) refuse(place, " must be a string", given);
    return given.as<std::string>();
}

bool is_object(const val& given) { return type_of(given) == "object" && !given.isNull(); }

/// Checks a tensor's form and copies its values; `resize` makes room for them.
template <class Real>
void read_tensor(const Place& place, const val& given, Array<Real>& array, Numbers numbers) {
    if (!is_object(given) || !is_array(given["shape"]) || !is_view(given["data"])) {
        refuse(place, " must be a tensor {shape, data} with data a Float64Array or Float32Array", given);
    }
    read_list({&place, ".shape", 0}, given["shape"], array.shape, one_size);
    const val data = given["data"];
    const Size count = data["length"].as<unsigned>(), expected = entries(array.shape);
    if (count != expected) fail({place.text(), ": shape ", array.shape, " needs ", expected, " values, got ", count});
    check_bytes(place.text(), array.shape, sizeof(Real));
    array.data.resize(count);
    if (count == 0) return;
    // BigInt64Array is a typed array as well.
    const val first = data[0];
    if (!first.isNumber()) refuse(place, " must hold numbers", first);
    val(emscripten::typed_memory_view(count, array.data.data())).call<void>("set", data);
    for (Size i = 0; i < count; ++i) {
        const bool fits = numbers == kFinite ? std::isfinite(array.data[i]) : !std::isnan(array.data[i]);
        if (fits) continue;
        fail({place.text(), numbers == kFinite ? " must hold finite numbers" : " must not hold NaN", ", got ", array.data[i],
              " at position ", i});
    }
}

void read_members(const Place& place, const val& object, const FieldList& list);

void read_field(const Place& place, const val& given, const Field& field) {
    field.emplace();
    switch (field.type) {
        case FieldType::kNumber: field.as<double>() = finite(place, given); break;
        case FieldType::kInteger: field.as<int>() = static_cast<int>(one_integer(place, given)); break;
        case FieldType::kUnsigned: field.as<std::uint32_t>() = static_cast<std::uint32_t>(one_size(place, given)); break;
        case FieldType::kSize: field.as<Size>() = static_cast<Size>(one_size(place, given)); break;
        case FieldType::kBoolean:
            if (!given.isTrue() && !given.isFalse()) refuse(place, " must be true or false", given);
            field.as<bool>() = given.isTrue();
            break;
        case FieldType::kString: field.as<std::string>() = text(place, given); break;
        case FieldType::kIntegers: read_list(place, given, field.as<std::vector<int>>(), one_integer); break;
        case FieldType::kSizes: read_list(place, given, field.as<Extents>(), one_size); break;
        case FieldType::kNumbers: read_list(place, given, field.as<std::vector<double>>(), finite); break;
        case FieldType::kStrings: {
            auto& texts = field.as<std::vector<std::string>>();
            texts.resize(list_length(place, given));
            for (Size i = 0; i < texts.size(); ++i) texts[i] = text({&place, nullptr, i}, given[i]);
            break;
        }
        case FieldType::kTensor: read_tensor(place, given, field.as<Array<double>>(), field.numbers); break;
        case FieldType::kTensor32: read_tensor(place, given, field.as<Array<float>>(), field.numbers); break;
        case FieldType::kTrace: fail_kind({place.text(), " cannot be given"}); break;
        case FieldType::kHandle: field.as<Handle>().id = static_cast<unsigned>(one_size(place, given)); break;
        case FieldType::kConfig: {
            // web/core/config.js has packed the object.
            if (!is_object(given) || !given["packed"].isString()) {
                refuse(place, " must be an object of keys and values", given);
            }
            std::vector<double> numbers(list_length(place, given["numbers"]));
            val(emscripten::typed_memory_view(numbers.size(), numbers.data())).call<void>("set", given["numbers"]);
            field.inner->unpack(&field.as<char>(), given["packed"].as<std::string>(), numbers);
            break;
        }
        case FieldType::kObject: {
            FieldList inner;
            field.inner->fields(&field.as<char>(), inner);
            read_members(place, given, inner);
            break;
        }
        case FieldType::kList: {
            const Size count = list_length(place, given);
            void* list = &field.as<char>();
            field.inner->resize(list, count);
            for (Size i = 0; i < count; ++i) {
                FieldList inner;
                field.inner->fields(field.inner->at(list, i), inner);
                read_members({&place, nullptr, i}, given[i], inner);
            }
            break;
        }
    }
}

void read_members(const Place& place, const val& object, const FieldList& list) {
    if (!is_object(object)) fail_kind({place.text(), ": needs an object, got ", described(object)});
    Size found = 0;
    for (const Field& field : list) {
        const val given = object[key(field.name)];
        const Place own{&place, field.name, 0};
        if (!given.isUndefined()) ++found;
        if (!is_nothing(given)) read_field(own, given, field);
        else if (field.required) fail_kind({own.text(), " is required"});
    }
    // Every key of the object must have been a field; keys that are undefined do no harm.
    const val keys = val::global("Object").call<val>("keys", object);
    const Size count = keys["length"].as<unsigned>();
    if (count == found) return;
    std::string names;
    for (const Field& field : list) names = join({names, names.empty() ? "" : ", ", camel(field.name)});
    for (Size i = 0; i < count; ++i) {
        const std::string name = keys[i].as<std::string>();
        bool known = object[name].isUndefined();
        for (const Field& field : list) known = known || camel(field.name) == name;
        if (!known) fail_kind({place.text(), ": unknown option \"", name, "\"; it takes ", names});
    }
}

template <class List>
val write_list(const List& values) {
    val list = val::array();
    for (Size i = 0; i < values.size(); ++i) list.set(i, val(static_cast<double>(values[i])));
    return list;
}

template <class Real>
val write_tensor(const Array<Real>& array, const char* type) {
    val result = val::object();
    result.set("shape", write_list(array.shape));
    result.set("data", val::global(type).new_(val(emscripten::typed_memory_view(array.data.size(), array.data.data()))));
    return result;
}

/// Rows of numbers and texts cross as one text and one list of numbers, which web/core/rows.js takes apart: a property that is set from here
/// costs as much as a hundred additions.
class Rows {
public:
    static bool fit(const FieldList& fields) {
        for (const Field& field : fields) {
            switch (field.type) {
                case FieldType::kNumber:
                case FieldType::kBoolean:
                case FieldType::kString:
                case FieldType::kNumbers: break;
                default: return false;
            }
        }
        return true;
    }

    void add(const FieldList& fields) {
        for (const Field& field : fields) {
            if (!field.required) numbers_.push_back(field.has());
            if (!field.has()) continue;
            if (field.type == FieldType::kNumber) numbers_.push_back(field.as<double>());
            if (field.type == FieldType::kBoolean) numbers_.push_back(field.as<bool>());
            if (field.type == FieldType::kNumbers) {
                const auto& values = field.as<std::vector<double>>();
                numbers_.push_back(static_cast<double>(values.size()));
                numbers_.insert(numbers_.end(), values.begin(), values.end());
            }
            if (field.type == FieldType::kString) {
                const std::size_t start = texts_.size();
                texts_ += field.as<std::string>();
                std::replace(texts_.begin() + static_cast<std::ptrdiff_t>(start), texts_.end(), kNext, ' ');
                texts_ += kNext;
            }
        }
    }

    val write(Size count) const {
        val result = val::object();
        result.set("count", static_cast<double>(count));
        result.set("texts", texts_);
        result.set("numbers",
                   val::global("Float64Array").new_(val(emscripten::typed_memory_view(numbers_.size(), numbers_.data()))));
        return result;
    }

private:
    static constexpr char kNext = '\x1f';
    std::string texts_;
    std::vector<double> numbers_;
};

val write_field(const Field& field) {
    switch (field.type) {
        case FieldType::kNumber: return val(field.as<double>());
        case FieldType::kInteger: return val(field.as<int>());
        case FieldType::kUnsigned: return val(static_cast<double>(field.as<std::uint32_t>()));
        case FieldType::kSize: return val(static_cast<double>(field.as<Size>()));
        case FieldType::kBoolean: return val(field.as<bool>());
        case FieldType::kString: return val(field.as<std::string>());
        case FieldType::kIntegers: return write_list(field.as<std::vector<int>>());
        case FieldType::kSizes: return write_list(field.as<Extents>());
        case FieldType::kNumbers: return write_list(field.as<std::vector<double>>());
        case FieldType::kStrings: {
            const auto& texts = field.as<std::vector<std::string>>();
            val list = val::array();
            for (Size i = 0; i < texts.size(); ++i) list.set(i, val(texts[i]));
            return list;
        }
        case FieldType::kTensor: return write_tensor(field.as<Array<double>>(), "Float64Array");
        case FieldType::kTensor32: return write_tensor(field.as<Array<float>>(), "Float32Array");
        case FieldType::kTrace: return val(traces().keep(std::move(field.as<Trace>())));
        case FieldType::kHandle: return val(field.as<Handle>().id);
        case FieldType::kConfig: return val::undefined();
        case FieldType::kObject: {
            FieldList inner;
            field.inner->fields(&field.as<char>(), inner);
            return write_object(inner);
        }
        case FieldType::kList: break;
    }
    val list = val::array();
    void* members = &field.as<char>();
    const Size count = field.inner->size(members);
    Rows rows;
    bool fit = false;
    for (Size i = 0; i < count; ++i) {
        FieldList inner;
        field.inner->fields(field.inner->at(members, i), inner);
        fit = i == 0 ? Rows::fit(inner) : fit;
        if (fit) rows.add(inner);
        else list.set(i, write_object(inner));
    }
    return fit ? rows.write(count) : list;
}

const char* type_name(FieldType type) {
    switch (type) {
        case FieldType::kNumber: return "number";
        case FieldType::kInteger:
        case FieldType::kUnsigned:
        case FieldType::kSize: return "integer";
        case FieldType::kBoolean: return "boolean";
        case FieldType::kString: return "string";
        case FieldType::kIntegers:
        case FieldType::kSizes:
        case FieldType::kNumbers: return "numbers";
        case FieldType::kStrings: return "strings";
        case FieldType::kTensor:
        case FieldType::kTensor32: return "tensor";
        case FieldType::kTrace: return "trace";
        case FieldType::kHandle: return "handle";
        case FieldType::kConfig: return "config";
        case FieldType::kObject: return "object";
        case FieldType::kList: break;
    }
    return "list";
}

}  // namespace

std::string camel(const char* name) {
    std::string result;
    bool raise = false;
    for (; *name != 0; ++name) {
        if (*name != '_') result += static_cast<char>(raise && *name >= 'a' && *name <= 'z' ? *name - 32 : *name);
        raise = *name == '_';
    }
    return result;
}

void read_object(const char* function, const val& object, const FieldList& list) {
    read_members({nullptr, function, 0}, object, list);
}

val write_object(const FieldList& list) {
    val object = val::object();
    for (const Field& field : list) {
        if (!field.has()) continue;
        // The value first: writing it may need the place where the name is kept.
        const val value = write_field(field);
        object.set(key(field.name), value);
    }
    return object;
}

val describe_fields(const FieldList& list) {
    val result = val::array();
    Size i = 0;
    for (const Field& field : list) {
        val entry = val::object();
        entry.set("name", camel(field.name));
        entry.set("type", std::string(type_name(field.type)));
        entry.set("required", field.required);
        if (field.letters[0] != 0) entry.set("letters", std::string(field.letters));
        if (field.type == FieldType::kObject || field.type == FieldType::kList) {
            field.emplace();
            void* member = &field.as<char>();
            if (field.type == FieldType::kList) field.inner->resize(member, 1);
            FieldList inner;
            field.inner->fields(field.type == FieldType::kList ? field.inner->at(member, 0) : member, inner);
            entry.set("fields", describe_fields(inner));
        }
        result.set(i++, entry);
    }
    return result;
}

}  // namespace clearformer::wasm
