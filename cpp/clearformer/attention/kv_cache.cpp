#include "clearformer/attention/kv_cache.hpp"

#include "clearformer/attention/attention.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = KvCacheOptions::kFunction;

/// [N, G, width] token by token as [G, N, width] head by head, or back.
std::vector<double> swapped(const std::vector<double>& x, Size outer, Size inner, Size width) {
    std::vector<double> y(x.size());
    for (Size i = 0; i < outer; ++i) {
        for (Size j = 0; j < inner; ++j) std::copy_n(&x[(i * inner + j) * width], width, &y[(j * outer + i) * width]);
    }
    return y;
}

}  // namespace

KvCache::KvCache(const KvCacheOptions& o) {
    for (int size : {o.heads, o.head_dim, o.value_dim.value_or(o.head_dim)}) {
        require(size >= 1 && size <= 65536, kName, ": heads, head_dim and value_dim must be from 1 to 65536, got ", size);
    }
    require(!o.window || *o.window >= 1, kName, ": window must be at least 1, got ", o.window.value_or(0));
    require(o.sinks >= 0, kName, ": sinks must be at least 0, got ", o.sinks);
    require(o.bytes_per_value > 0, kName, ": bytes_per_value must be above 0, got ", o.bytes_per_value);
    G_ = static_cast<Size>(o.heads);
    D_ = static_cast<Size>(o.head_dim);
    Dv_ = static_cast<Size>(o.value_dim.value_or(o.head_dim));
    window_ = static_cast<Size>(o.window.value_or(0));
    sinks_ = static_cast<Size>(o.sinks);
    bytes_per_value_ = o.bytes_per_value;
}

void KvCache::append(const Array<double>& k, const Array<double>& v) {
    require(k.rank() == 3 && v.rank() == 3 && k.shape[0] == G_ && v.shape[0] == G_ && k.shape[1] == v.shape[1] &&
                k.shape[2] == D_ && v.shape[2] == Dv_,
            "cache_append: k must have shape [", G_, ", N, ", D_, "] and v [", G_, ", N, ", Dv_, "], got ", k.shape, " and ",
            v.shape);
    const Size N = k.shape[1];
    check_bytes("cache_append", {positions_.size() + N, G_, std::max(D_, Dv_)}, sizeof(double));
    require(static_cast<double>(appended_) + static_cast<double>(N) <= 2147483647.0, "cache_append: too many tokens");
    const std::vector<double> new_keys = swapped(k.data, G_, N, D_), new_values = swapped(v.data, G_, N, Dv_);
    keys_.insert(keys_.end(), new_keys.begin(), new_keys.end());
    values_.insert(values_.end(), new_values.begin(), new_values.end());
    for (Size n = 0; n < N; ++n) positions_.push_back(appended_++);
    if (window_ == 0 || positions_.size() <= sinks_ + window_) return;
    // The sinks stay, then come the newest `window` tokens.
    const Size gone = positions_.size() - sinks_ - window_;
    const auto cut = [&](auto& list, Size width) {
        const auto begin = list.begin() + static_cast<std::ptrdiff_t>(sinks_ * width);
        list.erase(begin, begin + static_cast<std::ptrdiff_t>(gone * width));
    };
    cut(keys_, G_ * D_);
    cut(values_, G_ * Dv_);
    cut(positions_, 1);
}

void KvCache::evict(Size count) {
    require(count <= positions_.size(), "cache_evict: count must be at most the ", positions_.size(), " tokens kept, got ",
            count);
    const auto cut = [&](auto& list, Size width) {
        list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count * width));
    };
    cut(keys_, G_ * D_);
    cut(values_, G_ * Dv_);
    cut(positions_, 1);
}

KvCacheAttendResult KvCache::attend(const Array<double>& q, std::optional<double> scale) const {
    const Size S = positions_.size();
    require(q.rank() == 3 && q.shape[0] > 0 && q.shape[0] % G_ == 0 && q.shape[2] == D_,
            "cache_attend: q must have shape [H, T, ", D_, "] with H a multiple of ", G_, ", got ", q.shape);
    require(q.shape[1] <= S, "cache_attend: q holds the newest tokens, at most the ", S, " kept, got ", q.shape[1]);
    AttentionOptions<double> o;
    o.q = q;
    o.k = Array<double>({G_, S, D_}, swapped(keys_, S, G_, D_));
    o.v = Array<double>({G_, S, Dv_}, swapped(values_, S, G_, Dv_));
    o.scale = scale;
    o.mask.mask = "causal";
    AttentionResult<double> r = attention(o);
    return {std::move(r.weights), std::move(r.output), positions_};
}

KvCacheState KvCache::state() const {
    KvCacheState s;
    s.length = static_cast<int>(positions_.size());
    s.appended = appended_;
    s.positions = positions_;
    s.values = static_cast<double>(keys_.size() + values_.size());
    s.bytes = s.values * bytes_per_value_;
    return s;
}

}  // namespace clearformer
