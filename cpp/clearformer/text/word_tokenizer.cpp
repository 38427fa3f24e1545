#include "clearformer/text/word_tokenizer.hpp"

#include <algorithm>

#include "clearformer/check.hpp"
#include "clearformer/text/utf8.hpp"
#include "clearformer/text/words.hpp"

namespace clearformer {
namespace {

constexpr int kBytes = 256;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_punctuation(char c) { return c > ' ' && c < 0x7F && !is_letter(c) && !is_digit(c); }

std::string capitalised(std::string word) {
    if (word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 'a' + 'A');
    return word;
}

class Vocabulary {
public:
    std::vector<std::string> pieces;  // by id
    std::size_t longest = 0;

    Vocabulary() {
        for (int byte = 0; byte < kBytes; ++byte) add(std::string(1, static_cast<char>(byte)));
        const std::string_view words = kWords;
        for (std::size_t begin = 0; begin < words.size();) {
            const std::size_t end = std::min(words.find(' ', begin), words.size());
            const std::string word(words.substr(begin, end - begin));
            for (const std::string& form : {word, capitalised(word)}) {
                add(form);
                add(" " + form);
            }
            begin = end + 1;
        }
        for (char c = '!'; c < 0x7F; ++c) {
            if (!is_letter(c)) add(std::string(" ") + c);
        }
    }

    /// The id of a piece, or -1.
    int find(std::string_view piece) const {
        const auto found = std::lower_bound(sorted_.begin(), sorted_.end(), piece,
                                            [this](int id, std::string_view sought) { return of(id) < sought; });
        return found == sorted_.end() || of(*found) != piece ? -1 : *found;
    }

    const std::string& piece(int id) const {
        require(id >= 0 && static_cast<std::size_t>(id) < pieces.size(), "detokenize: ids must be at least 0 and below ",
                pieces.size(), ", got ", id);
        return pieces[static_cast<std::size_t>(id)];
    }

private:
    std::string_view of(int id) const { return pieces[static_cast<std::size_t>(id)]; }

    void add(const std::string& piece) {
        const auto place = std::lower_bound(sorted_.begin(), sorted_.end(), std::string_view(piece),
                                            [this](int id, std::string_view sought) { return of(id) < sought; });
        if (place != sorted_.end() && of(*place) == piece) return;
        sorted_.insert(place, static_cast<int>(pieces.size()));
        pieces.push_back(piece);
        longest = std::max(longest, piece.size());
    }

    std::vector<int> sorted_;  // ids, by their pieces
};

const Vocabulary& vocabulary() {
    static const Vocabulary the_one;
    return the_one;
}

/// The id of the longest piece that `rest` begins with. Every byte is a piece.
int longest_match(std::string_view rest) {
    const Vocabulary& v = vocabulary();
    for (std::size_t length = std::min(v.longest, rest.size());; --length) {
        const int id = v.find(rest.substr(0, length));
        if (id >= 0) return id;
    }
}

/// A single letter is a word only where no other letter touches it.
bool is_word(std::string_view text, std::size_t begin, const std::string& piece) {
    if (piece.size() > 1) return is_letter(piece.back()) || is_digit(piece.back());
    if (is_digit(piece[0])) return true;
    const bool before = begin > 0 && is_letter(text[begin - 1]);
    const bool after = begin + 1 < text.size() && is_letter(text[begin + 1]);
    return (piece == "a" || piece == "A" || piece == "I") && !before && !after;
}

std::string kind_of(std::string_view text, std::size_t begin, const std::string& piece) {
    if (is_word(text, begin, piece)) return "word";
    if (is_punctuation(piece.back())) return "punctuation";
    return is_space(piece.back()) ? "space" : "byte";
}

std::string label_of(const std::string& piece) {
    const char c = piece.back();
    if (piece == " ") return "\u2423";
    if (piece == "\n") return "\\n";
    if (piece == "\t") return "\\t";
    if (piece == "\r") return "\\r";
    if (c > ' ' && c < 0x7F) return piece[0] == ' ' ? piece.substr(1) : piece;
    const char* digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    return std::string("0x") + digits[byte >> 4] + digits[byte & 15];
}

}  // namespace

std::vector<Token> WordTokenizer::encode(std::string_view text) const {
    std::vector<Token> tokens;
    const std::vector<Character> chars = characters(text);
    std::size_t first = 0;  // the character at the token's first byte
    for (std::size_t at = 0; at < text.size();) {
        const int id = longest_match(text.substr(at));
        const std::string& bytes = piece(id);
        while (chars[first].begin + chars[first].bytes <= at) ++first;
        std::size_t last = first;
        while (chars[last].begin + chars[last].bytes < at + bytes.size()) ++last;
        Token token;
        token.id = id;
        const bool is_text = bytes.size() > 1 || (chars[first].valid && chars[first].bytes == 1);
        token.text = is_text ? bytes : "\uFFFD";
        for (char c : bytes) token.bytes.push_back(static_cast<unsigned char>(c));
        token.begin = chars[first].unit;
        token.end = chars[last].unit + chars[last].units;
        token.kind = kind_of(text, at, bytes);
        token.label = label_of(bytes);
        tokens.push_back(std::move(token));
        at += bytes.size();
    }
    return tokens;
}

std::string WordTokenizer::decode(const std::vector<int>& ids) const {
    std::string text;
    for (int id : ids) text += piece(id);
    return text;
}

int WordTokenizer::vocabulary_size() const { return static_cast<int>(vocabulary().pieces.size()); }

const std::string& WordTokenizer::piece(int id) const { return vocabulary().piece(id); }

TokenizeResult tokenize(const TokenizeOptions& options) { return {WordTokenizer().encode(options.text)}; }

DetokenizeResult detokenize(const DetokenizeOptions& options) { return {WordTokenizer().decode(options.ids)}; }

}  // namespace clearformer
