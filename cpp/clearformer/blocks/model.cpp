#include "clearformer/blocks/model.hpp"

#include "clearformer/ops/rules.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = DecoderModelOptions::kFunction;

LlamaBlockOptions layer(const DecoderModelOptions& o, Parameters& parameters, const std::string& number,
                        const Array<double>& x) {
    LlamaBlockOptions block;
    block.x = x;
    block.attention_gamma = parameters.take(number + ".attention_gamma", 1);
    block.wq = parameters.take(number + ".wq", 2);
    block.wk = parameters.take(number + ".wk", 2);
    block.wv = parameters.take(number + ".wv", 2);
    block.wo = parameters.take(number + ".wo", 2);
    block.ffn_gamma = parameters.take(number + ".ffn_gamma", 1);
    block.gate = parameters.take(number + ".gate", 2);
    block.up = parameters.take(number + ".up", 2);
    block.down = parameters.take(number + ".down", 2);
    block.heads = o.heads;
    block.kv_heads = o.kv_heads;
    block.theta = o.theta;
    block.pairing = o.pairing;
    block.eps = o.eps;
    block.mask = o.window ? "sliding_causal" : "causal";
    block.window = o.window;
    return block;
}

}  // namespace

DecoderModelResult decoder_model(const DecoderModelOptions& o) {
    require(!o.tokens.empty(), kName, ": needs at least one token");
    Parameters parameters(kName, o.parameters);
    const Array<double>& table = parameters.take("embedding", 2);
    const Size T = o.tokens.size(), V = table.shape[0], C = table.shape[1];
    require(V > 0 && C > 0, kName, ": the embedding must not be empty, got shape ", table.shape);
    for (int token : o.tokens) {
        require(token >= 0 && static_cast<Size>(token) < V, kName, ": tokens must be at least 0 and below ", V, ", got ",
                token);
    }
    check_bytes(kName, {T, V}, sizeof(double));
    // 1. Rows of the table.
    Flow flow(o.trace);
    const char* weight = "Given: a weight.";
    const Value embedding = flow.input({"embedding", "E", "embedding entry", "input", "V C"}, table, weight);
    Array<double> looked_up({T, C});
    for (Size t = 0; t < T; ++t) std::copy_n(table.row(static_cast<Size>(o.tokens[t])), C, looked_up.row(t));
    Value x = flow.record({"x", "X", "residual stream entry", "residual", "T C"}, std::move(looked_up),
                          embedding_rule(embedding.name, nullptr, o.tokens));
    // 2. Block after block.
    std::vector<Value> stream{x};
    for (Size n = 0; parameters.has(sentence(n, ".attention_gamma")); ++n) {
        const std::string number = sentence(n);
        const LlamaBlockOptions block = layer(o, parameters, number, x.array);
        check_llama_block(kName, block);
        flow.set_prefix("layer" + number + ".");
        x = llama_block(flow, x, block).y;
        stream.push_back(x);
        check_bytes(kName, {stream.size(), T, std::max(V, C)}, sizeof(double));
    }
    flow.set_prefix("");
    // 3. Final norm and head.
    const Array<double>& gamma = parameters.take("final_gamma", 1);
    const Array<double>& head = parameters.has("head") ? parameters.take("head", 2) : table;
    require(gamma.size() == C, kName, ": final_gamma must have ", C, " entries, got ", gamma.size());
    require(head.shape == table.shape, kName, ": head must have the shape of the embedding ", table.shape, ", got ",
            head.shape);
    parameters.check_all_taken();
    require(o.eps >= 0, kName, ": eps must be at least 0, got ", o.eps);
    const Value final_gamma = flow.input({"finalGamma", "γ", "scale of the final norm", "residual", "C"}, gamma, weight);
    const Value normed = flow.rms_norm({"finalNorm", "N", "normalised entry", "residual", "T C"}, x, &final_gamma, o.eps);
    const Value out = &head == &table ? embedding : flow.input({"head", "W_H", "head weight", "input", "V C"}, head, weight);
    const Value logits = flow.linear({"logits", "Z", "logit", "scores", "T V"}, normed, out);

    DecoderModelResult r;
    r.logits = logits.array;
    const Size N = stream.size();
    r.residual = Array<double>({N, T, C});
    for (Size n = 0; n < N; ++n) std::copy(stream[n].array.data.begin(), stream[n].array.data.end(), r.residual.row(n * T));
    if (o.logit_lens) {
        r.lens = Array<double>({N, T, V});
        for (Size n = 0; n < N; ++n) {
            flow.set_prefix(sentence("lens", n, "."));
            const Value rows =
                flow.rms_norm({"norm", "N", "normalised entry", "residual", "T C"}, stream[n], &final_gamma, o.eps);
            const Value read = flow.linear({"logits", "Z", "logit of the lens", "scores", "T V"}, rows, out);
            std::copy(read.array.data.begin(), read.array.data.end(), r.lens->row(n * T));
        }
    }
    r.trace = flow.take();
    return r;
}

}  // namespace clearformer
