#pragma once

// Noise levels that are not a chain of betas: straight lines between data and noise, and the sigmas of EDM.

#include "clearformer/fields.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// x0 and eps of one shape: the data and a draw of standard normal noise; N times t from 0 (data) to 1 (noise).
struct FlowMatchingOptions {
    static constexpr const char* kFunction = "flow_matching";
    Array<double> x0, eps;
    std::vector<double> t;
    double shift = 1;  // above 0; 1 changes nothing
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x0", x0, "..");
        field.required("eps", eps, "..");
        field.required("t", t, "N");
        field.optional("shift", shift);
        field.optional("trace", trace);
    }
};

struct FlowMatchingResult {
    Array<double> x_t;        // [N, as x0] (1 - t) x0 + t eps, at the times as given
    Array<double> velocity;   // as x0: eps - x0, the same at every t
    Array<double> shifted_t;  // [N] shift t / (1 + (shift - 1) t)
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x_t", x_t, "..");
        field.required("velocity", velocity, "..");
        field.required("shifted_t", shifted_t, "N");
        field.optional("trace", trace);
    }
};

/// The straight path between data and noise and its velocity, which the model learns (rectified flow, Liu et al. 2023,
/// equation 1; time from data to noise, and the shift of the times for large images, as Esser et al. 2024, equations 13 and
/// 23).
/// Throws DomainError for shapes that differ, six axes, times outside 0 .. 1, shift <= 0.
FlowMatchingResult flow_matching(const FlowMatchingOptions& options);

struct KarrasSigmasOptions {
    static constexpr const char* kFunction = "karras_sigmas";
    int n = 10;
    double sigma_min = 0.002, sigma_max = 80;
    double rho = 7;
    bool trace = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("n", n);
        field.optional("sigma_min", sigma_min);
        field.optional("sigma_max", sigma_max);
        field.optional("rho", rho);
        field.optional("trace", trace);
    }
};

struct KarrasSigmasResult {
    Array<double> sigmas;  // [N] from sigma_max down to sigma_min; the 0 that ends a sampler's list is not among them
    std::optional<Trace> trace = {};
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("sigmas", sigmas, "N");
        field.optional("trace", trace);
    }
};

/// sigma_i = (sigma_max^(1/rho) + i / (n - 1) (sigma_min^(1/rho) - sigma_max^(1/rho)))^rho (Karras et al. 2022, equation 5);
/// n = 1 gives sigma_max.
/// Throws DomainError for n outside 1 .. 1 000 000, unless 0 <= sigma_min <= sigma_max, and for a rho outside 0.01 .. 1000.
KarrasSigmasResult karras_sigmas(const KarrasSigmasOptions& options);

}  // namespace clearformer
