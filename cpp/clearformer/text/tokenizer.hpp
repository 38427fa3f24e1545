#pragma once

// What every tokenizer can do: text to ids and back.

#include <string>
#include <string_view>
#include <vector>

namespace clearformer {

/// One token of a text.
struct Token {
    int id = 0;
    std::string
        text;  // what it stands for by itself, a leading space included; U+FFFD for a byte that is no character by itself
    std::vector<int> bytes;  // the UTF-8 bytes it stands for
    int begin = 0;  // its place in the text as JavaScript counts (UTF-16 units): slice(begin, end). A byte that is only part
    int end = 0;    // of a character has the place of the whole character.
    std::string kind;   // "word" (words, pieces of words, digits), "punctuation", "space" or "byte"
    std::string label;  // printable, never empty: the text without its leading space, "\n", or a byte such as 0xF0
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("id", id);
        field.required("text", text);
        field.required("bytes", bytes);
        field.required("begin", begin);
        field.required("end", end);
        field.required("kind", kind);
        field.required("label", label);
    }
};

/// decode(ids of encode(text)) == text for every sequence of bytes, valid UTF-8 or not.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;
    virtual std::vector<Token> encode(std::string_view text) const = 0;
    /// Throws DomainError for an id outside the vocabulary.
    virtual std::string decode(const std::vector<int>& ids) const = 0;
    /// Ids run from 0 to this, exclusive.
    virtual int vocabulary_size() const = 0;
};

}  // namespace clearformer
