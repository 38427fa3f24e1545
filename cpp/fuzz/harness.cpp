#include "fuzz/harness.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>

#include "clearformer/trace.hpp"

namespace clearformer::fuzz {
namespace {

const std::vector<double> kNumbers{
    0,      -0.0,  1,      -1,    0.5,  2,          1e-12, 1e-320,
    5e-324, 1e300, -1e300, 1e6,   -1e6, 2147483648, 1e15,  std::numeric_limits<double>::max(),
    1e-300, 0.1,   0.9,    -0.25, 100,  1000,       10,    -std::numeric_limits<double>::max()};
const std::vector<double> kWholes{
    -1, -2, 16, 31, 32, 33, 64, 65, 100, 128, 1000, 2147483647, -2147483648.0, 2147483646, 4294967295, 65536};
constexpr int kDeepest = 3;

/// The name as JavaScript, the declarations and the sample calls have it.
std::string camel(const std::string& snake) {
    std::string name;
    bool raise = false;
    for (char c : snake) {
        if (c != '_') name += static_cast<char>(raise && c >= 'a' && c <= 'z' ? c - 32 : c);
        raise = c == '_';
    }
    return name;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// The words that the declarations offer for an option, `mask?: 'none' | 'causal'`, by its name; all of them under "".
const std::map<std::string, std::vector<std::string>>& documented_words() {
    static const std::map<std::string, std::vector<std::string>> words = [] {
        std::map<std::string, std::vector<std::string>> found{{"", {"causal&key_padding", "local(2)", "global(1,2)"}}};
        std::set<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(CLEARFORMER_ROOT "/web/core/api"))
            files.insert(entry.path());
        for (const auto& path : files) {
            std::ifstream file(path);
            std::stringstream all;
            all << file.rdbuf();
            const std::string text = all.str();
            for (Size at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 1)) {
                const Size close = text.find('\'', at + 1);
                if (close == std::string::npos) break;
                const std::string word = text.substr(at + 1, close - at - 1);
                if (word.size() < 30 && word.find('\n') == std::string::npos) {
                    // The name stands before the colon that begins the union.
                    Size end = at;
                    const Size colon = text.rfind(':', end), line = text.rfind(';', end);
                    if (colon != std::string::npos && (line == std::string::npos || colon > line)) {
                        Size last = colon;
                        while (last > 0 && !is_word(text[last - 1])) --last;
                        Size first = last;
                        while (first > 0 && is_word(text[first - 1])) --first;
                        found[text.substr(first, last - first)].push_back(word);
                    }
                    found[""].push_back(word);
                }
                at = close;
            }
        }
        return found;
    }();
    return words;
}

std::vector<std::string> words_of(const std::string& letters) {
    std::istringstream stream(letters);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

using Json = nlohmann::json;

/// Options by the functions' names.
Json& samples() {
    static Json all = Json::object();
    return all;
}

template <class Real>
void read_tensor(const Json& given, Array<Real>& array) {
    const auto extents = given.at("shape").get<std::vector<Size>>();
    array.shape = Shape(extents.begin(), extents.end());
    array.data = given.at("data").get<std::vector<Real>>();
}

void add_keys(const Json& object, const std::string& prefix, KeyValues& config) {
    for (const auto& [name, value] : object.items()) {
        KeyValue entry;
        entry.key = prefix + name;
        if (value.is_object()) {
            add_keys(value, entry.key + ".", config);
            continue;
        }
        if (value.is_number()) {
            entry.kind = KeyValue::kNumber;
            entry.numbers = {value.get<double>()};
        } else if (value.is_boolean()) {
            entry.kind = KeyValue::kBoolean;
            entry.numbers = {value.get<bool>() ? 1.0 : 0.0};
        } else if (value.is_string()) {
            entry.kind = KeyValue::kText;
            entry.texts = {value.get<std::string>()};
        } else if (value.is_array() && !value.empty() && value[0].is_number()) {
            entry.kind = KeyValue::kNumbers;
            entry.numbers = value.get<std::vector<double>>();
        } else if (value.is_array() && (value.empty() || value[0].is_string())) {
            entry.kind = KeyValue::kTexts;
            entry.texts = value.get<std::vector<std::string>>();
        }
        config.add(std::move(entry));
    }
}

KeyValues config_of(const Json& object) {
    KeyValues config;
    add_keys(object, "", config);
    return config;
}

void read(const Json& given, const FieldList& list) {
    for (const Field& field : list) {
        const auto found = given.find(camel(field.name));
        if (found == given.end() || found->is_null()) continue;
        const Json& value = *found;
        field.emplace();
        switch (field.type) {
            case FieldType::kNumber: field.as<double>() = value; break;
            case FieldType::kInteger: field.as<int>() = value; break;
            case FieldType::kUnsigned: field.as<std::uint32_t>() = value; break;
            case FieldType::kSize: field.as<Size>() = value; break;
            case FieldType::kBoolean: field.as<bool>() = value; break;
            case FieldType::kString: field.as<std::string>() = value; break;
            case FieldType::kIntegers: field.as<std::vector<int>>() = value.get<std::vector<int>>(); break;
            case FieldType::kSizes: {
                const auto extents = value.get<std::vector<Size>>();
                field.as<Extents>() = Extents(extents.begin(), extents.end());
                break;
            }
            case FieldType::kNumbers: field.as<std::vector<double>>() = value.get<std::vector<double>>(); break;
            case FieldType::kStrings: field.as<std::vector<std::string>>() = value.get<std::vector<std::string>>(); break;
            case FieldType::kTensor: read_tensor(value, field.as<Array<double>>()); break;
            case FieldType::kTensor32: read_tensor(value, field.as<Array<float>>()); break;
            case FieldType::kTrace:
            case FieldType::kHandle: break;
            case FieldType::kConfig: field.as<KeyValues>() = config_of(value); break;
            case FieldType::kObject: {
                FieldList inner;
                field.inner->fields(&field.as<char>(), inner);
                read(value, inner);
                break;
            }
            case FieldType::kList: {
                void* members = &field.as<char>();
                field.inner->resize(members, value.size());
                for (Size i = 0; i < value.size(); ++i) {
                    FieldList inner;
                    field.inner->fields(field.inner->at(members, i), inner);
                    read(value[i], inner);
                }
                break;
            }
        }
    }
}

}  // namespace

bool read_samples(const std::string& path) {
    std::ifstream file(path);
    if (!file) return false;
    samples() = Json::parse(file);
    return true;
}

void Input::fill(const char* function, const FieldList& list) {
    letters_.clear();
    leading_.clear();
    const auto sample = samples().find(camel(function));
    if (only_ == 0 && sample != samples().end() && bytes_.below(2) == 0) {
        read(*sample, list);
        for (Size axes = bytes_.below(3); axes > 0; --axes) leading_.push_back(bytes_.below(4));
        change_some(list, 0);
        return;
    }
    for (Size axes = bytes_.below(8) < 5 ? bytes_.below(3) : 0; axes > 0; --axes) leading_.push_back(bytes_.below(4));
    fill(list, 0);
}

void Input::fill(const FieldList& list, int depth) {
    for (const Field& field : list) {
        const bool is_handle = field.type == FieldType::kUnsigned && std::string(field.name) == "cache";
        if (is_handle) {
            field.as<std::uint32_t>() = only_ != 0                                 ? only_
                                        : handles_.empty() || bytes_.below(8) == 0 ? bytes_.byte()
                                                                                   : handles_.back();
        } else if (only_ == 0 && (field.required || bytes_.below(2) == 0)) {
            fill_field(field, depth);
        }
    }
}

void Input::change_some(const FieldList& list, int depth) {
    if (list.size() == 0) return;
    for (Size changes = bytes_.below(4); changes > 0; --changes) {
        const Field& field = *(list.begin() + static_cast<std::ptrdiff_t>(bytes_.below(list.size())));
        const bool known = field.has() && bytes_.below(4) != 0;
        if (known && field.type == FieldType::kObject) {
            FieldList inner;
            field.inner->fields(&field.as<char>(), inner);
            change_some(inner, depth + 1);
        } else if (known && field.type == FieldType::kList) {
            void* members = &field.as<char>();
            const Size count = field.inner->size(members);
            if (count == 0) continue;
            FieldList inner;
            field.inner->fields(field.inner->at(members, bytes_.below(count)), inner);
            change_some(inner, depth + 1);
        } else if (known && field.type == FieldType::kTensor && bytes_.below(2) == 0) {
            // Other values in the same shape.
            Array<double>& array = field.as<Array<double>>();
            const bool any = bytes_.below(4) == 0;
            const double same = number();
            for (double& value : array.data) value = any ? number() : same;
        } else {
            fill_field(field, depth);
        }
    }
}

Size Input::extent(const std::string& word) {
    for (const Letter& letter : letters_) {
        if (letter.word == word) return bytes_.below(64) == 63 ? bytes_.below(5) : letter.extent;
    }
    const Size roll = bytes_.below(32);
    letters_.push_back({word, roll == 31 ? 16 : roll == 30 ? 0 : roll == 29 ? 12 : 1 + roll % 8});
    return letters_.back().extent;
}

Shape Input::shape(const char* letters) {
    Shape shape;
    for (const std::string& word : words_of(letters)) {
        if (word == "..") {
            for (Size axis : leading_) shape.push_back(axis);
        } else if (word.back() == '?') {
            if (leading_.size() == 1) shape.push_back(extent(word));
        } else if (word[0] >= '0' && word[0] <= '9') {
            shape.push_back(static_cast<Size>(std::stoul(word)));
        } else {
            shape.push_back(extent(word));
        }
    }
    if (letters[0] == 0 || std::string(letters) == "..") {
        if (leading_.empty()) {
            for (Size axes = bytes_.below(4); axes > 0; --axes) shape.push_back(bytes_.below(5));
        } else if (bytes_.below(4) != 0) {
            shape.push_back(extent("last"));
        }
    }
    // Now and then another shape than the letters ask for, or one without entries and with absurd extents.
    switch (bytes_.below(64)) {
        case 63: shape.resize(bytes_.below(5)); break;
        case 62:
            if (shape.size() < 6) shape.push_back(1);
            break;
        case 61:
            if (!shape.empty()) shape.back() = bytes_.below(6);
            break;
        case 60: shape = {0, 16777216}; break;
        case 59: shape = {16777216, 0}; break;
        default: break;
    }
    return shape;
}

double Input::number() {
    switch (bytes_.below(8)) {
        case 0: return bytes_.pick(kNumbers);
        case 1: {
            std::uint64_t bits = 0;
            for (int i = 0; i < 8; ++i) bits = bits << 8 | bytes_.byte();
            double value = 0;
            std::memcpy(&value, &bits, sizeof value);
            return std::isfinite(value) ? value : 0.25;
        }
        case 2: return static_cast<double>(bytes_.byte()) / 256;
        case 3: return static_cast<double>(bytes_.below(10));
        default: return (static_cast<double>(bytes_.byte()) - 128) / 32;
    }
}

double Input::whole(double least, double most) {
    const double value = bytes_.below(8) == 0 ? bytes_.pick(kWholes) : static_cast<double>(bytes_.below(10));
    return std::min(std::max(value, least), most);
}

std::string Input::text(const char* field) {
    const auto& words = documented_words();
    const auto own = words.find(camel(field));
    const Size roll = bytes_.below(8);
    if (own != words.end() && roll < 6) return bytes_.pick(own->second);
    if (roll < 6) return bytes_.pick(words.at(""));
    std::string text;
    for (Size length = bytes_.below(24); length > 0; --length) text += static_cast<char>(bytes_.byte());
    return text;
}

template <class Real>
void Input::tensor(Array<Real>& array, const Field& field) {
    array.shape = shape(field.letters);
    // As the boundary does.
    check_bytes("fuzz", array.shape, sizeof(Real));
    const Size count = entries(array.shape);
    require(count <= 100000, "fuzz: too many entries to fill");
    array.data.assign(count, Real(0));
    const Size kind = bytes_.below(8);
    const double same = number();
    for (Real& value : array.data) {
        const double given = kind == 0   ? same
                             : kind == 1 ? number()
                             : kind == 2 ? static_cast<double>(bytes_.below(6))
                             : kind == 3 ? static_cast<double>(bytes_.byte()) / 256
                             : kind == 4 && field.numbers == kAnyNumber && bytes_.below(3) == 0
                                 ? -kInfinity
                                 : (static_cast<double>(bytes_.byte()) - 128) / 32;
        value = static_cast<Real>(
            std::is_same_v<Real, float> && std::isfinite(given) ? std::min(std::max(given, -3.4e38), 3.4e38) : given);
    }
}

/// A few keys of the sample configuration changed, dropped or of another kind.
void Input::change_config(KeyValues& config) {
    KeyValues changed;
    for (KeyValue entry : config.entries()) {
        const Size what = bytes_.below(24);
        if (what == 0) continue;
        if (what == 1) entry.kind = KeyValue::kNull;
        if (what == 2) {
            entry.kind = KeyValue::kText;
            entry.texts = {text("config")};
        }
        if (what == 3) {
            entry.kind = KeyValue::kNumber;
            entry.numbers = {number()};
        }
        if (what == 4 && entry.kind == KeyValue::kNumber) entry.numbers = {whole(-2147483648.0, 9007199254740992.0)};
        if (what == 5 && !entry.numbers.empty()) entry.numbers.back() = number();
        changed.add(std::move(entry));
    }
    config = std::move(changed);
}

void Input::fill_field(const Field& field, int depth) {
    field.emplace();
    const auto count = [&] {
        const std::vector<std::string> words = words_of(field.letters);
        return words.size() == 1 && words[0] != ".." ? extent(words[0])
               : bytes_.below(16) == 0               ? bytes_.below(200)
                                                     : bytes_.below(7);
    };
    switch (field.type) {
        case FieldType::kNumber:
            if (bytes_.below(4) != 0) field.as<double>() = number();
            break;
        case FieldType::kInteger:
            if (bytes_.below(8) != 0) field.as<int>() = static_cast<int>(whole(-2147483648.0, 2147483647));
            break;
        case FieldType::kUnsigned: field.as<std::uint32_t>() = static_cast<std::uint32_t>(whole(0, 4294967295)); break;
        case FieldType::kSize: field.as<Size>() = static_cast<Size>(whole(0, 4294967295)); break;
        case FieldType::kBoolean: field.as<bool>() = bytes_.below(2) == 0; break;
        case FieldType::kString: field.as<std::string>() = text(field.name); break;
        case FieldType::kIntegers: {
            auto& list = field.as<std::vector<int>>();
            list.resize(count());
            for (int& value : list) value = static_cast<int>(whole(-2147483648.0, 2147483647));
            break;
        }
        case FieldType::kSizes: {
            auto& list = field.as<Extents>();
            list.resize(bytes_.below(7));
            for (Size& value : list) value = static_cast<Size>(whole(0, 4294967295));
            break;
        }
        case FieldType::kNumbers: {
            auto& list = field.as<std::vector<double>>();
            list.resize(count());
            const bool wholes = bytes_.below(2) == 0;
            for (double& value : list) value = wholes ? whole(-2147483648.0, 4294967295) : number();
            break;
        }
        case FieldType::kStrings: {
            auto& list = field.as<std::vector<std::string>>();
            list.resize(bytes_.below(4));
            for (std::string& value : list) value = text(field.name);
            break;
        }
        case FieldType::kTensor: tensor(field.as<Array<double>>(), field); break;
        case FieldType::kTensor32: tensor(field.as<Array<float>>(), field); break;
        case FieldType::kTrace: break;
        case FieldType::kHandle: field.as<Handle>().id = bytes_.byte(); break;
        case FieldType::kConfig: change_config(field.as<KeyValues>()); break;
        case FieldType::kObject: {
            FieldList inner;
            field.inner->fields(&field.as<char>(), inner);
            fill(inner, depth + 1);
            break;
        }
        case FieldType::kList: {
            void* list = &field.as<char>();
            field.inner->resize(list, depth < kDeepest ? bytes_.below(5) : 0);
            for (Size i = 0; i < field.inner->size(list); ++i) {
                FieldList inner;
                field.inner->fields(field.inner->at(list, i), inner);
                fill(inner, depth + 1);
            }
            break;
        }
    }
}

template <class Real>
void Input::judge_tensor(const char* name, const Array<Real>& array) const {
    if (array.data.size() != entries(array.shape))
        throw std::logic_error(std::string(name) + ": the data do not fill the shape");
}

void Input::judge_trace(const Trace& trace) {
    for (const Node& node : trace.nodes()) {
        double size = 1;
        for (Size axis : node.shape) size *= static_cast<double>(axis);
        if (size == 0 || size > 4096) continue;
        judge_tensor(node.label.name, trace.tensor(node.label.name));
        Index index;
        for (Size axis : node.shape) index.push_back(bytes_.below(axis));
        trace.explain(node.label.name, index);
        trace.numpy(node.label.name, index);
    }
}

void Input::judge(const FieldList& list) {
    for (const Field& field : list) {
        if (!field.has()) continue;
        if (field.type == FieldType::kTensor) judge_tensor(field.name, field.as<Array<double>>());
        if (field.type == FieldType::kTensor32) judge_tensor(field.name, field.as<Array<float>>());
        if (field.type == FieldType::kHandle) handles_.push_back(field.as<Handle>().id);
        if (field.type == FieldType::kTrace) judge_trace(field.as<Trace>());
    }
}

std::vector<Function>& functions() {
    static std::vector<Function> all;
    return all;
}

int run(const std::uint8_t* data, Size size) {
    // Several calls, so that a handle meets the functions of its kind.
    Input input(Bytes(data, size));
    int results = 0;
    for (int calls = 0; calls < 6 && !input.bytes().empty(); ++calls) {
        const Function& function = input.bytes().pick(functions());
        try {
            function.run(input);
            ++results;
        } catch (const DomainError&) {
        } catch (const KindError&) {
        }
        if (input.handles().empty()) break;
    }
    for (unsigned id : input.handles()) {
        for (const Function& function : functions()) {
            const std::string name = function.name;
            if (name != "cache_dispose" && name != "plan_dispose") continue;
            input.only_handle(id);
            function.run(input);
        }
    }
    return results;
}

}  // namespace clearformer::fuzz
