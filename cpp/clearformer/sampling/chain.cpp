#include "clearformer/sampling/chain.hpp"

#include <cmath>

#include "clearformer/random.hpp"
#include "clearformer/recipe.hpp"
#include "clearformer/sampling/rules.hpp"

namespace clearformer {
namespace {

void check_chain(const char* function, const std::vector<SamplerStage>& chain, const std::vector<int>& tokens,
                 Size vocabulary, Library library) {
    require(chain.size() <= 256, function, ": a chain has at most 256 stages, got ", chain.size());
    for (int token : tokens) {
        require(token >= 0 && static_cast<Size>(token) < vocabulary, function,
                ": tokens must lie below the vocabulary size ", vocabulary, ", got ", token);
    }
    for (const SamplerStage& stage : chain) check_stage(stage, vocabulary, {function, library, tokens, 0});
}

/// The draw of one stage: each has a stream of its own.
double chance(std::uint32_t seed, Size stage) { return Random(seed, stage).uniform(); }

std::vector<int> with_probability(const std::vector<double>& probabilities) {
    std::vector<int> kept;
    for (Size id = 0; id < probabilities.size(); ++id) {
        if (probabilities[id] > 0) kept.push_back(static_cast<int>(id));
    }
    return kept;
}

SamplerStageResult outcome(const std::string& type, const Candidates& c) {
    SamplerStageResult r;
    r.type = type;
    r.logits = Array<double>({c.logits.size()}, c.logits);
    r.probabilities = Array<double>({c.logits.size()}, spread_probabilities(c));
    r.kept = with_probability(r.probabilities.data);
    return r;
}

/// Whether llama.cpp sorts its candidates in this stage.
bool sorts(const SamplerStage& s) {
    if (s.type == "top_p" || s.type == "typical") return s.p.value_or(0.95) < 1;
    if (s.type == "top_k") return s.k.value_or(1) > 0;
    return s.type == "xtc" || (s.type == "dynamic_temperature" && s.range.value_or(0) > 0);
}

/// The order of the candidates after a stage, from the one before it.
void reorder(std::vector<int>& order, const SamplerStage& stage, const Candidates& before, const Candidates& after) {
    const auto logit = [](const Candidates& c, int id) { return c.logits[static_cast<Size>(id)]; };
    if (sorts(stage))
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return logit(before, a) > logit(before, b); });
    // These leave what they rule out among the candidates, with a logit of minus infinity.
    if (stage.type == "top_n_sigma" || stage.type == "temperature" || stage.type == "dynamic_temperature") return;
    const auto dropped = [&](int id) { return logit(before, id) > -kInfinity && logit(after, id) == -kInfinity; };
    order.erase(std::remove_if(order.begin(), order.end(), dropped), order.end());
}

constexpr const char* kStageNames[] = {"stage1",  "stage2",  "stage3",  "stage4",  "stage5",  "stage6",
                                       "stage7",  "stage8",  "stage9",  "stage10", "stage11", "stage12",
                                       "stage13", "stage14", "stage15", "stage16"};
constexpr Size kMostTraced = 16, kWidestTraced = 4096;

template <class Options>
void check_traced(const char* function, const Options& o, Size V) {
    require(!o.trace || (o.chain.size() <= kMostTraced && V <= kWidestTraced), function, ": a trace takes at most ",
            kMostTraced, " stages and ", kWidestTraced, " tokens, got ", o.chain.size(), " and ", V);
}

/// What each stage makes of the tensor `logits`, and the softmax of the last, `probabilities`. Returns the name of the last.
template <class Options>
const char* add_chain(Trace& trace, const Options& o, Library library, const char* probabilities) {
    const char* name = "logits";
    const Array<double> logits = trace.tensor(name);
    Candidates c = candidates_of(logits.data);
    for (Size i = 0; i < o.chain.size(); ++i) {
        const StageContext context{Options::kFunction, library, o.tokens, chance(o.seed, i)};
        const Candidates before = c;
        apply_stage(c, o.chain[i], context);
        Rule rule = stage_rule(name, o.chain[i], context, before, c);
        name = kStageNames[i];
        trace.add({{name, "z", "logit after the stage", "scores", "V"}, logits.shape, std::move(rule), c.logits});
    }
    add_softmax(trace, name, {"maximum", "exponentials", "sum", probabilities});
    return name;
}

Trace trace_of(const SamplerChainOptions& o, Library library) {
    Trace trace;
    trace.add({{"logits", "z", "logit", "input", "V"},
               o.logits.shape,
               given_rule("A logit of the model, as given."),
               o.logits.data});
    add_chain(trace, o, library, "probabilities");
    return trace;
}

/// given, logits, stage1 .., maximum, exponentials, sum, shares, ids, probabilities
Trace trace_of(const FilterProbabilitiesOptions& o, Library library, const FilterProbabilitiesResult& r) {
    Trace trace;
    trace.add({{"given", "p", "probability before the chain", "input", "V"},
               o.probabilities.shape,
               given_rule("A probability, as given."),
               o.probabilities.data});
    trace.derive(
        {"logits", "z", "logit", "scores", "V"}, o.probabilities.shape,
        recipe_rule({"The logarithm of the probability.", "\\ln p", {{"p", "given"}}, {}, {{"z", "logit", "log(p)"}}}));
    const bool shares = o.renormalise;
    const char* from = add_chain(trace, o, library, "shares");
    if (shares) from = "shares";
    const Array<double> ids = as_tensor(r.ids);
    trace.add({{"ids", "v", "number of the token", "scores", "N"},
               ids.shape,
               told_rule({"The tokens in the order asked for.", "v_i", {}, {{"i", "its place", 0, 0}}, {}}, "v",
                         "number of the token", ids),
               ids.data});
    trace.add({{"probabilities", "p'", "probability after the chain", "weights", "N"},
               r.probabilities.shape,
               [=, ids = r.ids](const Index& at, Pen& pen) {
                   pen.rule(shares ? "The token's share of what is left." : "The exponential of the token's logit.",
                            shares ? "p_v" : "e^{z_v}");
                   pen.scalar("x", from, {static_cast<Size>(ids[at[0]])});
                   pen.step("p", "probability", shares ? "x" : "exp(x)");
               },
               r.probabilities.data});
    return trace;
}

}  // namespace

SamplerChainResult sampler_chain(const SamplerChainOptions& o) {
    const Size V = check_shapes(o)["V"];
    const Library library = library_named("sampler_chain", o.semantics);
    check_chain("sampler_chain", o.chain, o.tokens, V, library);
    check_logits("sampler_chain", o.logits.data);
    require(!o.stages || static_cast<double>(V) * static_cast<double>(o.chain.size()) * 24 <= kMostBytes,
            "sampler_chain: the outcomes of ", o.chain.size(), " stages over ", V, " tokens would need more than ",
            kMostBytes, " bytes; set stages to false");
    check_traced("sampler_chain", o, V);
    Candidates c = candidates_of(o.logits.data);
    SamplerChainResult r;
    for (Size i = 0; i < o.chain.size(); ++i) {
        apply_stage(c, o.chain[i], {"sampler_chain", library, o.tokens, chance(o.seed, i)});
        if (o.stages) r.stages.push_back(outcome(o.chain[i].type, c));
    }
    r.probabilities = Array<double>({V}, spread_probabilities(c));
    r.kept = with_probability(r.probabilities.data);
    r.logits_out = Array<double>({V}, std::move(c.logits));
    if (o.trace) r.trace = trace_of(o, library);
    return r;
}

FilterProbabilitiesResult filter_probabilities(const FilterProbabilitiesOptions& o) {
    const Size V = check_shapes(o)["V"];
    const Library library = library_named("filter_probabilities", o.semantics);
    check_chain("filter_probabilities", o.chain, o.tokens, V, library);
    check_traced("filter_probabilities", o, V);
    require(o.order == "token" || o.order == "candidates", "filter_probabilities: order must be token or candidates, got \"",
            o.order, "\"");
    // 1. Logits whose softmax the probabilities are.
    std::vector<double> logits(V);
    std::vector<int> order(V);
    for (Size id = 0; id < V; ++id) {
        const double p = o.probabilities.data[id];
        require(p >= 0, "filter_probabilities: probabilities must be at least 0, got ", p);
        logits[id] = std::log(p);
        order[id] = static_cast<int>(id);
    }
    // 2. The chain, keeping account of the order.
    Candidates c = candidates_of(logits);
    for (Size i = 0; i < o.chain.size(); ++i) {
        const Candidates before = c;
        apply_stage(c, o.chain[i], {"filter_probabilities", library, o.tokens, chance(o.seed, i)});
        if (o.order == "candidates") reorder(order, o.chain[i], before, c);
    }
    // 3. Back to probabilities.
    const std::vector<double> shares = spread_probabilities(c);
    FilterProbabilitiesResult r;
    r.probabilities = Array<double>({order.size()});
    for (Size i = 0; i < order.size(); ++i) {
        const Size id = static_cast<Size>(order[i]);
        const double p = o.renormalise ? shares[id] : std::exp(c.logits[id]);
        require(p < kInfinity, "filter_probabilities: a stage made a logit so large that its exponential is infinite, got ",
                c.logits[id]);
        r.probabilities.data[i] = p;
    }
    r.ids = std::move(order);
    if (o.trace) r.trace = trace_of(o, library, r);
    return r;
}

}  // namespace clearformer
