#include "clearformer/attention/attention_trace.hpp"
#include "clearformer/recipe.hpp"

namespace clearformer {
namespace {

/// When a mask lets query i see key j, in words and symbols.
struct Meaning {
    const char *name, *words, *formula;
};
constexpr Meaning kMeanings[] = {
    {"none", "Every key is visible.", "1"},
    {"causal", "1 where the key stands at or before the query.", "[j \\le i]"},
    {"key_padding", "1 where the key is marked as valid, 0 where it is padding.", "v_j"},
    {"sliding_causal", "1 where the key is the query's own or one of the window before it.", "[i - w < j \\le i]"},
    {"sliding", "1 where the key is no farther from the query than half the window.", "[|i - j| \\le w]"},
    {"local", "1 where the key is no farther from the query than half the window.", "[|i - j| \\le w]"},
    {"global", "1 where the query or the key is a token that sees everything.", "[i \\in G \\lor j \\in G]"},
    {"chunked", "1 where the key lies in the query's own chunk.", "[\\lfloor j / c \\rfloor = \\lfloor i / c \\rfloor]"},
    {"chunked_causal", "1 where the key lies in the query's own chunk, at or before it.",
     "[\\lfloor j / c \\rfloor = \\lfloor i / c \\rfloor \\land j \\le i]"},
    {"same_document", "1 where the key belongs to the query's own document.", "[d_j = d_i]"},
    {"prefix", "1 where the key stands at or before the query, or within the prefix.", "[j \\le i \\lor j < p]"}};

/// One entry of one mask: the positions, the mask's number, and whether it allows.
Rule mask_rule(const MaskOptions& o, const std::string& name, const Array<double>& allow, double offset) {
    const Meaning* meaning = kMeanings;
    for (const Meaning& one : kMeanings) {
        if (name == one.name) meaning = &one;
    }
    Recipe recipe{meaning->words,
                  meaning->formula,
                  {},
                  {{"j", "position of the key", 0, 1},
                   {"t", "number of the query", 0, 0},
                   {"o", "position of the first query", offset}},
                  {{"i", "position of the query", "t + o"}, {"d", "how far the key is behind", "i - j"}}};
    const auto add = [&](const char* symbol, const char* what, const std::optional<int>& value) {
        if (value) recipe.constants.push_back({symbol, what, static_cast<double>(*value)});
    };
    if (name == "sliding_causal") add("w", "window", o.window);
    if (name == "sliding") add("w", "half the window", o.half_window);
    if (name == "chunked" || name == "chunked_causal") add("c", "length of a chunk", o.chunk);
    if (name == "prefix") add("p", "length of the prefix", o.prefix);
    return told_rule(std::move(recipe), "a", "whether it allows", allow);
}

}  // namespace

Trace trace_of(const MaskOptions& o) {
    const Array<double> whole = attention_mask(o).allow;
    const double offset = o.query_offset.value_or(o.keys - o.queries);
    Trace trace;
    std::vector<std::vector<const char*>> names;
    for (const auto& choices : named_masks(o)) {
        names.emplace_back();
        for (const NamedMask& one : choices) {
            const char* own = trace.own(one.text);
            names.back().push_back(own);
            if (trace.has(own)) continue;
            MaskOptions single = o;
            single.mask = one.text;
            const Array<double> allow = attention_mask(single).allow;
            add_made(trace, {own, "M", "whether this mask allows", "scores", "T S"}, allow,
                     mask_rule(o, one.name, allow, offset));
        }
    }
    add_made(trace, {"allow", "M", "1 where the query may see the key", "scores", "T S"}, whole,
             [names](const Index& at, Pen& pen) {
                 pen.rule("Every condition must allow: of each, one mask at least.", "\\prod_c \\max_m M_{c,m}");
                 std::string product;
                 for (Size c = 0; c < names.size(); ++c) {
                     const std::string condition = sentence("c", c + 1);
                     std::string refused;
                     for (Size m = 0; m < names[c].size(); ++m) {
                         const std::string symbol = sentence("m", c + 1, "_", m + 1);
                         pen.scalar(symbol, names[c][m], at);
                         refused += sentence(m == 0 ? "" : " * ", "(1 - ", symbol, ")");
                     }
                     pen.step(condition, "whether one of them allows", sentence("1 - ", refused));
                     product += sentence(c == 0 ? "" : " * ", condition);
                 }
                 pen.step("y", "all of them", product);
             });
    return trace;
}

}  // namespace clearformer
