#pragma once

// How the numbers of sampling come about, for the trace.

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/softmax_record.hpp"
#include "clearformer/sampling/stage.hpp"
#include "clearformer/trace.hpp"

namespace clearformer {

/// One logit after a stage, from the tensor of logits before it. `before` and `after` are all of them.
Rule stage_rule(const char* logits, const SamplerStage& stage, const StageContext& context, const Candidates& before,
                const Candidates& after);

/// The names of the four tensors of a softmax over the last axis.
struct SoftmaxNames {
    const char *maximum, *exponentials, *sum, *probabilities;
};

/// Adds maximum, exponentials, sum and probabilities of the logits [.., V].
void add_softmax(Trace& trace, const char* logits, const SoftmaxNames& names);

/// x[.., v] - maximum[..] - log sum[..]
Rule log_probability_rule(const char* logits, const SoftmaxNames& names);

/// - sum over v of p[.., v] log_p[.., v], of the tokens that are possible at all.
Rule token_entropy_rule(const char* p, const char* log_p, Size count);

/// sum over v of p[.., v] (log_p[.., v] + entropy[..])^2
Rule varentropy_rule(const char* p, const char* log_p, const char* entropy, Size count);

/// sum over v of p[v] (log_p[v] - log_q[v])
Rule divergence_rule(const char* p, const char* log_p, const char* log_q, Size count);

}  // namespace clearformer
