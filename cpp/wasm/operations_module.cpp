// The operations that everything else is made of: products, softmax, norms, activations.

#include "clearformer/ops/traces.hpp"
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
}
