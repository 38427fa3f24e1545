#include "clearformer/text/bleu.hpp"

#include <cmath>

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
    if (r.precisions[0] == 0) return r;
    r.bleu = r.brevity_penalty * geometric_mean(r.precisions);
    r.bleu_epsilon = r.brevity_penalty * geometric_mean(with_epsilon);
    r.bleu_add_one = r.brevity_penalty * geometric_mean(with_one);
    return r;
}

}  // namespace clearformer
