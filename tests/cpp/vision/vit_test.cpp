#include "clearformer/vision/vit.hpp"

#include "support.hpp"
#include "vision/trace_check.hpp"

using namespace clearformer;
using namespace clearformer::testing;

namespace {

VisionTransformerOptions options_of(const Json& c) {
    const Json &p = c["params"], &in = c["inputs"];
    VisionTransformerOptions o;
    o.image = tensor_of(in["image"]);
    o.patch_weight = tensor_of(in["patch_w"]);
    o.patch_bias = tensor_of(in["patch_b"]);
    o.cls_token = tensor_of(in["cls"]);
    o.pos_embed = tensor_of(in["pos"]);
    for (int l = 0; l < p["layers"].get<int>(); ++l) {
        const auto of = [&](const char* name) { return tensor_of(in[sentence("l", l, "_", name)]); };
        o.layers.push_back({of("ln1_g"), of("ln1_b"), of("qkv_w"), of("qkv_b"), of("proj_w"), of("proj_b"), of("ln2_g"),
                            of("ln2_b"), of("fc1_w"), of("fc1_b"), of("fc2_w"), of("fc2_b")});
    }
    o.norm_gamma = tensor_of(in["ln_g"]);
    o.norm_beta = tensor_of(in["ln_b"]);
    o.head_weight = tensor_of(in["head_w"]);
    o.head_bias = tensor_of(in["head_b"]);
    o.heads = p["heads"];
    o.eps = p["eps"];
    o.activation = p["act"];
    o.norm = p["norm"];
    return o;
}

/// A small model of width 4 on an image of 4 by 6 in patches of 2.
VisionTransformerOptions model(int layers) {
    VisionTransformerOptions o;
    o.image = normal({2, 4, 6}, 1);
    o.patch_weight = normal({4, 2, 2, 2}, 2, 0.4);
    for (int l = 0; l < layers; ++l) {
        const std::uint64_t seed = 10 * static_cast<std::uint64_t>(l + 1);
        o.layers.push_back({normal({4}, seed), normal({4}, seed + 1), normal({12, 4}, seed + 2), normal({12}, seed + 3, 0.1),
                            normal({4, 4}, seed + 4), normal({4}, seed + 5, 0.1), normal({4}, seed + 6),
                            normal({4}, seed + 7), normal({6, 4}, seed + 8), normal({6}, seed + 9, 0.1),
                            normal({4, 6}, seed + 50), normal({4}, seed + 51, 0.1)});
    }
    o.heads = 2;
    return o;
}

AttentionRolloutOptions rollout_of(const Json& c) {
    AttentionRolloutOptions o;
    o.fuse = c["params"]["fuse"];
    o.residual = c["params"]["residual"];
    Size layers = 0;
    for (; c["inputs"].contains(sentence("attn_layer", layers)); ++layers) {
        const Array<double> layer = tensor_of(c["inputs"][sentence("attn_layer", layers)]);
        o.weights.data.insert(o.weights.data.end(), layer.data.begin(), layer.data.end());
        o.weights.shape = {layers + 1, layer.shape[0], layer.shape[1], layer.shape[2]};
    }
    return o;
}

}  // namespace

TEST_CASE("the vision transformer conforms") {
    for_each_case("vision", "vit_tiny", [](const Json& c) {
        const VisionTransformerResult r = vision_transformer(options_of(c));
        check_tensor(r.embeddings, "embeddings", c);
        check_tensor(r.features, "features", c);
        check_tensor(*r.logits, "logits", c);
        const Size layers = r.weights.shape[0], each = r.weights.size() / layers;
        for (Size l = 0; l < layers; ++l) {
            const auto first = r.weights.data.begin() + static_cast<std::ptrdiff_t>(l * each);
            check_tensor(Array<double>({r.weights.shape[1], r.weights.shape[2], r.weights.shape[3]},
                                       std::vector<double>(first, first + static_cast<std::ptrdiff_t>(each))),
                         sentence("attn_layer", l), c);
        }
    });
}

TEST_CASE("attention rollout conforms") {
    for_each_case("vision", "attention_rollout", [](const Json& c) {
        const AttentionRolloutResult r = attention_rollout(rollout_of(c));
        check_tensor(r.rollout, "rollout", c);
        check_tensor(r.cls_to_patches, "cls_to_patches", c);
    });
}

TEST_CASE("without positions the order of the patches does not matter to the mean of the features") {
    VisionTransformerOptions o = model(2);
    const Array<double> before = vision_transformer(o).pooled;
    for (Size line = 0; line < 8; ++line) std::rotate(o.image.row(line), o.image.row(line) + 2, o.image.row(line) + 6);
    CHECK(distance(vision_transformer(o).pooled.data, before.data) < 1e-13);
    o.pos_embed = normal({6, 4}, 5);
    const Array<double> placed = vision_transformer(o).pooled;
    std::swap_ranges(o.pos_embed->row(0), o.pos_embed->row(1), o.pos_embed->row(5));
    CHECK(distance(vision_transformer(o).pooled.data, placed.data) > 1e-3);
}

TEST_CASE("each layer works on what the one before left") {
    const VisionTransformerResult one = vision_transformer(model(1)), two = vision_transformer(model(2));
    CHECK(std::equal(one.hidden.data.begin(), one.hidden.data.end(), two.hidden.data.begin()));
    CHECK(one.weights.size() * 2 == two.weights.size());
    const VisionTransformerResult none = vision_transformer(model(0));
    CHECK(none.features.data == none.embeddings.data);
    CHECK_FALSE(none.logits.has_value());
}

TEST_CASE("norm post leaves normalised rows") {
    VisionTransformerOptions o = model(2);
    o.norm = "post";
    for (VitLayer& layer : o.layers) {
        layer.norm2_gamma = Array<double>({4}, 1.0);
        layer.norm2_beta = Array<double>({4});
    }
    const VisionTransformerResult r = vision_transformer(o);
    for (Size t = 0; t < r.hidden.rows(); ++t) {
        double total = 0;
        for (Size c = 0; c < 4; ++c) total += r.hidden.row(t)[c];
        CHECK(std::fabs(total) < 1e-12);
    }
}

TEST_CASE("every number from the image to the logits opens") {
    for (const char* norm : {"pre", "post"}) {
        for (bool with_cls : {false, true}) {
            CAPTURE(norm);
            CAPTURE(with_cls);
            VisionTransformerOptions o = model(2);
            o.norm = norm;
            o.trace = true;
            if (with_cls) {
                o.cls_token = normal({4}, 3);
                o.pos_embed = normal({7, 4}, 4);
                o.norm_gamma = normal({4}, 5);
                o.norm_beta = normal({4}, 6);
                o.head_weight = normal({3, 4}, 7);
                o.head_bias = normal({3}, 8);
            } else {
                o.layers[1].qkv_bias = o.layers[1].proj_bias = {};
                o.layers[1].fc1_bias = o.layers[1].fc2_bias = {};
                o.head_weight = normal({3, 4}, 7);
            }
            const VisionTransformerResult r = vision_transformer(o);
            CHECK(r.trace->tensor("logits").data == r.logits->data);
            CHECK(r.trace->tensor("features").data == r.features.data);
            CHECK(r.trace->tensor("embeddings").data == r.embeddings.data);
            CHECK(check_whole_trace(*r.trace) == (with_cls ? 2 + 2 * 12 + 6 : 2 + 2 * 12 - 4 + 1));
            const Array<double> weights = r.trace->tensor("weights1");
            CHECK(std::equal(weights.data.begin(), weights.data.end(),
                             r.weights.data.begin() + static_cast<std::ptrdiff_t>(weights.size())));
        }
    }
}

TEST_CASE("rows of a rollout sum to 1, and a residual of 1 leaves the identity") {
    AttentionRolloutOptions o{vision_transformer(model(3)).weights};
    for (const char* fuse : {"mean", "max", "min"}) {
        o.fuse = fuse;
        const Array<double> rollout = attention_rollout(o).rollout;
        for (Size t = 0; t < 6; ++t) {
            double total = 0;
            for (Size s = 0; s < 6; ++s) total += rollout.row(t)[s];
            CHECK(total == doctest::Approx(1));
        }
    }
    o.residual = 1;
    const Array<double> identity = attention_rollout(o).rollout;
    for (Size i = 0; i < 36; ++i) CHECK(identity.data[i] == (i % 7 == 0 ? 1 : 0));
}

TEST_CASE("every number of a rollout opens down to the heads") {
    AttentionRolloutOptions o{vision_transformer(model(3)).weights};
    o.trace = true;
    for (const char* fuse : {"mean", "max", "min"}) {
        o.fuse = fuse;
        const AttentionRolloutResult r = attention_rollout(o);
        CHECK(check_whole_trace(*r.trace) == 1);
        CHECK(r.trace->tensor("rollout2").data == r.rollout.data);
    }
}

TEST_CASE("one layer of one head without residual is its own rollout") {
    AttentionRolloutOptions o{Array<double>({1, 1, 2, 2}, std::vector<double>{0.25, 0.75, 0.5, 0.5}), "mean", 0};
    const AttentionRolloutResult r = attention_rollout(o);
    CHECK(r.rollout.data == o.weights.data);
    CHECK(r.cls_to_patches.data == std::vector<double>{0.75});
}

TEST_CASE("models and rollouts that cannot be are refused") {
    VisionTransformerOptions o = model(2);
    o.layers[1].proj_weight = normal({4, 5}, 1);
    CHECK_THROWS_WITH_AS(vision_transformer(o),
                         "vision_transformer: layers[1]: proj_weight must have C = 4 as norm1_gamma has, got shape [4, 5]",
                         DomainError);
    o = model(1);
    o.layers[0].qkv_weight = normal({8, 4}, 1);
    o.layers[0].qkv_bias = {};
    CHECK_THROWS_WITH_AS(vision_transformer(o), "vision_transformer: layers[0]: qkv_weight must have 12 rows, got 8",
                         DomainError);
    o = model(1);
    o.pos_embed = normal({5, 4}, 1);
    CHECK_THROWS_AS(vision_transformer(o), DomainError);
    o = model(1);
    o.heads = 3;
    CHECK_THROWS_AS(vision_transformer(o), DomainError);
    o = model(1);
    o.norm = "middle";
    CHECK_THROWS_AS(vision_transformer(o), DomainError);
    o = model(0);
    o.layers.resize(65);
    CHECK_THROWS_AS(vision_transformer(o), DomainError);
    CHECK_THROWS_WITH_AS(attention_rollout({Array<double>({1, 1, 2, 2}, -1.0)}),
                         "attention_rollout: weights must not be negative, got -1", DomainError);
    CHECK_THROWS_AS(attention_rollout({Array<double>({1, 1, 2, 2}), "mean", 0}), DomainError);
    CHECK_THROWS_AS(attention_rollout({Array<double>({1, 1, 2, 2}, 1.0), "median"}), DomainError);
    CHECK_THROWS_AS(attention_rollout({Array<double>({1, 1, 0, 0})}), DomainError);
    CHECK_THROWS_AS(attention_rollout({Array<double>({1, 1, 2, 2}, 1.0), "mean", 1.5}), DomainError);
}
