#include "clearformer/text/bpe.hpp"

#include "clearformer/text/unicode_classes.hpp"
#include "clearformer/text/utf8.hpp"

namespace clearformer {
namespace {

constexpr int kBytes = 256, kMostTrained = 2000;
constexpr Size kMostMerges = 65536, kLongestToken = 1024, kMostTrainingBytes = 32768, kMostBytesEncoded = 16384,
               kMostBytesWithSteps = 1000, kMostIds = 65536, kMostVocabularyBytes = Size{1} << 24;
constexpr int kNoMerge = -1;

std::uint32_t code_point(std::string_view text, const Character& c) {
    if (!c.valid) return 0xFFFD;
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[c.begin + i]));
    };
    if (c.bytes == 1) return byte(0);
    std::uint32_t code = byte(0) & (0x7Fu >> c.bytes);
    for (std::size_t i = 1; i < c.bytes; ++i) code = code << 6 | (byte(i) & 0x3F);
    return code;
}

/// The end of the piece of GPT-2's pattern that begins at character i.
Size end_of_piece(std::string_view text, const std::vector<Character>& all, const std::vector<CharacterClass>& classes,
                  Size i) {
    const std::string_view rest = text.substr(all[i].begin);
    for (std::string_view ending : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
        if (rest.starts_with(ending)) return i + ending.size();
    }
    const auto run = [&](Size from) {
        Size end = from;
        while (end < classes.size() && classes[end] == classes[from]) ++end;
        return end;
    };
    if (classes[i] != CharacterClass::kSpace) return run(i);
    if (rest[0] == ' ' && i + 1 < classes.size() && classes[i + 1] != CharacterClass::kSpace) return run(i + 1);
    // White space leaves its last character to what follows it.
    const Size end = run(i);
    return end == classes.size() || end == i + 1 ? end : end - 1;
}

std::uint64_t key_of(int left, int right) {
    return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
}

/// The bytes of every token, and which pairs merge into which.
class Vocabulary {
public:
    Vocabulary(const char* function, const std::vector<BpeMerge>& merges) {
        require(merges.size() <= kMostMerges, function, ": there may be at most ", kMostMerges, " merges, got ",
                merges.size());
        for (int byte = 0; byte < kBytes; ++byte) tokens_.emplace_back(1, static_cast<char>(byte));
        Size bytes = 0;
        for (const BpeMerge& merge : merges) {
            const auto next = static_cast<int>(tokens_.size());
            for (int part : {merge.left, merge.right}) {
                require(part >= 0 && part < next, function, ": merge ", next - kBytes, " must join tokens below ", next,
                        ", got ", part);
            }
            std::string token = (*this)[merge.left] + (*this)[merge.right];
            require(token.size() <= kLongestToken, function, ": tokens may have at most ", kLongestToken, " bytes, merge ",
                    next - kBytes, " has ", token.size());
            bytes += token.size();
            require(bytes <= kMostVocabularyBytes, function, ": all tokens together may have at most ", kMostVocabularyBytes,
                    " bytes");
            tokens_.push_back(std::move(token));
            pairs_.push_back({key_of(merge.left, merge.right), next - kBytes});
        }
        std::sort(pairs_.begin(), pairs_.end());
    }

    const std::string& operator[](int id) const { return tokens_[static_cast<Size>(id)]; }
    int size() const { return static_cast<int>(tokens_.size()); }
    /// The place of the first merge of a pair, or kNoMerge.
    int find(int left, int right) const {
        const std::pair<std::uint64_t, int> wanted{key_of(left, right), 0};
        const auto found = std::lower_bound(pairs_.begin(), pairs_.end(), wanted);
        return found != pairs_.end() && found->first == wanted.first ? found->second : kNoMerge;
    }

private:
    std::vector<std::string> tokens_;
    std::vector<std::pair<std::uint64_t, int>> pairs_;  // sorted
};

std::vector<int> as_bytes(std::string_view text) {
    std::vector<int> bytes;
    for (char c : text) bytes.push_back(static_cast<unsigned char>(c));
    return bytes;
}

/// Replaces every `left right` by `id`, from left to right.
void merge_pair(std::vector<int>& ids, int left, int right, int id) {
    Size kept = 0;
    for (Size i = 0; i < ids.size(); ++kept) {
        const bool pair = i + 1 < ids.size() && ids[i] == left && ids[i + 1] == right;
        ids[kept] = pair ? id : ids[i];
        i += pair ? 2 : 1;
    }
    ids.resize(kept);
}

/// The earliest merge among the pairs, or kNoMerge.
int earliest(const std::vector<int>& ranks) {
    int best = kNoMerge;
    for (int rank : ranks) best = rank != kNoMerge && (best == kNoMerge || rank < best) ? rank : best;
    return best;
}

/// The ids of one piece. `tell(merge, ids)` hears of the bytes and of every merge.
template <class Tell>
std::vector<int> encode_piece(std::string_view piece, const Vocabulary& vocabulary, const std::vector<BpeMerge>& merges,
                              Tell tell) {
    std::vector<int> ids = as_bytes(piece), ranks;
    for (Size i = 0; i + 1 < ids.size(); ++i) ranks.push_back(vocabulary.find(ids[i], ids[i + 1]));
    tell(kNoMerge, ids);
    for (int merge; (merge = earliest(ranks)) != kNoMerge;) {
        const BpeMerge& pair = merges[static_cast<Size>(merge)];
        const int id = kBytes + merge;
        // Pairs that no merged token is part of keep their ranks.
        std::vector<int> next, next_ranks;
        for (Size i = 0; i < ids.size();) {
            const bool merged = i + 1 < ids.size() && ids[i] == pair.left && ids[i + 1] == pair.right;
            const int here = merged ? id : ids[i];
            if (!next.empty()) {
                const bool fresh = merged || next.back() == id;
                next_ranks.push_back(fresh ? vocabulary.find(next.back(), here) : ranks[i - 1]);
            }
            next.push_back(here);
            i += merged ? 2 : 1;
        }
        ids = std::move(next);
        ranks = std::move(next_ranks);
        tell(merge, ids);
    }
    return ids;
}

/// How often each pair of neighbours stands in the text.
class PairCounts {
public:
    struct Pair {
        int left, right;
        int count;
    };

    PairCounts() : places_(1024, 0) {}
    /// Adds `times` for every pair of the ids; may be negative.
    void add(const std::vector<int>& ids, int times) {
        for (Size i = 0; i + 1 < ids.size(); ++i) pairs_[place(ids[i], ids[i + 1])].count += times;
    }
    /// The most frequent pair, of equals the one with the lowest ids; count 0 where there is none.
    Pair most() const {
        Pair best{0, 0, 0};
        for (const Pair& pair : pairs_) {
            const bool earlier = pair.left != best.left ? pair.left < best.left : pair.right < best.right;
            if (pair.count > best.count || (pair.count == best.count && pair.count > 0 && earlier)) best = pair;
        }
        return best;
    }

private:
    Size slot(int left, int right) const {
        const std::uint64_t mixed = key_of(left, right) * 0x9E3779B97F4A7C15u;
        Size i = static_cast<Size>(mixed >> 32) & (places_.size() - 1);
        while (places_[i] != 0 && (pairs_[places_[i] - 1].left != left || pairs_[places_[i] - 1].right != right))
            i = (i + 1) & (places_.size() - 1);
        return i;
    }
    Size place(int left, int right) {
        Size i = slot(left, right);
        if (places_[i] == 0) {
            if (2 * pairs_.size() >= places_.size()) {
                places_.assign(2 * places_.size(), 0);
                for (Size k = 0; k < pairs_.size(); ++k) places_[slot(pairs_[k].left, pairs_[k].right)] = k + 1;
                i = slot(left, right);
            }
            pairs_.push_back({left, right, 0});
            places_[i] = pairs_.size();
        }
        return places_[i] - 1;
    }

    std::vector<Pair> pairs_;
    std::vector<Size> places_;  // where a pair is in pairs_, plus 1; 0 is free. A power of two.
};

/// A distinct piece of the training text.
struct Piece {
    std::vector<int> ids;
    int count;
};

std::vector<Piece> distinct(std::vector<std::string_view> all) {
    std::sort(all.begin(), all.end());
    std::vector<Piece> pieces;
    for (Size i = 0; i < all.size(); ++i) {
        if (i > 0 && all[i] == all[i - 1]) ++pieces.back().count;
        else pieces.push_back({as_bytes(all[i]), 1});
    }
    return pieces;
}

bool has_pair(const std::vector<int>& ids, int left, int right) {
    for (Size i = 0; i + 1 < ids.size(); ++i) {
        if (ids[i] == left && ids[i + 1] == right) return true;
    }
    return false;
}

}  // namespace

std::string bytes_as_text(std::string_view bytes) {
    std::string text;
    for (char c : bytes) {
        const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
        // 68 bytes are not printable in Latin-1: 0 to 32, 127 to 160 and 173.
        const std::uint32_t code = byte <= 32                   ? 256 + byte
                                   : byte >= 127 && byte <= 160 ? 256 + 33 + (byte - 127)
                                   : byte == 173                ? 256 + 67
                                                                : byte;
        if (code < 0x80) {
            text += static_cast<char>(code);
        } else {
            text += static_cast<char>(0xC0 | code >> 6);
            text += static_cast<char>(0x80 | (code & 0x3F));
        }
    }
    return text;
}

std::vector<std::string_view> pieces_of(const char* function, std::string_view text, const std::string& pretokenizer) {
    require(pretokenizer == "gpt2" || pretokenizer == "none", function, ": pretokenizer must be gpt2 or none, got ",
            pretokenizer);
    if (text.empty()) return {};
    if (pretokenizer == "none") return {text};
    const std::vector<Character> all = characters(text);
    std::vector<CharacterClass> classes;
    for (const Character& c : all) classes.push_back(class_of(code_point(text, c)));
    std::vector<std::string_view> pieces;
    for (Size i = 0; i < all.size();) {
        const Size end = end_of_piece(text, all, classes, i), begin = all[i].begin;
        pieces.push_back(text.substr(begin, (end < all.size() ? all[end].begin : text.size()) - begin));
        i = end;
    }
    return pieces;
}

BpeTrainResult bpe_train(const BpeTrainOptions& o) {
    require(o.merges >= 0 && o.merges <= kMostTrained, "bpe_train: merges must lie in 0 .. ", kMostTrained, ", got ",
            o.merges);
    require(o.min_frequency >= 1, "bpe_train: min_frequency must be at least 1, got ", o.min_frequency);
    require(o.text.size() <= kMostTrainingBytes, "bpe_train: the text may have at most ", kMostTrainingBytes, " bytes, got ",
            o.text.size());
    // 1. The distinct pieces as bytes.
    std::vector<Piece> pieces = distinct(pieces_of("bpe_train", o.text, o.pretokenizer));
    PairCounts counts;
    for (const Piece& piece : pieces) counts.add(piece.ids, piece.count);
    std::vector<std::string> bytes;
    for (int byte = 0; byte < kBytes; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
    BpeTrainResult r;
    r.bytes = r.tokens = static_cast<int>(o.text.size());
    r.pieces = static_cast<int>(pieces.size());
    // 2. The most frequent pair becomes a token.
    while (static_cast<int>(r.merges.size()) < o.merges) {
        const PairCounts::Pair pair = counts.most();
        if (pair.count < o.min_frequency) break;
        const std::string left = bytes[static_cast<Size>(pair.left)], right = bytes[static_cast<Size>(pair.right)];
        if (left.size() + right.size() > kLongestToken) break;
        const auto id = static_cast<int>(bytes.size());
        for (Piece& piece : pieces) {
            if (!has_pair(piece.ids, pair.left, pair.right)) continue;
            const auto before = static_cast<int>(piece.ids.size());
            counts.add(piece.ids, -piece.count);
            merge_pair(piece.ids, pair.left, pair.right, id);
            counts.add(piece.ids, piece.count);
            r.tokens -= (before - static_cast<int>(piece.ids.size())) * piece.count;
        }
        r.merges.push_back({pair.left, pair.right, id, pair.count, r.tokens, bytes_as_text(left), bytes_as_text(right),
                            bytes_as_text(left + right)});
        bytes.push_back(left + right);
    }
    for (const std::string& token : bytes) r.vocabulary.push_back(bytes_as_text(token));
    return r;
}

BpeEncodeResult bpe_encode(const BpeEncodeOptions& o) {
    const Size most = o.steps ? kMostBytesWithSteps : kMostBytesEncoded;
    require(o.text.size() <= most, "bpe_encode: the text may have at most ", most,
            o.steps ? " bytes with steps, got " : " bytes, got ", o.text.size());
    const Vocabulary vocabulary("bpe_encode", o.merges);
    // Where each byte's character lies, in UTF-16 units.
    std::vector<std::pair<int, int>> units;
    for (const Character& c : characters(o.text)) units.insert(units.end(), c.bytes, {c.unit, c.unit + c.units});
    BpeEncodeResult r;
    Size place = 0;
    for (std::string_view piece : pieces_of("bpe_encode", o.text, o.pretokenizer)) {
        const auto number = static_cast<int>(r.pieces.size());
        const auto tell = [&](int merge, const std::vector<int>& ids) {
            if (!o.steps) return;
            BpeStep step{number, merge, {}};
            for (int id : ids) step.parts.push_back(bytes_as_text(vocabulary[id]));
            r.steps.push_back(std::move(step));
        };
        for (int id : encode_piece(piece, vocabulary, o.merges, tell)) {
            const std::string& bytes = vocabulary[id];
            r.ids.push_back(id);
            r.tokens.push_back({id, bytes_as_text(bytes), as_bytes(bytes), units[place].first,
                                units[place + bytes.size() - 1].second, number});
            place += bytes.size();
        }
        r.pieces.push_back(bytes_as_text(piece));
    }
    return r;
}

BpeDecodeResult bpe_decode(const BpeDecodeOptions& o) {
    require(o.ids.size() <= kMostIds, "bpe_decode: there may be at most ", kMostIds, " ids, got ", o.ids.size());
    const Vocabulary vocabulary("bpe_decode", o.merges);
    BpeDecodeResult r;
    for (int id : o.ids) {
        require(id >= 0 && id < vocabulary.size(), "bpe_decode: ids must be at least 0 and below ", vocabulary.size(),
                ", got ", id);
        r.text += vocabulary[id];
        require(r.text.size() <= kMostVocabularyBytes, "bpe_decode: the text may have at most ", kMostVocabularyBytes,
                " bytes");
        r.parts.push_back(bytes_as_text(vocabulary[id]));
    }
    r.bytes = as_bytes(r.text);
    return r;
}

}  // namespace clearformer
