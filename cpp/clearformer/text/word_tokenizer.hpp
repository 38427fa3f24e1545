#pragma once

// The tokenizer of the tutorials: about a thousand common English words and word pieces, and bytes for everything else.

#include <string>
#include <vector>

#include "clearformer/text/tokenizer.hpp"

namespace clearformer {

/// Ids 0 to 255 are the bytes. After them, in the order of the word list, four tokens for each word (cat, " cat",
/// Cat, " Cat"; fewer where they coincide), then each ASCII punctuation mark and each digit with a space before it. A
/// mark, digit or letter by itself is its byte. Encoding takes the longest token that the text continues with, from
/// left to right; what is not in the list falls apart into known pieces and bytes. Digits, and marks outside words
/// such as don't, stand alone.
class WordTokenizer final : public Tokenizer {
public:
    std::vector<Token> encode(std::string_view text) const override;
    std::string decode(const std::vector<int>& ids) const override;
    int vocabulary_size() const override;
    /// The bytes of one token. Throws DomainError for an id outside the vocabulary.
    const std::string& piece(int id) const;
};

struct TokenizeOptions {
    static constexpr const char* kFunction = "tokenize";
    std::string text;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("text", text);
    }
};

struct TokenizeResult {
    std::vector<Token> tokens;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("tokens", tokens);
    }
};

/// The tokens of a text, none for the empty text.
TokenizeResult tokenize(const TokenizeOptions& options);

struct DetokenizeOptions {
    static constexpr const char* kFunction = "detokenize";
    std::vector<int> ids;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("ids", ids);
    }
};

struct DetokenizeResult {
    std::string text;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("text", text);
    }
};

/// The text of the ids. Throws DomainError for an id outside the vocabulary.
DetokenizeResult detokenize(const DetokenizeOptions& options);

}  // namespace clearformer
