#pragma once

// How a model is laid over devices: what part of each tensor the fullest device holds.

#include "clearformer/estimate/architecture.hpp"
#include "clearformer/estimate/inputs.hpp"

namespace clearformer::estimate {

/// Ways. Tensor parallelism splits the weights of products and the tables, pipelining the layers, expert parallelism the experts.
struct Split {
    Quantity tensor, pipeline, expert;
    Quantity expert_width;  // ways in which the matrices of one expert are split
};

/// Ranks that one stage of the pipeline has: those that share layers and those that share experts are the same. Throws DomainError where
/// neither number divides the other.
Size ranks_of_stage(const Workload& workload);

/// What one device holds of a tensor.
struct Share {
    const WeightTensor* tensor;
    Quantity copies;    // how often it occurs there: of its layers those of one stage, of its experts those of one device
    Quantity elements;  // of one copy
    enum Place { kLayers, kFirst, kLast } place;  // in every stage; in the first; in the last
    bool expert;
};

/// An amount of each share, by reference: lives as long as the call.
class OfShare {
public:
    template <class Function>
    OfShare(const Function& function)
        : function_(&function),
          call_([](const void* f, const Share& share) -> Quantity { return (*static_cast<const Function*>(f))(share); }) {}
    Quantity operator()(const Share& share) const { return call_(function_, share); }

private:
    const void* function_;
    Quantity (*call_)(const void*, const Share&);
};

/// Stages hold ⌈layers / pipeline⌉ layers. Weights of products and tables are split evenly (⌈elements / tensor⌉); routers, norms and biases are
/// on every device. That is an estimate: where there are more ways than key and value heads, and for the narrow projections of latent
/// attention, real engines keep copies.
std::vector<Share> shares(const Architecture& architecture, const Split& split);

/// The sum of `each` over the shares of the fullest stage: its layers, and the larger of what stands before and behind them. A tied table
/// is at both ends.
Quantity on_fullest_device(const Architecture& architecture, const Split& split, const std::vector<Share>& all,
                           OfShare each);

/// Why heads, key and value heads and layers cannot be split so, as the rest of a sentence; empty where they can: heads divisible by
/// `tensor`, `tensor` and the key and value heads one divisible by the other, no more stages than layers, no more expert ways than
/// experts.
std::string split_problem(const Architecture& architecture, std::int64_t tensor, std::int64_t pipeline, std::int64_t expert);
/// Throws DomainError where there is a problem.
void check_split(const char* where, const Architecture& architecture, std::int64_t tensor, std::int64_t pipeline,
                 std::int64_t expert);

}  // namespace clearformer::estimate
