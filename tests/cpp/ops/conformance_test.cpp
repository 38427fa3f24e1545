// The operations against the results of PyTorch and Hugging Face Transformers.

#include "clearformer/ops/activation.hpp"
#include "clearformer/ops/embedding.hpp"
#include "clearformer/ops/norm.hpp"
#include "clearformer/ops/softmax.hpp"
#include "clearformer/position/sinusoidal.hpp"
#include "support.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

template <class Options>
Options with_x(const Json& c) {
    Options o;
    o.x = tensor_of<typename decltype(o.x.data)::value_type>(c["inputs"]["x"]);
    return o;
}

template <class Real>
void read_if_given(std::optional<Array<Real>>& to, const Json& c, const char* name) {
    if (c["inputs"].contains(name)) to = tensor_of<Real>(c["inputs"][name]);
}

}  // namespace

TEST_CASE_TEMPLATE("layer normalisation conforms", Real, float, double) {
    for_each_case("blocks", "layernorm", [](const Json& c) {
        auto o = with_x<LayerNormOptions<Real>>(c);
        o.eps = c["params"]["eps"];
        read_if_given(o.gamma, c, "gamma");
        read_if_given(o.beta, c, "beta");
        check_tensor(layer_norm(o).y, "y", c);
    });
}

TEST_CASE_TEMPLATE("RMS normalisation conforms, with and without a unit offset", Real, float, double) {
    for (bool unit_offset : {false, true}) {
        for_each_case("blocks", unit_offset ? "gemma_rmsnorm" : "rmsnorm", [&](const Json& c) {
            auto o = with_x<RmsNormOptions<Real>>(c);
            o.eps = c["params"]["eps"];
            o.unit_offset = unit_offset;
            read_if_given(o.gamma, c, "gamma");
            check_tensor(rms_norm(o).y, "y", c);
        });
    }
}

TEST_CASE_TEMPLATE("group normalisation conforms", Real, float, double) {
    for_each_case("blocks", "groupnorm", [](const Json& c) {
        auto o = with_x<GroupNormOptions<Real>>(c);
        o.groups = c["params"]["groups"];
        o.eps = c["params"]["eps"];
        check_tensor(group_norm(o).y, "y", c);
    });
}

TEST_CASE_TEMPLATE("normalisation to length 1 conforms", Real, float, double) {
    for_each_case("blocks", "l2_normalize", [](const Json& c) {
        auto o = with_x<L2NormalizeOptions<Real>>(c);
        o.eps = c["params"]["eps"];
        check_tensor(l2_normalize(o).y, "y", c);
    });
}

TEST_CASE_TEMPLATE("activations conform", Real, float, double) {
    for_each_case("blocks", "activation", [](const Json& c) {
        auto o = with_x<ActivationOptions<Real>>(c);
        o.name = c["params"]["fn"];
        const auto r = activation(o);
        check_tensor(r.y, "y", c);
        check_tensor(r.derivative, "dy_dx", c);
    });
}

TEST_CASE_TEMPLATE("softmax conforms", Real, float, double) {
    for_each_case("blocks", "softmax", [](const Json& c) {
        auto o = with_x<SoftmaxOptions<Real>>(c);
        o.axis = c["params"]["axis"];
        const auto r = softmax(o);
        check_tensor(r.y, "y", c);
        check_tensor(r.log_softmax, "log_softmax", c);
        check_tensor(r.logsumexp, "logsumexp", c);
    });
}

TEST_CASE("the sinusoidal position table conforms") {
    for_each_case("blocks", "sinusoidal_pe", [](const Json& c) {
        SinusoidalOptions o;
        o.length = c["params"]["n"];
        o.dim = c["params"]["d"];
        o.layout = c["params"]["layout"];
        check_tensor(sinusoidal_positions(o).table, "pe", c);
    });
}

TEST_CASE("learned position embeddings conform") {
    for_each_case("blocks", "learned_pe", [](const Json& c) {
        EmbeddingOptions<double> o;
        o.tokens = c["params"]["tokens"].get<std::vector<int>>();
        o.table = tensor_of(c["inputs"]["tok_emb"]);
        o.positions = tensor_of(c["inputs"]["pos_emb"]);
        check_tensor(embedding(o).y, "y", c);
    });
}
