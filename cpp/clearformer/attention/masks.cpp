#include "clearformer/attention/masks.hpp"

#include <algorithm>
#include <functional>

namespace clearformer {
namespace {

/// True where the query at position i may see the key at position j.
using Sees = std::function<bool(int i, int j)>;

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    int depth = 0;
    for (char c : text) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == separator && depth == 0) parts.emplace_back();
        else if (c != ' ') parts.back() += c;
    }
    return parts;
}

int positive(const std::string& mask, const char* name, const std::optional<int>& value) {
    require(value.has_value(), "attention_mask: \"", mask, "\" needs ", name);
    require(*value >= 1, "attention_mask: ", name, " must be at least 1, got ", *value);
    return *value;
}

void per_key(const std::string& mask, const char* name, const std::vector<int>& list, int keys) {
    require(static_cast<int>(list.size()) == keys, "attention_mask: \"", mask, "\" needs ", name,
            " with one entry for each of the ", keys, " keys, got ", list.size());
}

struct Call {
    std::string name;
    std::vector<int> arguments;
};

Call parse(const std::string& text) {
    const auto open = text.find('(');
    if (open == std::string::npos) return {text, {}};
    require(text.back() == ')', "attention_mask: missing ) in \"", text, "\"");
    Call call{text.substr(0, open), {}};
    for (const std::string& number : split(text.substr(open + 1, text.size() - open - 2), ',')) {
        require(!number.empty() && number.size() < 10 && number.find_first_not_of("0123456789") == std::string::npos,
                "attention_mask: \"", text, "\" needs whole numbers in its brackets");
        int value = 0;
        for (char digit : number) value = value * 10 + (digit - '0');
        call.arguments.push_back(value);
    }
    return call;
}

/// Other names in use for the same masks.
constexpr const char* kSynonyms[][2] = {{"bidirectional", "none"},
                                        {"full", "none"},
                                        {"prefix_causal", "prefix"},
                                        {"prefix_lm", "prefix"},
                                        {"sliding_bidirectional", "sliding"},
                                        {"sliding_symmetric", "sliding"}};

Sees one_mask(const std::string& text, const MaskOptions& o) {
    const Call call = parse(text);
    std::string name = call.name;
    for (const auto& [other, ours] : kSynonyms) {
        if (name == other) name = ours;
    }
    require(call.arguments.empty() || name == "local" || name == "global", "attention_mask: ", name,
            " takes no brackets, got \"", text, "\"");
    if (name == "none") return [](int, int) { return true; };
    if (name == "causal") return [](int i, int j) { return j <= i; };
    if (name == "key_padding") {
        per_key(name, "valid", o.valid, o.keys);
        return [valid = o.valid](int, int j) { return valid[static_cast<Size>(j)] != 0; };
    }
    if (name == "sliding_causal") {
        return [w = positive(name, "window", o.window)](int i, int j) { return j <= i && i - j < w; };
    }
    if (name == "sliding" || name == "local") {
        int half = 0;
        if (name == "local" && !call.arguments.empty()) {
            require(call.arguments.size() == 1, "attention_mask: local takes its half window, as in local(2), got \"", text,
                    "\"");
            half = call.arguments[0];
        } else {
            require(o.half_window.has_value(), "attention_mask: \"", text, "\" needs half_window");
            require(*o.half_window >= 0, "attention_mask: half_window must be at least 0, got ", *o.half_window);
            half = *o.half_window;
        }
        return [half](int i, int j) { return i - j <= half && j - i <= half; };
    }
    if (name == "global") {
        require(!call.arguments.empty(), "attention_mask: global needs its tokens, as in global(0), got \"", text, "\"");
        for (int token : call.arguments) {
            require(token < o.keys, "attention_mask: global(", token, ") names a token beyond the ", o.keys, " keys");
        }
        return [tokens = call.arguments](int i, int j) {
            return std::find(tokens.begin(), tokens.end(), i) != tokens.end() ||
                   std::find(tokens.begin(), tokens.end(), j) != tokens.end();
        };
    }
    if (name == "chunked") {
        return [c = positive(name, "chunk", o.chunk)](int i, int j) { return i / c == j / c; };
    }
    if (name == "chunked_causal") {
        return [c = positive(name, "chunk", o.chunk)](int i, int j) { return j <= i && i / c == j / c; };
    }
    if (name == "same_document") {
        per_key(name, "documents", o.documents, o.keys);
        return [d = o.documents](int i, int j) {
            return i >= 0 && i < static_cast<int>(d.size()) && d[static_cast<Size>(i)] == d[static_cast<Size>(j)];
        };
    }
    if (name == "prefix") {
        require(o.prefix.has_value(), "attention_mask: \"prefix\" needs prefix");
        require(*o.prefix >= 0, "attention_mask: prefix must be at least 0, got ", *o.prefix);
        return [p = *o.prefix](int i, int j) { return j <= i || j < p; };
    }
    fail({"attention_mask: unknown mask \"", text,
          "\"; there are none, causal, key_padding, sliding_causal, "
          "sliding, local(w), global(a,b), chunked, chunked_causal, same_document, prefix"});
}

}  // namespace

MaskResult attention_mask(const MaskOptions& o) {
    require(o.queries >= 0, "attention_mask: queries must be at least 0, got ", o.queries);
    require(o.keys >= 0, "attention_mask: keys must be at least 0, got ", o.keys);
    std::vector<std::vector<Sees>> conditions;
    for (const std::string& condition : split(o.mask, '&')) {
        conditions.emplace_back();
        for (const std::string& choice : split(condition, '+')) conditions.back().push_back(one_mask(choice, o));
    }
    const int offset = o.query_offset.value_or(o.keys - o.queries);
    MaskResult result{Array<double>({static_cast<Size>(o.queries), static_cast<Size>(o.keys)})};
    double* allow = result.allow.data.data();
    for (int t = 0; t < o.queries; ++t) {
        for (int s = 0; s < o.keys; ++s) {
            const auto sees = [&](const Sees& one) { return one(t + offset, s); };
            const bool all = std::all_of(conditions.begin(), conditions.end(), [&](const std::vector<Sees>& choices) {
                return std::any_of(choices.begin(), choices.end(), sees);
            });
            *allow++ = all ? 1.0 : 0.0;
        }
    }
    return result;
}

}  // namespace clearformer
