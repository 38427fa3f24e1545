#include "clearformer/attention/masks.hpp"

#include <algorithm>
#include <limits>

namespace clearformer {
namespace {

/// The keys that a query may see, from first to last, both included.
struct Span {
    std::int64_t first, last;
};

/// One mask by name. Those up to kPrefix show each query one span of keys.
struct OneMask {
    enum Kind {
        kNone,
        kCausal,
        kSlidingCausal,
        kSliding,
        kChunked,
        kChunkedCausal,
        kPrefix,
        kKeyPadding,
        kGlobal,
        kSameDocument
    };

    Kind kind;
    std::int64_t size = 0;                   // of window, half window, chunk or prefix
    const std::vector<int>* keys = nullptr;  // valid, or documents
    std::vector<int> tokens = {};            // of global

    bool is_span() const { return kind <= kPrefix; }

    /// For the query at position i.
    Span span(std::int64_t i) const {
        // Integer division gives the positions just before the first to its chunk.
        const std::int64_t chunk = kind == kChunked || kind == kChunkedCausal ? i / size * size : 0;
        switch (kind) {
            case kCausal: return {0, i};
            case kSlidingCausal: return {i - size + 1, i};
            case kSliding: return {i - size, i + size};
            case kChunked: return {chunk, chunk + size - 1};
            case kChunkedCausal: return {chunk, std::min(i, chunk + size - 1)};
            case kPrefix: return {0, std::max(i, size - 1)};
            default: return {0, std::numeric_limits<int>::max()};
        }
    }

    /// Whether the query at position i may see the key at position j.
    bool sees(std::int64_t i, int j) const {
        const auto key = static_cast<Size>(j);
        if (kind == kKeyPadding) return (*keys)[key] != 0;
        if (kind == kGlobal) {
            return std::any_of(tokens.begin(), tokens.end(), [&](int token) { return token == i || token == j; });
        }
        if (kind == kSameDocument) {
            return i >= 0 && i < static_cast<std::int64_t>(keys->size()) && (*keys)[static_cast<Size>(i)] == (*keys)[key];
        }
        const Span seen = span(i);
        return j >= seen.first && j <= seen.last;
    }
};

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

constexpr int kMostMasks = 16;

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
                                        {"sliding_symmetric", "sliding"},
                                        {"symmetric_window", "sliding"},
                                        {"sliding_window", "sliding_causal"},
                                        {"causal_sliding", "sliding_causal"},
                                        {"same_chunk", "chunked"},
                                        {"block_causal", "chunked_causal"},
                                        {"document", "same_document"},
                                        {"block_diagonal", "same_document"},
                                        {"packed", "same_document"},
                                        {"padding", "key_padding"},
                                        {"all", "none"},
                                        {"no_mask", "none"}};

std::string canonical(const std::string& name) {
    for (const auto& [other, ours] : kSynonyms) {
        if (name == other) return ours;
    }
    return name;
}

OneMask one_mask(const std::string& text, const MaskOptions& o) {
    const Call call = parse(text);
    const std::string name = canonical(call.name);
    require(call.arguments.empty() || name == "local" || name == "global", "attention_mask: ", name,
            " takes no brackets, got \"", text, "\"");
    if (name == "none") return {OneMask::kNone};
    if (name == "causal") return {OneMask::kCausal};
    if (name == "key_padding") {
        per_key(name, "valid", o.valid, o.keys);
        return {OneMask::kKeyPadding, 0, &o.valid};
    }
    if (name == "sliding_causal") return {OneMask::kSlidingCausal, positive(name, "window", o.window)};
    if (name == "sliding" || name == "local") {
        if (name == "local" && !call.arguments.empty()) {
            require(call.arguments.size() == 1, "attention_mask: local takes its half window, as in local(2), got \"", text,
                    "\"");
            return {OneMask::kSliding, call.arguments[0]};
        }
        require(o.half_window.has_value(), "attention_mask: \"", text, "\" needs half_window");
        require(*o.half_window >= 0, "attention_mask: half_window must be at least 0, got ", *o.half_window);
        return {OneMask::kSliding, *o.half_window};
    }
    if (name == "global") {
        require(!call.arguments.empty(), "attention_mask: global needs its tokens, as in global(0), got \"", text, "\"");
        for (int token : call.arguments) {
            require(token < o.keys, "attention_mask: global(", token, ") names a token beyond the ", o.keys, " keys");
        }
        return {OneMask::kGlobal, 0, nullptr, call.arguments};
    }
    if (name == "chunked") return {OneMask::kChunked, positive(name, "chunk", o.chunk)};
    if (name == "chunked_causal") return {OneMask::kChunkedCausal, positive(name, "chunk", o.chunk)};
    if (name == "same_document") {
        per_key(name, "documents", o.documents, o.keys);
        return {OneMask::kSameDocument, 0, &o.documents};
    }
    if (name == "prefix") {
        require(o.prefix.has_value(), "attention_mask: \"prefix\" needs prefix");
        require(*o.prefix >= 0, "attention_mask: prefix must be at least 0, got ", *o.prefix);
        return {OneMask::kPrefix, *o.prefix};
    }
    fail({"attention_mask: unknown mask \"", text,
          "\"; there are none, causal, key_padding, sliding_causal, "
          "sliding, local(w), global(a,b), chunked, chunked_causal, same_document, prefix"});
}

/// All must allow; in each one choice must.
using Conditions = std::vector<std::vector<OneMask>>;

Conditions conditions_of(const MaskOptions& o) {
    require(o.queries >= 0, "attention_mask: queries must be at least 0, got ", o.queries);
    require(o.keys >= 0, "attention_mask: keys must be at least 0, got ", o.keys);
    Conditions conditions;
    int masks = 0;
    for (const std::string& condition : split(o.mask, '&')) {
        conditions.emplace_back();
        for (const std::string& choice : split(condition, '+')) {
            require(++masks <= kMostMasks, "attention_mask: at most ", kMostMasks, " masks can be combined");
            conditions.back().push_back(one_mask(choice, o));
        }
    }
    return conditions;
}

}  // namespace

std::vector<std::vector<NamedMask>> named_masks(const MaskOptions& o) {
    std::vector<std::vector<NamedMask>> all;
    for (const std::string& condition : split(o.mask, '&')) {
        all.emplace_back();
        for (const std::string& choice : split(condition, '+'))
            all.back().push_back({choice, canonical(parse(choice).name)});
    }
    return all;
}

MaskResult attention_mask(const MaskOptions& o) {
    const Conditions conditions = conditions_of(o);
    const std::int64_t offset = o.query_offset.value_or(o.keys - o.queries);
    MaskResult result{Array<double>({static_cast<Size>(o.queries), static_cast<Size>(o.keys)})};
    double* allow = result.allow.data.data();
    for (int t = 0; t < o.queries; ++t) {
        for (int s = 0; s < o.keys; ++s) {
            const auto sees = [&](const OneMask& one) { return one.sees(t + offset, s); };
            const bool all = std::all_of(conditions.begin(), conditions.end(), [&](const std::vector<OneMask>& choices) {
                return std::any_of(choices.begin(), choices.end(), sees);
            });
            *allow++ = all ? 1.0 : 0.0;
        }
    }
    return result;
}

std::optional<std::vector<Range>> mask_ranges(const MaskOptions& o) {
    const Conditions conditions = conditions_of(o);
    for (const std::vector<OneMask>& choices : conditions) {
        if (choices.size() != 1 || !choices[0].is_span()) return std::nullopt;
    }
    const std::int64_t offset = o.query_offset.value_or(o.keys - o.queries);
    std::vector<Range> ranges(static_cast<Size>(o.queries));
    for (Size t = 0; t < ranges.size(); ++t) {
        Span keys{0, o.keys - 1};
        for (const std::vector<OneMask>& choices : conditions) {
            const Span span = choices[0].span(static_cast<std::int64_t>(t) + offset);
            keys = {std::max(keys.first, span.first), std::min(keys.last, span.last)};
        }
        if (keys.first <= keys.last) ranges[t] = {static_cast<Size>(keys.first), static_cast<Size>(keys.last) + 1};
    }
    return ranges;
}

}  // namespace clearformer
