#pragma once

// Byte-level byte pair encoding: the vocabulary starts with the 256 bytes, and each merge makes one token of two.

#include <string>
#include <string_view>
#include <vector>

#include "clearformer/fields.hpp"

namespace clearformer {

/// The merge at place i makes token 256 + i of the tokens `left` and `right`. The other members are results of training;
/// as options they are not looked at.
struct BpeMerge {
    int left = 0, right = 0;
    int id = 0;                  // 256 + its place
    int count = 0;               // how often the pair stood in the text when it was merged
    int tokens = 0;              // tokens of the text after the merge
    std::string left_text = {};  // as GPT-2 writes bytes
    std::string right_text = {};
    std::string text = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("left", left);
        field.required("right", right);
        field.optional("id", id);
        field.optional("count", count);
        field.optional("tokens", tokens);
        field.optional("left_text", left_text);
        field.optional("right_text", right_text);
        field.optional("text", text);
    }
};

/// Bytes as GPT-2 writes them: printable ones as the Latin-1 character, the others as U+0100 and up, in order; a space is
/// Ġ.
std::string bytes_as_text(std::string_view bytes);

/// The pieces that merges never cross. `gpt2`: contractions ('s 't 're 've 'm 'll 'd), runs of letters, of numbers and of
/// other characters, each with a space before it if there is one, and runs of white space; `none`: the whole text.
/// Throws DomainError for another name.
std::vector<std::string_view> pieces_of(const char* function, std::string_view text, const std::string& pretokenizer);

/// At most `merges` merges of pairs that occur at least `min_frequency` times.
struct BpeTrainOptions {
    static constexpr const char* kFunction = "bpe_train";
    std::string text;
    int merges = 100;
    int min_frequency = 2;
    std::string pretokenizer = "gpt2";
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("text", text);
        field.optional("merges", merges);
        field.optional("min_frequency", min_frequency);
        field.optional("pretokenizer", pretokenizer);
    }
};

struct BpeTrainResult {
    std::vector<BpeMerge> merges;         // in order
    std::vector<std::string> vocabulary;  // 256 + merges texts by id, as GPT-2 writes bytes
    int bytes = 0;                        // tokens of the text before the first merge
    int tokens = 0;                       // and after the last
    int pieces = 0;                       // distinct pieces of the text
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("merges", merges);
        field.required("vocabulary", vocabulary);
        field.required("bytes", bytes);
        field.required("tokens", tokens);
        field.required("pieces", pieces);
    }
};

/// Merges the most frequent pair of neighbouring tokens, again and again (Gage 1994; Sennrich et al. 2016, algorithm 1;
/// on bytes: Radford et al. 2019, section 2.2). Of equally frequent pairs the one with the lower left id comes first,
/// then the lower right id. Pairs in runs such as aaa are counted at every place.
/// Throws DomainError for merges outside 0 .. 2000, min_frequency below 1, an unknown pretokenizer, and texts of more
/// than 32768 bytes.
BpeTrainResult bpe_train(const BpeTrainOptions& options);

/// `steps`: tell every merge, for texts of at most 1000 bytes.
struct BpeEncodeOptions {
    static constexpr const char* kFunction = "bpe_encode";
    std::string text;
    std::vector<BpeMerge> merges;
    std::string pretokenizer = "gpt2";
    bool steps = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("text", text);
        field.required("merges", merges);
        field.optional("pretokenizer", pretokenizer);
        field.optional("steps", steps);
    }
};

struct BpeToken {
    int id = 0;
    std::string text;        // as GPT-2 writes bytes
    std::vector<int> bytes;  // the UTF-8 bytes it stands for
    int begin = 0;  // its place in the text as JavaScript counts (UTF-16 units): slice(begin, end). A byte that is only
    int end = 0;    // part of a character has the place of the whole character.
    int piece = 0;  // which piece of the text it lies in
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("id", id);
        field.required("text", text);
        field.required("bytes", bytes);
        field.required("begin", begin);
        field.required("end", end);
        field.required("piece", piece);
    }
};

/// A piece of the text after one merge, or before the first.
struct BpeStep {
    int piece = 0;
    int merge = 0;                   // the merge's place; -1 before the first
    std::vector<std::string> parts;  // the piece's tokens, as GPT-2 writes bytes
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("piece", piece);
        field.required("merge", merge);
        field.required("parts", parts);
    }
};

struct BpeEncodeResult {
    std::vector<int> ids;
    std::vector<BpeToken> tokens;
    std::vector<std::string> pieces;  // of the text, as GPT-2 writes bytes
    std::vector<BpeStep> steps;       // in order, piece by piece; none unless asked for
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("ids", ids);
        field.required("tokens", tokens);
        field.required("pieces", pieces);
        field.required("steps", steps);
    }
};

/// Each piece starts as its bytes; of the pairs that are merges the earliest one is merged wherever it stands, from left
/// to right, until no pair is a merge. Of equal merges the first counts.
/// Throws DomainError for merges of tokens that do not exist yet, tokens of more than 1024 bytes, more than 65536 merges,
/// an unknown pretokenizer, and texts of more than 16384 bytes (1000 with steps).
BpeEncodeResult bpe_encode(const BpeEncodeOptions& options);

struct BpeDecodeOptions {
    static constexpr const char* kFunction = "bpe_decode";
    std::vector<int> ids;
    std::vector<BpeMerge> merges;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("ids", ids);
        field.required("merges", merges);
    }
};

struct BpeDecodeResult {
    std::string text;  // ill-formed UTF-8 becomes U+FFFD on its way to JavaScript
    std::vector<int> bytes;
    std::vector<std::string> parts;  // each token as GPT-2 writes bytes
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("text", text);
        field.required("bytes", bytes);
        field.required("parts", parts);
    }
};

/// The bytes of the tokens, one after the other. Throws DomainError as bpe_encode does, for ids outside the vocabulary,
/// and for more than 65536 ids.
BpeDecodeResult bpe_decode(const BpeDecodeOptions& options);

}  // namespace clearformer
