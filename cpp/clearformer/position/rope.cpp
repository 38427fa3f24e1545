#include "clearformer/position/rope.hpp"

#include <algorithm>
#include <cmath>

#include "clearformer/position/rules.hpp"

namespace clearformer {
namespace {

template <class Real>
std::vector<double> in_double(const Array<Real>& array) {
    return std::vector<double>(array.data.begin(), array.data.end());
}

template <class Real>
Trace trace_of(const RopeOptions<Real>& o, const RopeResult<Real>& r, Pairing in, Pairing out) {
    const Rule given = [](const Index&, Pen& pen) { pen.input("Given: an entry of the rows to turn."); };
    Rotation turn{o.positions, 2 * r.inverse_frequencies.size(), o.theta, in == Pairing::kInterleaved};
    turn.frequencies = r.inverse_frequencies.data;
    turn.attention_factor = r.attention_factor;
    turn.out_interleaved = out == Pairing::kInterleaved;
    Trace trace;
    trace.add({{"x", "x", "entry before", "q", ".. T D"}, o.x.shape, given, in_double(o.x)});
    trace.add({{"y", "y", "turned entry", "position", ".. T D"}, r.y.shape, rotation_rule("x", turn), in_double(r.y)});
    return trace;
}

}  // namespace

template <class Real>
void rotate_rows(const Real* x, Real* y, const Real* cos, const Real* sin, Size rows, Size positions, Size width, Size pairs,
                 Pairing in, Pairing out) {
    // The entries of a pair stand `second` apart, the pairs `stride`.
    const Size in_stride = in == Pairing::kInterleaved ? 2 : 1, in_second = in == Pairing::kInterleaved ? 1 : pairs;
    const Size out_stride = out == Pairing::kInterleaved ? 2 : 1, out_second = out == Pairing::kInterleaved ? 1 : pairs;
    for (Size r = 0; r < rows; ++r, x += width, y += width) {
        const Real *c = cos + r % positions * pairs, *s = sin + r % positions * pairs;
        for (Size i = 0; i < pairs; ++i) {
            const Real a = x[i * in_stride], b = x[i * in_stride + in_second];
            y[i * out_stride] = a * c[i] - b * s[i];
            y[i * out_stride + out_second] = a * s[i] + b * c[i];
        }
        if (x != y) std::copy(x + 2 * pairs, x + width, y + 2 * pairs);
    }
}

std::vector<double> turned_rows(const std::vector<double>& x, const std::vector<double>& positions, Size width,
                                Size rotary_dim, double theta, Pairing pairing) {
    const std::vector<double> frequencies = inverse_frequencies(theta, rotary_dim);
    const Size pairs = frequencies.size();
    std::vector<double> cos(positions.size() * pairs), sin(cos.size()), y(x.size());
    for (Size i = 0; i < cos.size(); ++i) {
        const double angle = positions[i / pairs] * frequencies[i % pairs];
        cos[i] = std::cos(angle);
        sin[i] = std::sin(angle);
    }
    rotate_rows(x.data(), y.data(), cos.data(), sin.data(), x.size() / width, positions.size(), width, pairs, pairing,
                pairing);
    return y;
}

std::vector<double> inverse_frequencies(double theta, Size rotary_dim) {
    std::vector<double> frequencies(rotary_dim / 2);
    for (Size i = 0; i < frequencies.size(); ++i) {
        frequencies[i] = std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(rotary_dim));
    }
    return frequencies;
}

template <class Real>
RopeResult<Real> rope(const RopeOptions<Real>& o) {
    const Letters letter = check_shapes(o);
    const Size T = letter["T"], D = letter["D"];
    require(o.positions.size() == T, "rope: positions needs one entry for each of the ", T, " rows, got ",
            o.positions.size());
    for (double position : o.positions) {
        require(std::isfinite(position) && position >= 0, "rope: positions must be at least 0, got ", position);
    }
    require(std::isfinite(o.theta) && o.theta > 0, "rope: theta must be above 0, got ", o.theta);
    require(o.rotary_dim || (D >= 2 && D % 2 == 0),
            "rope: RoPE turns pairs, so the width of x must be even and at least 2, got ", D);
    require(!o.rotary_dim || (*o.rotary_dim >= 2 && *o.rotary_dim % 2 == 0 && static_cast<Size>(*o.rotary_dim) <= D),
            "rope: rotary_dim must be even, at least 2 and at most the width ", D, ", got ", o.rotary_dim.value_or(0));
    require(o.pairing == "half_split" || o.pairing == "interleaved",
            "rope: pairing must be half_split or interleaved, got \"", o.pairing, "\"");
    require(o.output_layout == "same" || o.output_layout == "half_split",
            "rope: output_layout must be same or half_split, got \"", o.output_layout, "\"");
    const Size R = o.rotary_dim ? static_cast<Size>(*o.rotary_dim) : D, pairs = R / 2;

    // 1. The angle of every pair at every position.
    RopeFrequenciesResult frequencies = rope_frequencies({static_cast<int>(R), o.theta, o.scaling});
    RopeResult<Real> r;
    r.y = o.x;
    r.inverse_frequencies = std::move(frequencies.inverse_frequencies);
    r.cos = r.sin = Array<double>({T, pairs});
    r.attention_factor = frequencies.attention_factor;
    r.theta_scaled = frequencies.theta_scaled;
    r.correction_low = frequencies.correction_low;
    r.correction_high = frequencies.correction_high;
    for (Size t = 0; t < T; ++t) {
        for (Size i = 0; i < pairs; ++i) {
            const double angle = o.positions[t] * r.inverse_frequencies.data[i];
            require(std::isfinite(angle), "rope: theta ", o.theta, " turns position ", o.positions[t],
                    " by an infinite angle");
            r.cos.row(t)[i] = std::cos(angle) * r.attention_factor;
            r.sin.row(t)[i] = std::sin(angle) * r.attention_factor;
        }
    }
    // 2. Turn the pairs of every row.
    const Pairing in = o.pairing == "half_split" ? Pairing::kHalfSplit : Pairing::kInterleaved;
    const Pairing out = o.output_layout == "half_split" ? Pairing::kHalfSplit : in;
    bool turned = false;
    if constexpr (std::is_same_v<Real, float>) {
        if (in == out && T > 0) {
            RotationTable(r.cos.data.data(), r.sin.data.data(), T, pairs).turn(r.y.data.data(), o.x.rows() / T, D, in);
            turned = true;
        }
    }
    if (!turned) {
        const std::vector<Real> cos(r.cos.data.begin(), r.cos.data.end()), sin(r.sin.data.begin(), r.sin.data.end());
        rotate_rows(o.x.data.data(), r.y.data.data(), cos.data(), sin.data(), o.x.rows(), T, D, pairs, in, out);
    }
    if (o.trace) r.trace = trace_of(o, r, in, out);
    return r;
}

template void rotate_rows(const float*, float*, const float*, const float*, Size, Size, Size, Size, Pairing, Pairing);
template void rotate_rows(const double*, double*, const double*, const double*, Size, Size, Size, Size, Pairing, Pairing);
template RopeResult<float> rope(const RopeOptions<float>&);
template RopeResult<double> rope(const RopeOptions<double>&);

}  // namespace clearformer
