#include "clearformer/blocks/encoder_decoder.hpp"

#include "clearformer/ops/rules.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = EncoderDecoderOptions::kFunction;
constexpr const char* kWeight = "Given: a weight.";

/// The rows that a stack starts from: given, or looked up, scaled and placed.
struct Side {
    const char* name;  // source, target
    const char* letters;
    const std::vector<int>& tokens;
    const std::optional<Array<double>>& rows;
};
Value start(Flow& flow, const Side& side, const Value* table, const Value* positions, double scale) {
    const std::string name = side.name;
    const Label label{side.name, "X", "token vector entry", "residual", side.letters};
    if (side.rows) return flow.input(label, *side.rows, "Given: the token's row.");
    const Size count = side.tokens.size(), V = table->extent(0), C = table->extent(1);
    Array<double> rows({count, C});
    for (Size t = 0; t < count; ++t) {
        const int token = side.tokens[t];
        require(token >= 0 && static_cast<Size>(token) < V, kName, ": ", name, "_tokens must be at least 0 and below ", V,
                ", got ", token);
        std::copy_n(table->array.row(static_cast<Size>(token)), C, rows.row(t));
    }
    const bool is_scaled = scale != 1;
    const std::string looked_up = name + "Rows", scaled = name + "Scaled";
    const auto named = [&](bool last, const std::string& other) {
        return Label{last ? side.name : other.c_str(), "X", "token vector entry", "residual", side.letters};
    };
    Value x = flow.record(named(!is_scaled && !positions, looked_up), std::move(rows),
                          embedding_rule(table->name, nullptr, side.tokens));
    if (is_scaled) {
        Array<double> product = x.array;
        for (double& value : product.data) value *= scale;
        x = flow.record(named(!positions, scaled), std::move(product), scale_rule(x.name, scale, "scale of the embedding"));
    }
    if (!positions) return x;
    require(positions->extent(0) >= count, kName, ": there are ", positions->extent(0), " positions for the ", count,
            " tokens of the ", name);
    Array<double> sum = x.array;
    for (Size i = 0; i < sum.size(); ++i) sum.data[i] += positions->array.data[i];
    return flow.record(label, std::move(sum), add_rule(x.name, positions->name));
}

template <class Options>
void take_all(Parameters& parameters, const std::string& layer, Options& block,
              std::initializer_list<std::pair<const char*, Array<double> Options::*>> fields) {
    for (const auto& [name, field] : fields) {
        const std::string_view n = name;
        const bool is_matrix = n.ends_with("weight") || n == "w1" || n == "w2";
        block.*field = parameters.take(sentence(layer, name), is_matrix ? 2 : 1);
    }
}

EncoderBlockOptions encoder_layer(const EncoderDecoderOptions& o, Parameters& parameters, const std::string& name) {
    using E = EncoderBlockOptions;
    E block;
    take_all<E>(parameters, name, block,
                {{"in_weight", &E::in_weight},
                 {"in_bias", &E::in_bias},
                 {"out_weight", &E::out_weight},
                 {"out_bias", &E::out_bias},
                 {"w1", &E::w1},
                 {"b1", &E::b1},
                 {"w2", &E::w2},
                 {"b2", &E::b2},
                 {"gamma1", &E::gamma1},
                 {"beta1", &E::beta1}});
    block.gamma2 = parameters.take(name + "gamma2", 1);
    block.beta2 = parameters.take(name + "beta2", 1);
    block.heads = o.heads;
    block.placement = o.placement;
    block.activation = o.activation;
    block.eps = o.eps;
    block.valid = o.source_valid;
    return block;
}

DecoderBlockOptions decoder_layer(const EncoderDecoderOptions& o, Parameters& parameters, const std::string& name) {
    using D = DecoderBlockOptions;
    D block;
    take_all<D>(parameters, name, block,
                {{"self_in_weight", &D::self_in_weight},
                 {"self_in_bias", &D::self_in_bias},
                 {"self_out_weight", &D::self_out_weight},
                 {"self_out_bias", &D::self_out_bias},
                 {"cross_in_weight", &D::cross_in_weight},
                 {"cross_in_bias", &D::cross_in_bias},
                 {"cross_out_weight", &D::cross_out_weight},
                 {"cross_out_bias", &D::cross_out_bias},
                 {"w1", &D::w1},
                 {"b1", &D::b1},
                 {"w2", &D::w2},
                 {"b2", &D::b2},
                 {"gamma1", &D::gamma1},
                 {"beta1", &D::beta1},
                 {"gamma2", &D::gamma2},
                 {"beta2", &D::beta2},
                 {"gamma3", &D::gamma3},
                 {"beta3", &D::beta3}});
    block.heads = o.heads;
    block.placement = o.placement;
    block.activation = o.activation;
    block.eps = o.eps;
    block.memory_valid = o.source_valid;
    return block;
}

/// The norm after a stack, under a name of its own, or the stack's rows as they are.
Value final_norm(Flow& flow, Parameters& parameters, const char* stack, const char* name, const Value& x, double eps) {
    const std::string gamma = sentence(stack, "_gamma");
    if (!parameters.has(gamma)) return x;
    const Array<double>&scale = parameters.take(gamma, 1), &shift = parameters.take(sentence(stack, "_beta"), 1);
    require(scale.size() == x.extent(1) && shift.size() == x.extent(1), kName, ": ", gamma, " and ", stack,
            "_beta must have ", x.extent(1), " entries, got ", scale.size(), " and ", shift.size());
    return norm_step(flow, name, x, scale, shift, eps);
}

/// The weights of one layer after those of the others.
void append(Array<double>& all, const Array<double>& weights) {
    ++all.shape[0];
    all.data.insert(all.data.end(), weights.data.begin(), weights.data.end());
    check_bytes(kName, all.shape, sizeof(double));
}

}  // namespace

EncoderDecoderResult encoder_decoder(const EncoderDecoderOptions& o) {
    check_shapes(o);
    const Side sides[] = {{"source", "S C", o.source_tokens, o.source}, {"target", "T C", o.target_tokens, o.target}};
    for (const Side& side : sides) {
        require(side.rows.has_value() == side.tokens.empty(), kName, ": needs either ", side.name, " or ", side.name,
                "_tokens");
        require(!side.rows || !side.rows->empty(), kName, ": ", side.name, " must not be empty");
    }
    require(o.placement == "pre" || o.placement == "post", kName, ": placement must be pre or post, got \"", o.placement,
            "\"");
    require(o.eps >= 0, kName, ": eps must be at least 0, got ", o.eps);
    Parameters parameters(kName, o.parameters);
    Flow flow(o.trace);
    // 1. The rows of both sides.
    const bool shared = parameters.has("embedding");
    const auto table = [&](const char* name) {
        Value value = flow.input({name, "E", "embedding entry", "input", "V C"},
                                 parameters.take(shared ? "embedding" : name, 2), kWeight);
        require(!value.array.empty(), kName, ": ", name, " must not be empty, got shape ", value.array.shape);
        return value;
    };
    std::optional<Value> tables[2], positions;
    if (shared) tables[0] = tables[1] = table("embedding");
    else {
        if (!o.source) tables[0] = table("source_embedding");
        if (!o.target) tables[1] = table("target_embedding");
    }
    if (parameters.has("positions")) {
        positions = flow.input({"positions", "P", "entry of the position's row", "position", "N C"},
                               parameters.take("positions", 2), kWeight);
    }
    const Size C = o.source ? o.source->width() : tables[0]->extent(1);
    require((o.target ? o.target->width() : tables[1]->extent(1)) == C, kName,
            ": source and target must be equally wide, got ", C, " and ",
            o.target ? o.target->width() : tables[1]->extent(1));
    require(!positions || positions->extent(1) == C, kName, ": positions must be ", C, " wide, got shape ",
            positions ? positions->array.shape : Shape{});
    Value stream[2];
    for (Size i = 0; i < 2; ++i) {
        stream[i] =
            start(flow, sides[i], tables[i] ? &*tables[i] : nullptr, positions ? &*positions : nullptr, o.embedding_scale);
    }
    require(o.heads >= 1 && C % static_cast<Size>(o.heads) == 0, kName, ": heads must divide the model width, got ", o.heads,
            " heads and width ", C);
    const Size S = stream[0].extent(0), T = stream[1].extent(0), H = static_cast<Size>(o.heads);
    EncoderDecoderResult r;
    r.encoder_weights.shape = {0, H, S, S};
    r.self_weights.shape = {0, H, T, T};
    r.cross_weights.shape = {0, H, T, S};
    // 2. The encoder reads the source.
    for (Size n = 0; parameters.has(sentence("encoder.", n, ".in_weight")); ++n) {
        EncoderBlockOptions block = encoder_layer(o, parameters, sentence("encoder.", n, "."));
        block.x = stream[0].array;
        check_encoder_block(kName, block);
        EncoderValues values = encoder_block(flow, sentence("encoder", n, "."), stream[0], block);
        append(r.encoder_weights, values.weights.array);
        stream[0] = std::move(values.y);
    }
    flow.set_prefix("");
    const Value memory = final_norm(flow, parameters, "encoder", "memory", stream[0], o.eps);
    // 3. The decoder writes the target, looking at what the encoder made of the source.
    for (Size n = 0; parameters.has(sentence("decoder.", n, ".self_in_weight")); ++n) {
        DecoderBlockOptions block = decoder_layer(o, parameters, sentence("decoder.", n, "."));
        block.x = stream[1].array;
        block.memory = memory.array;
        check_decoder_block(kName, block);
        DecoderValues values = decoder_block(flow, sentence("decoder", n, "."), stream[1], memory, block);
        append(r.self_weights, values.self_weights.array);
        append(r.cross_weights, values.cross_weights.array);
        stream[1] = std::move(values.y);
    }
    flow.set_prefix("");
    const Value output = final_norm(flow, parameters, "decoder", "output", stream[1], o.eps);
    // 4. The head.
    std::optional<Value> head = o.target_tokens.empty() ? std::nullopt : tables[1];
    if (parameters.has("head")) {
        head = flow.input({"head", "W_H", "head weight", "input", "V C"}, parameters.take("head", 2), kWeight);
    }
    parameters.check_all_taken();
    if (head) {
        require(head->extent(1) == C, kName, ": head must be ", C, " wide, got shape ", head->array.shape);
        check_bytes(kName, {T, head->extent(0)}, sizeof(double));
        r.logits = flow.linear({"logits", "Z", "logit", "scores", "T V"}, output, *head).array;
    }
    r.memory = memory.array;
    r.output = output.array;
    r.trace = flow.take();
    return r;
}

}  // namespace clearformer
