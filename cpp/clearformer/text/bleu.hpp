#pragma once

// BLEU: how many n-grams of a translation occur in reference translations.

#include <string>
#include <vector>

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// `tokenizer`: `whitespace`, `characters`, or `13a`, which also splits off punctuation as mteval-v13a does, entities not
/// decoded (the default of sacreBLEU, Post 2018). `lowercase` folds the ASCII letters first. `epsilon` is what smoothing
/// 1 puts in place of 0 matches.
struct BleuOptions {
    static constexpr const char* kFunction = "bleu";
    std::string hypothesis;
    std::vector<std::string> references;
    int max_n = 4;
    std::string tokenizer = "whitespace";
    bool lowercase = false;
    double epsilon = 0.1;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("hypothesis", hypothesis);
        field.required("references", references);
        field.optional("max_n", max_n);
        field.optional("tokenizer", tokenizer);
        field.optional("lowercase", lowercase);
        field.optional("epsilon", epsilon);
        field.optional("trace", trace);
    }
};

/// An n-gram of the hypothesis.
struct BleuNgram {
    int n = 0;
    std::string text;  // its tokens with spaces between
    int count = 0;     // in the hypothesis
    int most = 0;      // in the reference that has most of it
    int clipped = 0;   // min(count, most): its matches
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("n", n);
        field.required("text", text);
        field.required("count", count);
        field.required("most", most);
        field.required("clipped", clipped);
    }
};

struct BleuResult {
    double bleu = 0;          // without smoothing: 0 where an n-gram length has no match
    double bleu_epsilon = 0;  // smoothing 1: epsilon in place of 0 matches
    double bleu_add_one = 0;  // smoothing 2: one more match and one more n-gram for n above 1
    double brevity_penalty = 0;
    Array<double> match_total;  // [max_n, 2]: clipped matches and n-grams of the hypothesis, at least 1, for n = 1 .. max_n
    std::vector<double> precisions;  // max_n: their quotients, 0 where there are no n-grams
    int hypothesis_length = 0;
    int reference_length = 0;       // of the reference closest in length, the shorter of two
    std::vector<BleuNgram> ngrams;  // of the hypothesis, each once, in order of n and of first occurrence
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("bleu", bleu);
        field.required("bleu_epsilon", bleu_epsilon);
        field.required("bleu_add_one", bleu_add_one);
        field.required("brevity_penalty", brevity_penalty);
        field.required("match_total", match_total, "N 2");
        field.required("precisions", precisions);
        field.required("hypothesis_length", hypothesis_length);
        field.required("reference_length", reference_length);
        field.required("ngrams", ngrams);
        field.optional("trace", trace);
    }
};

/// BLEU of one sentence: BP exp(1 / max_n sum over n of log p_n), p_n the share of the hypothesis's n-grams that a
/// reference has, each counted at most as often as in the reference that has most of it; BP = 1 where the hypothesis is
/// at least as long as the closest reference, else exp(1 - r / c) (Papineni et al. 2002, section 2.3). The smoothings are
/// methods 1 and 2 of Chen and Cherry 2014, where a length that has no n-grams counts as having one without a match. No
/// matching word gives 0 throughout.
/// Throws DomainError for no references, max_n outside 1 .. 16, an unknown tokenizer, epsilon outside 0 .. 1, and texts
/// of more than 2000 tokens or 100000 bytes, or 32 references.
BleuResult bleu(const BleuOptions& options);

}  // namespace clearformer
