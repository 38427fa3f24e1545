#include "clearformer/attention/attention_kernels.hpp"

#include <cmath>

#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/softmax.hpp"

namespace clearformer {
namespace {

constexpr Size kRowBlock = PackedMatrix::kRowBlock;
constexpr float kFloatInfinity = std::numeric_limits<float>::infinity();

void scale(float* y, Size n, float factor) {
    const f32x4 by = f32x4::splat(factor);
    Size i = 0;
    for (; i + 4 <= n; i += 4) (f32x4::load(y + i) * by).store(y + i);
    for (; i < n; ++i) y[i] *= factor;
}

/// One block of rows on its way through a HeadAttention.
class Block {
public:
    Block(const HeadAttention& problem, Size head, const PackedMatrix* k, const PackedMatrix* v)
        : p_(problem), head_(head), k_(k), v_(v) {
        if (!p_.weights) {
            check_bytes("attention", {kRowBlock, p_.S}, sizeof(float));
            scratch_.resize(kRowBlock * p_.S);
        }
    }

    void run(Size first, Size rows) {
        first_ = first;
        rows_ = rows;
        rows_of_block_ = p_.weights ? p_.weights + first * p_.S : scratch_.data();
        width_ = Range{};
        for (Size r = 0; r < rows; ++r) {
            seen_[r] = common(p_.visible[first + r], {0, p_.S});
            width_ = hull(width_, seen_[r]);
        }
        scores();
        // In scratch only what some row of the block sees is ever read, unless a row that sees nothing gets weights all the same.
        if (p_.weights || !v_ || p_.masked_row != MaskedRow::kZeros) width_ = {0, p_.S};
        for (Size r = 0; r < rows; ++r) soften(r);
        weighted_sum();
    }

private:
    float* row(Size r) { return rows_of_block_ + r * p_.S; }

    /// The scores, in the rows of weights; with all of them and in `logits` too where these are wanted.
    void scores() {
        const float* q = p_.q + first_ * p_.D;
        if (!p_.logits) {
            multiply_by_keys(q, rows_of_block_, seen_);
            for (Size r = 0; r < rows_; ++r) finish(row(r), first_ + r, seen_[r]);
            return;
        }
        float* logits = p_.logits + first_ * p_.S;
        multiply_by_keys(q, logits, nullptr);
        for (Size r = 0; r < rows_; ++r, logits += p_.S) {
            finish(logits, first_ + r, {0, p_.S});
            for (Size s = 0; s < p_.S; ++s) {
                if (!(logits[s] < kFloatInfinity)) check(logits[s], first_ + r, s);
            }
            std::copy_n(logits, p_.S, row(r));
        }
    }

    void multiply_by_keys(const float* q, float* y, const Range* wanted) {
        if (!k_) {
            matmul_transposed(q, p_.k, y, rows_, p_.D, p_.S, p_.D, p_.D, p_.S);
            for (Size r = 0; r < rows_; ++r) scale(y + r * p_.S, p_.S, p_.scale);
        } else if (wanted) {
            k_->multiply_columns(q, y, rows_, wanted, p_.D, p_.S);
        } else {
            k_->multiply(q, y, rows_, p_.D, p_.S, p_.D, p_.S);
        }
    }

    /// Softcap, bias, slope.
    [[gnu::cold, gnu::noinline]] void finish(float* x, Size t, Range keys) const {
        if (p_.softcap > 0) {
            for (Size s = keys.first; s < keys.last; ++s) x[s] = p_.softcap * std::tanh(x[s] / p_.softcap);
        }
        if (p_.bias) {
            for (Size s = keys.first; s < keys.last; ++s) x[s] += p_.bias[t * p_.S + s];
        }
        if (p_.slope != 0) {
            for (Size s = keys.first; s < keys.last; ++s) {
                x[s] -= static_cast<float>(p_.slope * (static_cast<double>(t) + p_.offset - static_cast<double>(s)));
            }
        }
    }

    [[gnu::cold, gnu::noinline]] void check(float logit, Size t, Size s) const {
        require(logit < kFloatInfinity, "attention: logits must be below +inf, got ", logit, " at head ", head_, ", query ",
                t, ", key ", s);
    }

    /// A row of scores becomes a row of weights, zero outside what the row sees.
    void soften(Size r) {
        const Size t = first_ + r;
        const Range keys = seen_[r], room = width_;
        float* x = row(r);
        std::fill(x + room.first, x + std::max(room.first, keys.first), 0.0f);
        std::fill(x + std::max(room.first, keys.last), x + room.last, 0.0f);
        for (Size s = keys.first; p_.allow && s < keys.last; ++s) {
            if (!p_.allow[t * p_.S + s]) x[s] = -kFloatInfinity;
        }
        RunningSoftmax<float> softmax;
        float power;
        if (p_.sink) softmax.extend(p_.sink, &power, 1);
        softmax.extend(x + keys.first, x + keys.first, keys.size());
        const RowSums<float>& sums = softmax.sums();
        if (!(sums.sum < kFloatInfinity)) refuse(x, t, keys, sums.maximum);
        divisors_[r] = 1;
        if (sums.sum > 0) {
            if (p_.weights) scale(x + keys.first, keys.size(), 1 / sums.sum);
            else divisors_[r] = sums.sum;
        } else if (p_.masked_row != MaskedRow::kZeros) {
            const bool nan = p_.masked_row == MaskedRow::kNans;
            std::fill_n(x, p_.S, nan ? std::numeric_limits<float>::quiet_NaN() : 1 / static_cast<float>(p_.S));
            seen_[r] = {0, p_.S};
        }
    }

    /// A logit of +inf or NaN has left NaN among the powers.
    [[gnu::cold, gnu::noinline]] void refuse(const float* powers, Size t, Range keys, float maximum) const {
        const auto nan = std::find_if(powers + keys.first, powers + keys.last, [](float x) { return std::isnan(x); });
        check(maximum == kFloatInfinity ? maximum : std::numeric_limits<float>::quiet_NaN(), t,
              static_cast<Size>(nan - powers));
    }

    void weighted_sum() {
        float* output = p_.output + first_ * p_.Dv;
        if (v_) v_->multiply_depths(rows_of_block_, output, rows_, seen_, p_.S, p_.Dv);
        else matmul(rows_of_block_, p_.v, output, rows_, p_.S, p_.Dv, p_.S, p_.Dv, p_.Dv);
        for (Size r = 0; !p_.weights && r < rows_; ++r) scale(output + r * p_.Dv, p_.Dv, 1 / divisors_[r]);
    }

    const HeadAttention& p_;
    Size head_;
    const PackedMatrix *k_, *v_;
    std::vector<float> scratch_;
    Size first_ = 0, rows_ = 0;
    float* rows_of_block_ = nullptr;
    Range width_;  // what is filled of every row
    Range seen_[kRowBlock];
    float divisors_[kRowBlock];
};

}  // namespace

bool packing_pays(Size queries) { return queries >= 4; }

void attend(const HeadAttention& problem, Size head) {
    const HeadAttention& p = problem;
    std::optional<PackedMatrix> k, v;
    const bool pack = packing_pays(p.T);
    if (pack && !p.packed_k) k = PackedMatrix::of_transposed(p.k, p.D, p.S, p.D, p.scale);
    if (pack && !p.packed_v) v = PackedMatrix::of(p.v, p.S, p.Dv, p.Dv);
    Block block(p, head, k ? &*k : p.packed_k, v ? &*v : p.packed_v);
    for (Size t = 0; t < p.T; t += kRowBlock) block.run(t, std::min(kRowBlock, p.T - t));
}

}  // namespace clearformer
