// The operations that everything else is made of: products, softmax, norms, activations, attention.

#include "clearformer/attention/attention_trace.hpp"
#include "clearformer/attention/masks.hpp"
#include "clearformer/attention/multi_head.hpp"
#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/embedding.hpp"
#include "clearformer/ops/linear.hpp"
#include "clearformer/ops/matmul.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/softmax.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

/// `matmul` by this one signature; the name is also the kernel's.
template <class Real>
constexpr MatmulResult<Real> (*matmul_of)(const MatmulOptions<Real>&) = &matmul;

EMSCRIPTEN_BINDINGS(operations) {
    add<traced<matmul_of<double>>, traced<matmul_of<float>>>();
    add<traced<&linear<double>>, traced<&linear<float>>>();
    add<traced<&softmax<double>>, traced<&softmax<float>>>();
    add<traced<&layer_norm<double>>>();
    add<traced<&rms_norm<double>>>();
    add<traced<&group_norm<double>>>();
    add<traced<&l2_normalize<double>>>();
    add<traced<&activation<double>>>();
    add<traced<&embedding<double>>>();
    add<attention_mask>();
    add<traced<&attention<double>>, traced<&attention<float>>>();
    add<traced<&online_softmax<double>>>();
    add<traced<&attention_entropy>>();
    add<traced<&multi_head_attention<double>>>();
}
