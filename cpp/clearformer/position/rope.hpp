#pragma once

// Rotary position embedding (Su et al. 2021, equations 14-16): pairs of features turn by an angle that grows with the
// position.

#include "clearformer/position/rope_scaling.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x [.. T D] and T positions (at least 0; fractions are allowed). The first `rotary_dim` features R (all of them by
/// default) form R / 2 pairs, the rest passes through; pair i turns by position * theta^(-2 i / R). R must be even.
/// pairing "half_split": pairs (i, i + R/2) (GPT-NeoX, Llama in Hugging Face); "interleaved": pairs (2 i, 2 i + 1)
/// (the paper, GPT-J, Llama's own code). output_layout "same", or "half_split": first entries of all pairs, then the
/// second ones, then the rest, whatever the pairing was (DeepSeek-V3 reads interleaved pairs and leaves them so).
/// `scaling` changes the frequencies and may multiply the cosines and sines by an attention factor (rope_scaling.hpp).
/// Angles, cosines and sines are computed in double, for float data too. `trace` records how each entry turns.
template <class Real>
struct RopeOptions {
    static constexpr const char* kFunction = "rope";
    Array<Real> x;
    std::vector<double> positions;
    double theta = 10000;
    std::string pairing = "half_split";
    std::optional<int> rotary_dim;
    std::string output_layout = "same";
    std::optional<RopeScaling> scaling;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. T D");
        field.required("positions", positions);
        field.optional("theta", theta);
        field.optional("pairing", pairing);
        field.optional("rotary_dim", rotary_dim);
        field.optional("output_layout", output_layout);
        field.optional("scaling", scaling);
        field.optional("trace", trace);
    }
};

template <class Real>
struct RopeResult {
    Array<Real> y;                                                        // as x
    Array<double> inverse_frequencies;                                    // [P], P = R / 2 pairs: theta^(-2 i / R), scaled
    Array<double> cos;                                                    // [T P]
    Array<double> sin;                                                    // [T P]
    double attention_factor = 1;                                          // already in cos and sin
    std::optional<double> theta_scaled, correction_low, correction_high;  // as rope_frequencies gives them
    std::optional<Trace> trace;                                           // x, y
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. T D");
        field.required("inverse_frequencies", inverse_frequencies, "P");
        field.required("cos", cos, "T P");
        field.required("sin", sin, "T P");
        field.required("attention_factor", attention_factor);
        field.optional("theta_scaled", theta_scaled);
        field.optional("correction_low", correction_low);
        field.optional("correction_high", correction_high);
        field.optional("trace", trace);
    }
};

/// (a, b) becomes (a cos - b sin, a sin + b cos) in every pair. Throws DomainError for a number of positions other
/// than T, a negative or infinite position, theta <= 0, a rotary_dim that is odd, below 2 or above D, an unknown
/// pairing or layout.
template <class Real>
RopeResult<Real> rope(const RopeOptions<Real>& options);

enum class Pairing { kHalfSplit, kInterleaved };

/// The rotation itself: rows x [.., width] to y; row r has the angles of position r % positions, whose cosines and sines are cos, sin
/// [positions, pairs]; `rows` is a multiple of `positions`. Features from 2 pairs on are copied. y may be x where `in` is `out`; else they
/// must not overlap.
template <class Real>
void rotate_rows(const Real* x, Real* y, const Real* cos, const Real* sin, Size rows, Size positions, Size width, Size pairs,
                 Pairing in, Pairing out);

/// Cosines and sines as the float kernel reads them, in one stream: of each position four cosines, their four sines, the next four.
/// Make it once, turn many heads.
class RotationTable {
public:
    /// cos, sin [positions, pairs]
    RotationTable(const double* cos, const double* sin, Size positions, Size pairs);
    /// Turns the rows of x [heads, positions, width] in place. Four heads at a time share what is read of the table.
    void turn(float* x, Size heads, Size width, Pairing pairing) const;

private:
    Size positions_, pairs_, stride_;
    std::vector<float> table_;
};

/// Rows x [.., T, width] turned by the T positions with plain frequencies, without checks: the rotation of a model's own layers.
std::vector<double> turned_rows(const std::vector<double>& x, const std::vector<double>& positions, Size width,
                                Size rotary_dim, double theta, Pairing pairing = Pairing::kHalfSplit);

/// theta^(-2 i / rotary_dim) for the rotary_dim / 2 pairs: radians per position. A pair's wavelength is 2 pi / this.
std::vector<double> inverse_frequencies(double theta, Size rotary_dim);

}  // namespace clearformer
