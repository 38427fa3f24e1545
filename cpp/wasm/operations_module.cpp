// The operations that everything else is made of: products, softmax, norms, activations, attention.

#include "clearformer/attention/attention.hpp"
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
    add<matmul_of<double>, matmul_of<float>>();
    add<linear<double>, linear<float>>();
    add<softmax<double>, softmax<float>>();
    add<layer_norm<double>>();
    add<rms_norm<double>>();
    add<group_norm<double>>();
    add<l2_normalize<double>>();
    add<activation<double>>();
    add<embedding<double>>();
    add<attention_mask>();
    add<attention<double>, attention<float>>();
    add<online_softmax<double>>();
    add<attention_entropy>();
    add<multi_head_attention<double>>();
}
