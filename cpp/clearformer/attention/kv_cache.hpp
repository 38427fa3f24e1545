#pragma once

// The keys and values of the tokens so far, so that a new token costs one row of attention instead of a whole pass.

#include "clearformer/attention/masks.hpp"

namespace clearformer {

/// What a cache keeps: G heads of keys [D] and values [Dv] for each token. With a `window` only the newest tokens stay, and with `sinks` the
/// first ones besides (Xiao et al. 2024, StreamingLLM). `bytes_per_value` is what the memory is counted with: 2 for bf16.
struct KvCacheOptions {
    static constexpr const char* kFunction = "kv_cache";
    int heads = 1, head_dim = 0;
    std::optional<int> value_dim;
    std::optional<int> window;
    int sinks = 0;
    double bytes_per_value = 2;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("heads", heads);
        field.required("head_dim", head_dim);
        field.optional("value_dim", value_dim);
        field.optional("window", window);
        field.optional("sinks", sinks);
        field.optional("bytes_per_value", bytes_per_value);
    }
};

/// What a cache holds now.
struct KvCacheState {
    int length = 0;              // tokens kept
    int appended = 0;            // tokens ever appended
    std::vector<int> positions;  // of the tokens kept, in order
    double values = 0;           // numbers kept: 2 G D per token when Dv = D
    double bytes = 0;            // values times bytes_per_value
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("length", length);
        field.required("appended", appended);
        field.required("positions", positions);
        field.required("values", values);
        field.required("bytes", bytes);
    }
};

struct KvCacheAttendResult {
    Array<double> weights;       // [H, T, S] over the tokens kept
    Array<double> output;        // [H, T, Dv]
    std::vector<int> positions;  // of the S tokens kept
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("weights", weights, "H T S");
        field.required("output", output, "H T Dv");
        field.required("positions", positions);
    }
};

class KvCache {
public:
    /// Throws DomainError for heads, head_dim, value_dim or window below 1, negative sinks and bytes_per_value <= 0.
    explicit KvCache(const KvCacheOptions& options);

    /// Appends k [G, N, D] and v [G, N, Dv], then evicts what the window no longer covers. Throws DomainError for shapes that do not fit, and
    /// where the cache would exceed 1 GiB; it is unchanged then.
    void append(const Array<double>& k, const Array<double>& v);
    /// Forgets the first `count` tokens kept.
    void evict(Size count);
    /// q [H, T, D]: the queries of the T newest tokens, causal among themselves. H must be a multiple of G.
    KvCacheAttendResult attend(const Array<double>& q, std::optional<double> scale) const;
    KvCacheState state() const;

private:
    Size G_, D_, Dv_;
    Size window_, sinks_;  // window 0: everything
    double bytes_per_value_;
    int appended_ = 0;
    std::vector<int> positions_;
    std::vector<double> keys_, values_;  // token by token: [S, G, D] and [S, G, Dv]
};

}  // namespace clearformer
