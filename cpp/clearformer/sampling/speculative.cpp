#include "clearformer/sampling/speculative.hpp"

#include <cmath>

#include "clearformer/random.hpp"
#include "clearformer/sampling/draw.hpp"

namespace clearformer {
namespace {

/// A residual with less mass than this is rounding: the two distributions are equal.
constexpr double kNoResidual = 1e-12;

void check_rows(const char* function, const char* name, const Array<double>& p) {
    for (Size row = 0; row < p.rows(); ++row) {
        double sum = 0;
        for (Size id = 0; id < p.width(); ++id) {
            require(p.row(row)[id] >= 0, function, ": ", name, " must hold probabilities of at least 0, got ",
                    p.row(row)[id]);
            sum += p.row(row)[id];
        }
        require(std::fabs(sum - 1) <= 1e-3, function, ": ", name, " must sum to 1, got ", sum);
    }
}

double acceptance(double target, double draft) { return draft > 0 ? std::min(1.0, target / draft) : 0; }

/// max(0, target - draft), normalised.
std::vector<double> residual_of(const double* target, const double* draft, Size V) {
    std::vector<double> residual(V);
    double sum = 0;
    for (Size id = 0; id < V; ++id) sum += residual[id] = std::max(0.0, target[id] - draft[id]);
    for (double& share : residual) share = sum > kNoResidual ? share / sum : 0;
    return residual;
}

/// 1 + rate + .. + rate^gamma.
double expected_tokens(double rate, int gamma) {
    if (1 - rate < 1e-9) return static_cast<double>(gamma) + 1;
    return (1 - std::pow(rate, static_cast<double>(gamma) + 1)) / (1 - rate);
}

}  // namespace

SpeculativeResult speculative_acceptance(const SpeculativeOptions& o) {
    const Size V = check_shapes(o)["V"];
    require(V > 0, "speculative_acceptance: there must be at least one token, got shape ", o.target.shape);
    check_rows("speculative_acceptance", "target", o.target);
    check_rows("speculative_acceptance", "draft", o.draft);
    SpeculativeResult r;
    const std::vector<double>&p = o.target.data, &q = o.draft.data;
    r.acceptance = r.marginal = Array<double>({V});
    r.residual = Array<double>({V}, residual_of(p.data(), q.data(), V));
    for (Size id = 0; id < V; ++id) {
        r.acceptance.data[id] = acceptance(p[id], q[id]);
        r.acceptance_rate += std::min(p[id], q[id]);
    }
    r.acceptance_rate = std::min(r.acceptance_rate, 1.0);
    for (Size id = 0; id < V; ++id) {
        r.marginal.data[id] = q[id] * r.acceptance.data[id] + (1 - r.acceptance_rate) * r.residual.data[id];
    }
    for (int gamma : o.gammas) {
        require(gamma >= 0, "speculative_acceptance: gammas must be at least 0, got ", gamma);
        r.expected_tokens.push_back(expected_tokens(r.acceptance_rate, gamma));
    }
    return r;
}

SpeculativeStepResult speculative_step(const SpeculativeStepOptions& o) {
    const Letters letters = check_shapes(o);
    const Size G = letters["G"], P = letters["P"], V = letters["V"];
    require(P == G + 1, "speculative_step: target must have one row more than draft, got ", P, " and ", G);
    require(V > 0, "speculative_step: there must be at least one token, got shape ", o.target.shape);
    check_rows("speculative_step", "target", o.target);
    check_rows("speculative_step", "draft", o.draft);
    SpeculativeStepResult r;
    Random random(o.seed);
    for (Size i = 0; i < P; ++i) {
        r.u.push_back(o.u ? (*o.u)[i] : random.uniform());
        require(r.u[i] >= 0 && r.u[i] < 1, "speculative_step: u must be from 0 to below 1, got ", r.u[i]);
    }
    bool rejected = false;
    for (Size i = 0; i < G; ++i) {
        require(o.drafted[i] >= 0 && static_cast<Size>(o.drafted[i]) < V,
                "speculative_step: drafted must lie below the vocabulary size ", V, ", got ", o.drafted[i]);
        const Size id = static_cast<Size>(o.drafted[i]);
        require(o.draft.row(i)[id] > 0, "speculative_step: drafted must have a draft probability above 0, got token ", id);
        r.acceptance.push_back(acceptance(o.target.row(i)[id], o.draft.row(i)[id]));
        rejected |= r.u[i] >= r.acceptance[i];
        if (rejected) continue;
        r.tokens.push_back(o.drafted[i]);
        ++r.accepted;
    }
    InverseCdfOptions last;
    const Size row = static_cast<Size>(r.accepted);
    last.probabilities = Array<double>({V}, std::vector<double>(o.target.row(row), o.target.row(row) + V));
    if (rejected) {
        const std::vector<double> residual = residual_of(o.target.row(row), o.draft.row(row), V);
        if (*std::max_element(residual.begin(), residual.end()) > 0) last.probabilities.data = residual;
    }
    last.u = std::vector<double>{r.u.back()};
    r.tokens.push_back(inverse_cdf(last).index[0]);
    r.final_distribution = std::move(last.probabilities);
    return r;
}

}  // namespace clearformer
