#include "clearformer/estimate/compute.hpp"

#include "clearformer/estimate/inputs.hpp"
#include "clearformer/estimate/visible.hpp"

namespace clearformer::estimate {
namespace {

/// Of tokens, sequences and images: products of two of them fit 64 bits.
constexpr Size kMost = Size{1} << 31;
constexpr const char* kRouting = "expected number for uniform, independent routing (assumed)";

/// Counts one pass.
class Counter {
public:
    Counter(Model& model, const Workload& workload, Phase phase, const ElementBytes& bytes);
    Work run();

private:
    bool decoding() const { return phase_.pass == Pass::kDecode; }
    bool cached() const { return phase_.pass != Pass::kForward && architecture_.generates; }
    Quantity sequences(Stream stream) const;
    Quantity rows_of_one(Stream stream) const;
    Quantity rows(Stream stream, Quantity own) const;
    Quantity context(const Sight& sight) const;
    Quantity touched(const Product& product, Quantity routed);
    const Attention* expanded_by(const Product& product) const;
    bool absorbs(const Attention& attention) const { return attention.latent && decoding() && workload_.absorbed; }

    Operation& begin(const char* name, const char* title, OperationKind type, Class kind, Stream stream);
    Quantity name(const char* what, const char* title, const char* unit, const Operation& of, Quantity value,
                  const char* source = "", bool approximate = false);
    void compute(Operation& operation, Quantity flops);
    void product(const Product& product);
    void attention(const Attention& attention);
    void look_ups();
    void norms();
    void scales();
    Quantity total(const char* what, const char* title, const char* unit, Quantity Operation::*member,
                   bool attention_only = false);

    Ledger& ledger_;
    const Architecture& architecture_;
    const Workload& workload_;
    const Phase phase_;
    const ElementBytes& bytes_;
    const Quantity one_, two_;
    Quantity batch_, images_, tokens_, before_, source_, prompt_, generated_, context_;
    Quantity expert_share_;  // read of all experts
    bool has_tokens_ = false;
    Work work_;
};

Counter::Counter(Model& model, const Workload& workload, Phase phase, const ElementBytes& bytes)
    : ledger_(model.ledger),
      architecture_(model.architecture),
      workload_(workload),
      phase_(phase),
      bytes_(bytes),
      one_(model.architecture.one()),
      two_(model.ledger.constant(2.0)) {
    const auto whole = [&](const char* title, Size value) {
        require(value >= 1 && value <= kMost, "plan: ", name_in(title), " must be from 1 to 2^31, got ", value);
        return input(ledger_, title, static_cast<std::int64_t>(value));
    };
    const bool image_model = architecture_.image_rows && !architecture_.generates;
    batch_ = whole("batch|Sequences at once", workload.batch);
    prompt_ = tokens_ = whole("prompt|Tokens of the prompt|tokens", workload.prompt);
    if (architecture_.image_rows && (image_model || workload.images > 0)) {
        images_ = whole(image_model ? "images|Images at once" : "images|Images before each prompt", workload.images);
    }
    for (const Attention& one : architecture_.attentions) {
        has_tokens_ = has_tokens_ || one.stream == Stream::kTokens;
        if (one.stream == Stream::kEncoder && !source_)
            source_ = whole("source|Tokens of the encoder's input|tokens", workload.source);
    }
    if (workload.image_size && architecture_.image_rows) {
        require(
            architecture_.image_size && architecture_.image_size.count() == static_cast<std::int64_t>(*workload.image_size),
            "plan: image_size ", *workload.image_size, " must be given when the configuration is read");
    }
    require(!decoding() || architecture_.generates, "plan: ", architecture_.layout, " does not generate");
    if (phase.pass == Pass::kPrefill && workload.prefix_cached > 0 && architecture_.generates) {
        require(workload.prefix_cached < workload.prompt, "plan: prefix_cached must be below prompt ", workload.prompt,
                ", got ", workload.prefix_cached);
        before_ = whole("prefix_cached|Tokens of the prompt that are cached|tokens", workload.prefix_cached);
        tokens_ = prompt_ - before_;
    }
    if (decoding()) {
        tokens_ = one_;
        if (phase.context) {
            require(*phase.context >= 1, "plan: context must be at least 1, got ", *phase.context);
            context_ = whole("context|Tokens of a sequence, the new one included|tokens", *phase.context);
        } else {
            generated_ = workload.generated == 0 ? one_ : whole("generated|Tokens to generate|tokens", workload.generated);
        }
    }
    switch (phase.pass) {
        case Pass::kPrefill: work_.phase = architecture_.generates ? "prefill" : "forward"; break;
        case Pass::kDecode: work_.phase = phase.context ? ledger_.text({"decode_at_", *phase.context}) : "decode"; break;
        case Pass::kForward: work_.phase = "training"; break;
    }
}

/// How many sequences or images there are; none: not in this pass.
Quantity Counter::sequences(Stream stream) const {
    if (decoding()) return stream == Stream::kTokens ? batch_ : Quantity();
    if (stream == Stream::kImage) return !images_ ? Quantity() : architecture_.generates ? batch_ * images_ : images_;
    if (stream == Stream::kOnce) return images_ && !architecture_.generates ? images_ : batch_;
    return batch_;
}

Quantity Counter::rows_of_one(Stream stream) const {
    switch (stream) {
        case Stream::kTokens: return tokens_;
        case Stream::kEncoder: return source_;
        case Stream::kImage: return architecture_.image_rows;
        case Stream::kOnce: return one_;
        case Stream::kText: break;
    }
    return prompt_;
}

Quantity Counter::rows(Stream stream, Quantity own) const {
    const Quantity many = sequences(stream), each = own ? own : rows_of_one(stream);
    return many && each ? many * each : Quantity();
}

/// Keys that one query of a decoding step sees.
Quantity Counter::context(const Sight& sight) const {
    return context_ ? visible_keys(context_, sight) : mean_visible_keys(prompt_, generated_, sight);
}

/// How many experts of a layer are chosen by any row.
Quantity Counter::touched(const Product& p, Quantity routed) {
    if (!p.experts) return one_;
    const char* const name = ledger_.text({"experts_touched ", work_.phase});
    const Quantity known = ledger_.find(name);
    if (known && expert_share_) return known;
    const Quantity missed = power(1 - p.chosen / p.experts, routed);
    const Quantity all =
        ledger_.named(p.experts * (1 - missed), {"~", name, "|Experts that are read in a layer||", kRouting});
    expert_share_ = all / p.experts;
    return all;
}

/// The latent attention whose keys and values a product makes: the one product that reads the latent.
const Attention* Counter::expanded_by(const Product& p) const {
    for (const Attention& one : architecture_.attentions) {
        if (one.latent && one.latent.is(p.in) && one.stream == p.stream) return &one;
    }
    return nullptr;
}

Operation& Counter::begin(const char* name, const char* title, OperationKind type, Class kind, Stream stream) {
    Operation operation;
    operation.name = name;
    operation.title = title;
    operation.type = type;
    operation.kind = kind;
    operation.stream = stream;
    operation.phase = work_.phase;
    work_.operations.push_back(operation);
    return work_.operations.back();
}

Quantity Counter::name(const char* what, const char* title, const char* unit, const Operation& of, Quantity value,
                       const char* source, bool approximate) {
    return ledger_.named(
        value, {approximate ? "~" : "", what, " ", of.phase, " ", of.name, "|", title, of.title, "|", unit, "|", source});
}

void Counter::compute(Operation& operation, Quantity flops) {
    operation.flops = name("flops", "FLOPs of ", "FLOP", operation, flops);
    if (!architecture_.generates)
        operation.macs = name("macs", "Multiply-accumulates of ", "MAC", operation, operation.flops / 2);
}

void Counter::product(const Product& p) {
    Quantity many = rows(p.stream, p.rows);
    if (!many) return;
    if (p.last_only && phase_.pass == Pass::kPrefill && workload_.head_on_last) many = batch_;
    const Attention* expanded = expanded_by(p);
    const bool absorbed = expanded && absorbs(*expanded);
    Quantity earlier;  // cached latents that are expanded again
    if (expanded && !absorbed) {
        if (decoding()) {
            earlier = batch_ * context({});
            many = earlier;
        } else if (before_) {
            earlier = batch_ * before_;
            many = batch_ * (before_ + tokens_);
        }
    }
    Operation& operation =
        begin(p.name, absorbed ? ledger_.text({p.title, ", absorbed"}) : p.title, OperationKind::kProduct, p.kind, p.stream);
    operation.experts = p.experts;
    operation.chosen = p.chosen;
    const Quantity used = p.experts ? p.repeat * p.chosen : p.repeat;
    compute(operation, two_ * many * p.in * p.out * used);
    const bool of_table = p.kind == Class::kHead && p.last_only && architecture_.tied;
    const Quantity element = bytes_.of(of_table ? Class::kEmbedding : p.kind);
    operation.weight_bytes =
        name("weight_bytes", "Weights read: ", "B", operation, element * p.repeat * touched(p, many) * p.in * p.out,
             p.experts ? kRouting : "", static_cast<bool>(p.experts));
    const Quantity width =
        absorbed ? expanded->heads * (expanded->width - expanded->rotary + 2 * expanded->latent + expanded->v_width)
                 : p.in + p.out;
    operation.activation_bytes =
        name("activation_bytes", "Read and written: ", "B", operation, bytes_.activations * many * width * used);
    if (earlier && cached()) {
        operation.cache_shards = one_;
        operation.cache_bytes = name("cache_bytes", "Cache read: ", "B", operation,
                                     bytes_.cache * earlier * expanded->cached * expanded->repeat);
    }
}

void Counter::attention(const Attention& a) {
    const Quantity many = sequences(a.stream), queries = a.rows ? a.rows : rows_of_one(a.stream);
    if (!many || !queries) return;
    const bool self = a.keys == a.stream, absorbed = absorbs(a), naive = a.latent && !absorbed;
    const Sight sight{a.window, a.chunked};
    Quantity earlier;  // cached keys that are seen, of one sequence
    Quantity fresh;    // keys and values that come from activations
    Quantity pairs;
    if (decoding()) {
        earlier = self ? context(sight) : source_;
        if (naive) fresh = earlier;
        pairs = earlier;
    } else {
        const Quantity keys = a.key_rows ? a.key_rows : self ? queries : rows_of_one(a.keys);
        const bool continues = before_ && self && a.stream == Stream::kTokens;
        if (continues) earlier = kept_keys(before_, sight);
        fresh = naive && earlier ? earlier + keys : keys;
        if (a.causal && workload_.skip_masked) pairs = visible_pairs(queries, continues ? before_ : Quantity(), sight);
        else pairs = queries * (earlier ? earlier + keys : keys);
    }
    Operation& operation = begin(a.name, absorbed ? ledger_.text({a.title, ", absorbed"}) : a.title,
                                 OperationKind::kAttention, Class::kAttention, a.stream);
    pairs = ledger_.named(pairs, {"pairs ", work_.phase, " ", a.name, "|Pairs of query and key: ", operation.title});
    const Quantity widths = absorbed ? 2 * a.latent + a.rotary : a.width + a.v_width;
    compute(operation, two_ * a.heads * many * pairs * widths * a.repeat);
    // Queries in and sums out; keys and values where they are no cache's; scores and weights, each written and read.
    const Quantity own = absorbed ? 2 * a.latent + a.rotary : a.width + a.v_width;
    Quantity moved = queries * a.heads * own;
    // The windows of an image hold every row once.
    if (fresh) moved += (a.rows && a.key_rows ? a.rows : fresh) * a.kv_heads * (a.width + a.v_width);
    if (!workload_.tiled) moved += 4 * a.heads * pairs;
    operation.activation_bytes =
        name("activation_bytes", "Read and written: ", "B", operation, bytes_.activations * many * moved * a.repeat);
    if (!a.cached || !cached()) return;
    Quantity kept = self ? tokens_ : decoding() ? Quantity() : source_;  // written
    if (!naive) kept += earlier;                                         // read; a naive product has read its latents
    operation.cache_shards = a.latent ? one_ : a.kv_heads;
    operation.cache_bytes =
        name("cache_bytes", "Cache read and written: ", "B", operation, bytes_.cache * many * kept * a.cached * a.repeat);
}

/// Rows of tables. Tables of positions for whole images are added row by row, too.
void Counter::look_ups() {
    Quantity read, written;
    for (const WeightTensor& tensor : architecture_.tensors) {
        if (!tensor.looked_up) continue;
        Stream stream = tensor.kind == Class::kOther ? Stream::kOnce : tensor.stream;
        if (stream == Stream::kTokens && !has_tokens_) stream = Stream::kText;
        const Quantity many = stream == Stream::kText ? batch_ * architecture_.trained_context : rows(stream, {});
        if (!many) continue;
        read += bytes_.of(tensor.kind) * many * tensor.shape[1];
        written += bytes_.activations * many * tensor.shape[1];
    }
    if (!read) return;
    Operation& operation = begin("look-ups", "tables", OperationKind::kLookUp, Class::kEmbedding, Stream::kTokens);
    operation.weight_bytes = name("weight_bytes", "Rows read: ", "B", operation, read);
    operation.activation_bytes = name("activation_bytes", "Written: ", "B", operation, written);
}

void Counter::norms() {
    Quantity moved;
    for (const Norm& norm : architecture_.norms) {
        const Quantity many = rows(norm.stream, norm.rows);
        if (many) moved += 2 * many * norm.repeat * (norm.groups ? norm.groups * norm.width : norm.width);
    }
    if (!moved) return;
    Operation& operation = begin("norms", "norms", OperationKind::kRest, Class::kNorm, Stream::kTokens);
    operation.activation_bytes =
        name("activation_bytes", "Read and written: ", "B", operation, bytes_.activations * moved, "", true);
}

/// Scales, biases and all other tensors that are neither multiplied nor looked up.
void Counter::scales() {
    Quantity read;
    for (const WeightTensor& tensor : architecture_.tensors) {
        if (tensor.matrix || tensor.looked_up || !sequences(tensor.stream)) continue;
        const bool of_experts = !tensor.active.is(tensor.repeat) && expert_share_;
        const Quantity bytes = bytes_.of(tensor.kind) * tensor.params;
        read += of_experts ? bytes * expert_share_ : bytes;
    }
    if (!read) return;
    Operation& operation =
        begin("scales and biases", "scales and biases", OperationKind::kRest, Class::kOther, Stream::kTokens);
    operation.weight_bytes = name("weight_bytes", "Weights read: ", "B", operation, read);
}

Quantity Counter::total(const char* what, const char* title, const char* unit, Quantity Operation::*member,
                        bool attention_only) {
    Quantity sum;
    for (const Operation& one : work_.operations) {
        if (!attention_only || one.type == OperationKind::kAttention) sum += one.*member;
    }
    if (!sum) return {};
    return ledger_.named(sum, {work_.phase, what, "|", title, ": ", work_.phase, "|", unit});
}

Work Counter::run() {
    work_.operations.reserve(architecture_.products.size() + architecture_.attentions.size() + 3);
    look_ups();
    for (const Product& one : architecture_.products) product(one);
    for (const Attention& one : architecture_.attentions) attention(one);
    norms();
    scales();
    work_.flops = total("_flops", "FLOPs", "FLOP", &Operation::flops);
    work_.macs = total("_macs", "Multiply-accumulates", "MAC", &Operation::macs);
    work_.attention_flops = total("_attention_flops", "FLOPs of attention", "FLOP", &Operation::flops, true);
    work_.weight_bytes = total("_weight_bytes", "Weights read", "B", &Operation::weight_bytes);
    work_.activation_bytes = total("_activation_bytes", "Activations read and written", "B", &Operation::activation_bytes);
    work_.cache_bytes = total("_cache_bytes", "Cache read and written", "B", &Operation::cache_bytes);
    work_.batch = batch_;
    work_.images = images_;
    work_.generated = generated_;
    work_.rows = has_tokens_ ? rows(Stream::kTokens, {}) : rows(Stream::kImage, {});
    if (work_.attention_flops) {
        work_.attention_share = ledger_.named(work_.attention_flops / work_.flops,
                                              {work_.phase, "_attention_share|Share of attention: ", work_.phase});
    }
    if (phase_.pass != Pass::kPrefill) {
        work_.flops_per_token = ledger_.named(work_.flops / work_.rows,
                                              {work_.phase, "_flops_per_token|FLOPs per token: ", work_.phase, "|FLOP"});
    }
    return std::move(work_);
}

}  // namespace

Work count_work(Model& model, const Workload& workload, Phase phase, const ElementBytes& bytes) {
    model.ledger.section("compute");
    return Counter(model, workload, phase, bytes).run();
}

std::vector<Operation> operations(Model& model, const Workload& workload, Phase phase) {
    return count_work(model, workload, phase, element_bytes(model, workload)).operations;
}

Compute count_compute(Model& model, const Workload& workload) {
    const ElementBytes bytes = element_bytes(model, workload);
    Compute compute;
    compute.prefill = count_work(model, workload, {Pass::kPrefill, {}}, bytes);
    if (model.architecture.generates) compute.decode = count_work(model, workload, {Pass::kDecode, {}}, bytes);
    return compute;
}

Workload forward_of(const Training& training) {
    Workload workload;
    workload.batch = training.micro_batch;
    workload.prompt = training.sequence;
    workload.weights = workload.activations = training.weights;
    workload.head_on_last = false;
    return workload;
}

}  // namespace clearformer::estimate
