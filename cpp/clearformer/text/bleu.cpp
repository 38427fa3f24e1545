#include "clearformer/text/bleu.hpp"

#include <cmath>

#include "clearformer/recipe.hpp"
#include "clearformer/text/units.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = BleuOptions::kFunction;
constexpr Size kMostTokens = 2000, kMostReferences = 32, kMostBytes = 100000;
constexpr int kMostN = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Every mark stands alone, but a dot or comma within a number and a hyphen that follows no digit stay.
std::string punctuation_apart(const std::string& text) {
    std::string apart;
    for (Size i = 0; i < text.size(); ++i) {
        const char c = text[i], before = i > 0 ? text[i - 1] : ' ', after = i + 1 < text.size() ? text[i + 1] : ' ';
        const bool mark = (c >= '!' && c <= '~' && !is_digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) &&
                          c != '\'' && c != ',' && c != '-' && c != '.';
        const bool point = (c == '.' || c == ',') && !(is_digit(before) && is_digit(after));
        const bool hyphen = c == '-' && is_digit(before);
        if (mark || point || hyphen) apart += std::string{' ', c, ' '};
        else apart += c;
    }
    return apart;
}

std::vector<std::string> tokens_of(const BleuOptions& o, std::string text) {
    require(text.size() <= kMostBytes, kName, ": a text may have at most ", kMostBytes, " bytes, got ", text.size());
    if (o.lowercase) {
        for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    std::vector<std::string> tokens;
    if (o.tokenizer == "characters") {
        for (const std::string& word : words_of(text)) {
            for (std::string& c : characters_of(word)) tokens.push_back(std::move(c));
        }
    } else {
        tokens = words_of(o.tokenizer == "13a" ? punctuation_apart(text) : text);
    }
    require(tokens.size() <= kMostTokens, kName, ": a text may have at most ", kMostTokens, " tokens, got ", tokens.size());
    return tokens;
}

/// The n-grams of a text and how often each occurs, sorted by text.
struct Counted {
    std::string text;
    int count;
    Size first;  // where it occurs first
};

std::vector<Counted> count_ngrams(const std::vector<std::string>& tokens, Size n) {
    std::vector<Counted> all;
    for (Size i = 0; i + n <= tokens.size(); ++i) {
        std::string text = tokens[i];
        for (Size k = 1; k < n; ++k) text += ' ' + tokens[i + k];
        all.push_back({std::move(text), 1, i});
    }
    std::sort(all.begin(), all.end(),
              [](const Counted& a, const Counted& b) { return a.text != b.text ? a.text < b.text : a.first < b.first; });
    std::vector<Counted> unique;
    for (Counted& one : all) {
        if (!unique.empty() && unique.back().text == one.text) ++unique.back().count;
        else unique.push_back(std::move(one));
    }
    return unique;
}

int count_in(const std::vector<Counted>& sorted, const std::string& text) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), text,
                                        [](const Counted& one, const std::string& wanted) { return one.text < wanted; });
    return found != sorted.end() && found->text == text ? found->count : 0;
}

/// Adds the n-grams of one length to the result and gives their clipped matches.
int match(const std::vector<std::string>& hypothesis, const std::vector<std::vector<std::string>>& references, int n,
          std::vector<BleuNgram>& ngrams) {
    const Size length = static_cast<Size>(n);
    std::vector<Counted> own = count_ngrams(hypothesis, length);
    std::vector<int> most(own.size(), 0);
    for (const auto& reference : references) {
        const std::vector<Counted> theirs = count_ngrams(reference, length);
        for (Size i = 0; i < own.size(); ++i) most[i] = std::max(most[i], count_in(theirs, own[i].text));
    }
    std::vector<Size> order(own.size());
    for (Size i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](Size a, Size b) { return own[a].first < own[b].first; });
    int matches = 0;
    for (Size i : order) {
        const int clipped = std::min(own[i].count, most[i]);
        ngrams.push_back({n, own[i].text, own[i].count, most[i], clipped});
        matches += clipped;
    }
    return matches;
}

/// exp(mean of log p), 0 where a p is 0.
double geometric_mean(const std::vector<double>& p) {
    double sum = 0;
    for (double value : p) {
        if (value == 0) return 0;
        sum += std::log(value);
    }
    return std::exp(sum / static_cast<double>(p.size()));
}

Size closest_length(const std::vector<std::vector<std::string>>& references, Size length) {
    const auto distance = [&](Size other) { return other > length ? other - length : length - other; };
    Size best = references[0].size();
    for (const auto& reference : references) {
        const Size other = reference.size();
        if (distance(other) < distance(best) || (distance(other) == distance(best) && other < best)) best = other;
    }
    return best;
}

/// n, counts, most (of the n-grams); clipped, matches, totals, precisions, matchTotal; hypothesisLength, referenceLength, brevityPenalty; and where a
/// word matches bleu, bleuEpsilon, bleuAddOne.
Trace trace_of(const BleuOptions& o, const BleuResult& r) {
    const Size M = r.ngrams.size(), N = r.precisions.size();
    const char* role = "scores";
    Trace trace;
    const auto add = [&](const Label& label, const Array<double>& values, Rule rule) {
        trace.add({label, values.shape, std::move(rule), values.data});
    };
    const auto counted = [](const char* words) { return Rule([words](const Index&, Pen& pen) { pen.input(words); }); };
    Array<double> lengths({M}), counts({M}), most({M}), clipped({M});
    for (Size i = 0; i < M; ++i) {
        lengths.data[i] = r.ngrams[i].n;
        counts.data[i] = r.ngrams[i].count;
        most.data[i] = r.ngrams[i].most;
        clipped.data[i] = r.ngrams[i].clipped;
    }
    add({"lengths", "n", "tokens of the n-gram", role, "M"}, lengths, counted("Counted: the tokens of the n-gram."));
    add({"counts", "c", "occurrences in the hypothesis", role, "M"}, counts, counted("Counted in the hypothesis."));
    add({"most", "m", "occurrences in a reference", role, "M"}, most,
        counted("Counted in the reference that has most of it."));
    add({"clipped", "k", "matches of the n-gram", role, "M"}, clipped,
        recipe_rule({"No more matches than the reference has of it.",
                     "\\min(c, m)",
                     {{"c", "counts"}, {"m", "most"}},
                     {},
                     {{"k", "the smaller", "(c + m - abs(c - m)) / 2"}}}));
    add({"matchTotal", "k, t", "matches, and n-grams", role, "N 2"}, r.match_total, [M](const Index& at, Pen& pen) {
        const bool matches = at[1] == 0;
        pen.rule(matches ? "The matches of all n-grams of this length." : "All n-grams of this length, at least 1.",
                 matches ? "\\sum_{|g| = n} k_g" : "\\max(1, \\sum_{|g| = n} c_g)");
        const auto all = [](Size i) { return Index{i}; };
        pen.vector("l", "lengths", M, all);
        pen.vector("x", matches ? "clipped" : "counts", M, all);
        pen.constant("n", "length", static_cast<double>(at[0] + 1));
        pen.step("o", "1 for this length", "floor(1 / (1 + abs(l - n)))");
        pen.step("s", "sum", "sum(o * x)");
        if (!matches) pen.step("y", "at least 1", "(s + 1 + abs(s - 1)) / 2");
    });
    add({"precisions", "p", "share of the n-grams that match", "weights", "N"}, {{N}, r.precisions},
        [](const Index& at, Pen& pen) {
            pen.rule("The matches over all n-grams of this length.", "k_n / t_n");
            pen.scalar("k", "matchTotal", {at[0], 0});
            pen.scalar("t", "matchTotal", {at[0], 1});
            pen.step("p", "precision", "k / t");
        });
    add_number(trace, {"hypothesisLength", "c", "tokens of the hypothesis", role, ""}, r.hypothesis_length,
               counted("Counted in the hypothesis."));
    add_number(trace, {"referenceLength", "r", "tokens of the closest reference", role, ""}, r.reference_length,
               counted("Counted in the reference closest in length."));
    const bool shorter = r.hypothesis_length < r.reference_length, none = r.hypothesis_length == 0;
    add_number(trace, {"brevityPenalty", "BP", "penalty for brevity", role, ""}, r.brevity_penalty,
               recipe_rule({none      ? "There is nothing to score."
                            : shorter ? "What is too short could leave out what it does not know."
                                      : "Not shorter than the closest reference: no penalty.",
                            none      ? "0"
                            : shorter ? "e^{1 - r/c}"
                                      : "1",
                            {{"c", "hypothesisLength", ""}, {"r", "referenceLength", ""}},
                            {},
                            {{"b", "penalty",
                              none      ? "0"
                              : shorter ? "exp(1 - r / c)"
                                        : "1"}}}));
    const bool matches = r.precisions[0] != 0;
    const auto add_score = [&](const char* name, double value, const char* words, double epsilon, bool add_one) {
        add_number(trace, {name, "BLEU", "score", role, ""}, value, [=](const Index&, Pen& pen) {
            const auto column = [](Size c) { return [c](Size i) { return Index{i, c}; }; };
            pen.rule(matches ? words : "No word matches.", matches ? "BP\\, e^{\\frac{1}{N} \\sum_n \\ln p_n}" : "0");
            if (!matches) return pen.step("y", "score", "0");
            pen.scalar("B", "brevityPenalty", {});
            pen.vector("k", "matchTotal", N, column(0));
            pen.vector("t", "matchTotal", N, column(1));
            pen.constant("N", "longest n-grams", static_cast<double>(N));
            if (epsilon != 0) pen.constant("e", "epsilon, in place of 0 matches", epsilon);
            if (add_one && N > 1) {
                pen.scalar("f", "matchTotal", {0, 0});
                pen.scalar("g", "matchTotal", {0, 1});
                pen.step("p", "precisions with one more", "(k + 1) / (t + 1)");
                pen.step("l", "sum of logarithms, the first without", "sum(log(p)) - log((f + 1) / (g + 1)) + log(f / g)");
            } else {
                pen.step("p", "precisions", epsilon != 0 ? "(k + e * floor(1 / (1 + k))) / t" : "k / t");
                pen.step("l", "sum of logarithms", "sum(log(p))");
            }
            pen.step("y", "score", "B * exp(l / N)");
        });
    };
    add_score("bleu", r.bleu, "The penalty times the geometric mean of the precisions.", 0, false);
    add_score("bleuEpsilon", r.bleu_epsilon, "The same with epsilon in place of 0 matches.", o.epsilon, false);
    add_score("bleuAddOne", r.bleu_add_one, "The same with one more match and one more n-gram for n above 1.", 0, true);
    return trace;
}

/// The scores, of matches and totals that stand.
void score(BleuResult& r, const std::vector<double>& with_epsilon, const std::vector<double>& with_one) {
    if (r.precisions[0] == 0) return;
    r.bleu = r.brevity_penalty * geometric_mean(r.precisions);
    r.bleu_epsilon = r.brevity_penalty * geometric_mean(with_epsilon);
    r.bleu_add_one = r.brevity_penalty * geometric_mean(with_one);
}

}  // namespace

BleuResult bleu(const BleuOptions& o) {
    require(o.max_n >= 1 && o.max_n <= kMostN, kName, ": max_n must lie in 1 .. ", kMostN, ", got ", o.max_n);
    require(o.tokenizer == "whitespace" || o.tokenizer == "characters" || o.tokenizer == "13a", kName,
            ": tokenizer must be whitespace, characters or 13a, got ", o.tokenizer);
    require(o.epsilon >= 0 && o.epsilon <= 1, kName, ": epsilon must lie in 0 .. 1, got ", o.epsilon);
    require(!o.references.empty() && o.references.size() <= kMostReferences, kName, ": there must be 1 .. ", kMostReferences,
            " references, got ", o.references.size());
    const std::vector<std::string> hypothesis = tokens_of(o, o.hypothesis);
    std::vector<std::vector<std::string>> references;
    for (const std::string& reference : o.references) references.push_back(tokens_of(o, reference));
    // 1. Clipped matches of every length.
    BleuResult r;
    const Size length = hypothesis.size(), closest = closest_length(references, length);
    r.match_total = Array<double>({static_cast<Size>(o.max_n), 2});
    std::vector<double> with_epsilon, with_one;
    for (int n = 1; n <= o.max_n; ++n) {
        const double matches = match(hypothesis, references, n, r.ngrams);
        const auto total = static_cast<double>(length + 1 >= static_cast<Size>(n) ? length + 1 - static_cast<Size>(n) : 0);
        double* row = r.match_total.row(static_cast<Size>(n) - 1);
        row[0] = matches;
        const double some = std::max(total, 1.0);
        row[1] = some;
        r.precisions.push_back(matches / some);
        with_epsilon.push_back((matches == 0 ? o.epsilon : matches) / some);
        with_one.push_back(n == 1 ? matches / some : (matches + 1) / (some + 1));
    }
    // 2. What is too short to have missed much is penalised.
    r.hypothesis_length = static_cast<int>(length);
    r.reference_length = static_cast<int>(closest);
    r.brevity_penalty = length >= closest && length > 0 ? 1
                        : length == 0                   ? 0
                                      : std::exp(1 - static_cast<double>(closest) / static_cast<double>(length));
    // 3. The mean of the precisions.
    score(r, with_epsilon, with_one);
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
