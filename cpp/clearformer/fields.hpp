#pragma once

// A field table says once what a function takes or gives back:
//
//     template <class Real> struct SoftmaxOptions {
//         static constexpr const char* kFunction = "softmax";
//         Array<Real> x;
//         int axis = -1;
//         template <class Visitor> void fields(Visitor& field) {
//             field.required("x", x, ".. N", kAnyNumber);
//             field.optional("axis", axis);
//         }
//     };
//
// The binding reads options and writes results through it, the documentation test compares it with core.d.ts, tests read JSON
// through it, and check_shapes below turns its shape letters into error sentences. Nothing is listed twice.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "clearformer/key_values.hpp"
#include "clearformer/tensor.hpp"

namespace clearformer {

class Trace;
class FieldList;

/// Long-lived state that the host holds by number; who made it disposes it.
struct Handle {
    unsigned id = 0;
};

/// Which numbers a tensor may hold. Most operations are defined for finite ones; logits and biases may be infinite.
enum Numbers { kFinite, kAnyNumber };

enum class FieldType {
    kNumber,    // double
    kInteger,   // int
    kUnsigned,  // std::uint32_t
    kSize,      // Size
    kBoolean,   // bool
    kString,    // std::string
    kIntegers,  // std::vector<int>
    kSizes,     // Extents
    kNumbers,   // std::vector<double>
    kStrings,   // std::vector<std::string>
    kTensor,    // Array<double>
    kTensor32,  // Array<float>
    kTrace,     // Trace
    kHandle,    // Handle
    kConfig,    // KeyValues
    kObject,    // a struct with fields of its own
    kList       // std::vector of such structs
};

/// How to reach into a member whose type is not one of the plain ones.
struct StructAccess {
    void (*fields)(void* object, FieldList& list);
    Size (*size)(void* list);
    void* (*at)(void* list, Size i);
    void (*resize)(void* list, Size count);
    void (*unpack)(void* config, std::string_view packed, const std::vector<double>& numbers);
};
struct OptionalAccess {
    bool (*has)(void* member);
    void* (*get)(void* member);
    void (*emplace)(void* member);
};

/// One member of one struct.
struct Field {
    const char* name;
    const char* letters;
    Numbers numbers;
    FieldType type;
    bool required;
    void* member;
    const StructAccess* inner;       // of an object or a list
    const OptionalAccess* optional;  // of a std::optional

    bool has() const { return !optional || optional->has(member); }
    void emplace() const {
        if (optional) optional->emplace(member);
    }
    template <class T>
    T& as() const {
        return *static_cast<T*>(optional ? optional->get(member) : member);
    }
};

/// The members of a struct: what its fields() is visited with.
class FieldList {
public:
    template <class T>
    void required(const char* name, T& member, const char* letters = "", Numbers numbers = kFinite) {
        add(name, member, letters, numbers, true);
    }
    template <class T>
    void optional(const char* name, T& member, const char* letters = "", Numbers numbers = kFinite) {
        add(name, member, letters, numbers, false);
    }
    std::vector<Field>::const_iterator begin() const { return fields_.begin(); }
    std::vector<Field>::const_iterator end() const { return fields_.end(); }
    Size size() const { return fields_.size(); }

private:
    template <class T>
    void add(const char* name, T& member, const char* letters, Numbers numbers, bool required);
    void push(const Field& field);

    std::vector<Field> fields_;
};

/// The fields of an options or result struct. Kept out of line: every function of the API goes through it more than once.
template <class Struct>
[[gnu::noinline]] void list_fields(Struct& object, FieldList& list) {
    object.fields(list);
}

/// The field type of a member of type T, and how to reach into it.
template <class T>
struct FieldKind {
    static constexpr FieldType type() {
        if constexpr (std::is_same_v<T, double>) return FieldType::kNumber;
        else if constexpr (std::is_same_v<T, int>) return FieldType::kInteger;
        else if constexpr (std::is_same_v<T, bool>) return FieldType::kBoolean;
        else if constexpr (std::is_same_v<T, std::uint32_t>) return FieldType::kUnsigned;
        else if constexpr (std::is_same_v<T, Size>) return FieldType::kSize;
        else if constexpr (std::is_same_v<T, std::string>) return FieldType::kString;
        else if constexpr (std::is_same_v<T, std::vector<int>>) return FieldType::kIntegers;
        else if constexpr (std::is_same_v<T, Extents>) return FieldType::kSizes;
        else if constexpr (std::is_same_v<T, std::vector<double>>) return FieldType::kNumbers;
        else if constexpr (std::is_same_v<T, std::vector<std::string>>) return FieldType::kStrings;
        else if constexpr (std::is_same_v<T, Array<double>>) return FieldType::kTensor;
        else if constexpr (std::is_same_v<T, Array<float>>) return FieldType::kTensor32;
        else if constexpr (std::is_same_v<T, Trace>) return FieldType::kTrace;
        else if constexpr (std::is_same_v<T, Handle>) return FieldType::kHandle;
        else if constexpr (std::is_same_v<T, KeyValues>) return FieldType::kConfig;
        else return FieldType::kObject;
    }
    static const StructAccess* access() {
        if constexpr (type() == FieldType::kObject) {
            static constexpr StructAccess reach{[](void* o, FieldList& list) { list_fields(*static_cast<T*>(o), list); },
                                                nullptr, nullptr, nullptr, nullptr};
            return &reach;
        }
        // Through a pointer, so that only modules with configurations hold what reads them.
        if constexpr (type() == FieldType::kConfig) {
            static constexpr StructAccess reach{nullptr, nullptr, nullptr, nullptr,
                                                [](void* o, std::string_view packed, const std::vector<double>& numbers) {
                                                    *static_cast<T*>(o) = T(packed, numbers);
                                                }};
            return &reach;
        }
        return nullptr;
    }
    static constexpr FieldType kType = type();
    static const OptionalAccess* optional() { return nullptr; }
};
template <class T>
requires(FieldKind<T>::type() == FieldType::kObject) struct FieldKind<std::vector<T>> {
    static const StructAccess* access() {
        static constexpr StructAccess reach{
            [](void* o, FieldList& list) { list_fields(*static_cast<T*>(o), list); },
            [](void* list) { return static_cast<std::vector<T>*>(list)->size(); },
            [](void* list, Size i) { return static_cast<void*>(&(*static_cast<std::vector<T>*>(list))[i]); },
            [](void* list, Size count) { static_cast<std::vector<T>*>(list)->resize(count); }, nullptr};
        return &reach;
    }
    static constexpr FieldType kType = FieldType::kList;
    static const OptionalAccess* optional() { return nullptr; }
};
template <class T>
struct FieldKind<std::optional<T>> {
    static constexpr FieldType kType = FieldKind<T>::kType;
    static const StructAccess* access() { return FieldKind<T>::access(); }
    static const OptionalAccess* optional() {
        static constexpr OptionalAccess reach{
            [](void* m) { return static_cast<std::optional<T>*>(m)->has_value(); },
            [](void* m) { return static_cast<void*>(&**static_cast<std::optional<T>*>(m)); },
            [](void* m) { static_cast<std::optional<T>*>(m)->emplace(); }};
        return &reach;
    }
};

template <class T>
void FieldList::add(const char* name, T& member, const char* letters, Numbers numbers, bool required) {
    push({name, letters, numbers, FieldKind<T>::kType, required, &member, FieldKind<T>::access(), FieldKind<T>::optional()});
}

/// The extents that shape letters stand for in one call.
class Letters {
public:
    Size operator[](std::string_view letter) const;
    bool has(std::string_view letter) const { return find(letter) != nullptr; }
    /// Matches a shape with letters such as "H T D", ".. C" (any leading axes), "B? H T D" (an optional axis) or "3 N".
    /// Throws DomainError when the rank differs or a letter already stands for another extent.
    void match(const char* function, const char* field, std::string_view letters, const Shape& shape);

private:
    struct Extent {
        std::string_view letter;
        Size value;
        const char* field;
    };
    const Extent* find(std::string_view letter) const;
    std::vector<Extent> extents_;
};

/// Checks every tensor of a list of fields against its shape letters and returns what the letters stand for.
Letters check_shapes(const char* function, const FieldList& list);

template <class Options>
Letters check_shapes(const Options& options) {
    FieldList list;
    list_fields(const_cast<Options&>(options), list);
    return check_shapes(Options::kFunction, list);
}

}  // namespace clearformer
