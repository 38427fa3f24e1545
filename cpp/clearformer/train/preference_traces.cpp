#include "clearformer/train/preference_traces.hpp"

#include "clearformer/ops/rules.hpp"
#include "clearformer/ops/traces.hpp"

namespace clearformer {
namespace {

void add_mean_loss(Trace& trace, double loss) {
    const Size count = entries(trace.node("losses").shape), rank = trace.node("losses").shape.size();
    if (count == 0) return;
    const Shape shape = trace.node("losses").shape;
    const Rule rule = [=](const Index&, Pen& pen) {
        pen.rule("The mean of the losses.", "\\frac{1}{N} \\sum_i \\ell_i");
        pen.vector("l", "losses", count, [&](Size i) {
            Index at = shape;
            for (Size axis = rank; axis-- > 0; i /= shape[axis]) at[axis] = i % shape[axis];
            return at;
        });
        pen.constant("N", "number of losses", static_cast<double>(count));
        pen.step("L", "mean", "sum(l) / N");
    };
    trace.add({{"loss", "L", "mean loss", "scores", ""}, {}, rule, {loss}});
}

}  // namespace

Trace trace_of(const DpoOptions& o, const DpoResult& r) {
    Trace trace;
    const char* role = "scores";
    add_given(trace, {"policyChosen", "log π(y⁺)", "log-probability of the chosen answer", role, "N"}, o.policy_chosen);
    add_given(trace, {"policyRejected", "log π(y⁻)", "log-probability of the rejected answer", role, "N"},
              o.policy_rejected);
    add_given(trace, {"referenceChosen", "log π₀(y⁺)", "the same under the reference", role, "N"}, o.reference_chosen);
    add_given(trace, {"referenceRejected", "log π₀(y⁻)", "the same under the reference", role, "N"}, o.reference_rejected);
    const auto reward = [&](const char* policy, const char* reference) {
        return entry_rule({"How much more probable training has made the answer, times beta.",
                           "\\beta\\, (\\log \\pi(y) - \\log \\pi_0(y))",
                           {{"p", policy}, {"r", reference}},
                           {{"b", "beta", o.beta}},
                           {{"y", "reward", "b * (p - r)"}}});
    };
    add_made(trace, {"chosenRewards", "r⁺", "reward of the chosen answer", role, "N"}, r.chosen_rewards,
             reward("policyChosen", "referenceChosen"));
    add_made(trace, {"rejectedRewards", "r⁻", "reward of the rejected answer", role, "N"}, r.rejected_rewards,
             reward("policyRejected", "referenceRejected"));
    add_made(trace, {"margin", "m", "margin", role, "N"}, r.margin,
             entry_rule({"By how much the chosen answer's reward is the larger.",
                         "r^+ - r^-",
                         {{"a", "chosenRewards"}, {"b", "rejectedRewards"}},
                         {},
                         {{"m", "margin", "a - b"}}}));
    add_made(trace, {"losses", "ℓ", "loss of the pair", role, "N"}, r.losses,
             entry_rule({"The surprise that the chosen answer is the better one, in nats.",
                         "-\\log \\sigma(m) = \\log(1 + e^{-m})",
                         {{"m", "margin"}},
                         {},
                         {{"l", "loss", "(abs(m) - m) / 2 + log(1 + exp(-abs(m)))"}}}));
    add_mean_loss(trace, r.loss);
    return trace;
}

Trace trace_of(const DpoBackwardOptions& o, const DpoBackwardResult& r, Trace trace) {
    add_given(trace, {"dy", "∂L/∂ℓ", "gradient of the loss", "scores", "N"}, o.dy);
    const auto gradient = [&](const char* expression) {
        return entry_rule({"Beta times how wrongly the pair is ranked: the probability given to the wrong order.",
                           "\\mp \\beta\\, \\sigma(-m)\\, \\partial \\ell",
                           {{"m", "margin"}, {"d", "dy"}},
                           {{"b", "beta", o.forward.beta}},
                           {{"s", "probability of the wrong order", "1 / (1 + exp(m))"}, {"g", "gradient", expression}}});
    };
    add_made(trace, {"dPolicyChosen", "∂L/∂p⁺", "gradient of the chosen log-probability", "scores", "N"}, r.d_policy_chosen,
             gradient("-b * s * d"));
    add_made(trace, {"dPolicyRejected", "∂L/∂p⁻", "gradient of the rejected log-probability", "scores", "N"},
             r.d_policy_rejected, gradient("b * s * d"));
    return trace;
}

Trace trace_of(const GrpoOptions& o, const GrpoResult& r) {
    const Size N = o.rewards.width();
    const bool none = o.deviation == "none", sample = o.deviation == "sample";
    const double eps = o.eps;
    Trace trace;
    add_given(trace, {"rewards", "r", "reward of the answer", "scores", ".. N"}, o.rewards);
    add_made(trace, {"mean", "μ", "mean reward", "scores", ".."}, r.mean, mean_rule("rewards", N));
    const Rule deviation = [=](const Index& at, Pen& pen) {
        if (none) {
            pen.rule("The advantages are not divided.", "1");
            pen.step("s", "divisor", "1");
            return;
        }
        pen.rule("The standard deviation of the rewards.", "\\sqrt{\\tfrac{1}{n} \\sum_i (r_i - \\mu)^2}");
        pen.vector("r", "rewards", N, [&](Size i) {
            Index index = at;
            index.push_back(i);
            return index;
        });
        pen.scalar("mu", "mean", at);
        pen.constant("n", "what the sum is divided by", static_cast<double>(std::max<Size>(sample ? N - 1 : N, 1)));
        pen.step("d", "distances", "r - mu");
        pen.step("s", "deviation", "sqrt(sum(d * d) / n)");
    };
    add_made(trace, {"deviation", "σ", "standard deviation of the rewards", "scores", ".."}, r.deviation, deviation);
    const Rule advantage = [=](const Index& at, Pen& pen) {
        const Index row(at.begin(), at.end() - 1);
        const bool flat = !none && pen.value("deviation", row) + eps == 0;
        pen.rule(flat   ? "All rewards are equal: no answer has an advantage."
                 : none ? "The reward less the mean of its group."
                        : "The reward less the mean of its group, in standard deviations.",
                 flat   ? "0"
                 : none ? "r_i - \\mu"
                        : "\\frac{r_i - \\mu}{\\sigma + \\varepsilon}");
        pen.scalar("r", "rewards", at);
        pen.scalar("mu", "mean", row);
        pen.scalar("s", "deviation", row);
        pen.constant("eps", "epsilon, against division by zero", eps);
        pen.step("A", "advantage", flat ? "0" : none ? "r - mu" : "(r - mu) / (s + eps)");
    };
    add_made(trace, {"advantages", "A", "advantage of the answer", "scores", ".. N"}, r.advantages, advantage);
    return trace;
}

Trace trace_of(const PpoOptions& o, const PpoResult& r) {
    const double clip = o.clip;
    Trace trace;
    add_given(trace, {"ratio", "ρ", "ratio of the probabilities", "scores", ".."}, o.ratio);
    add_given(trace, {"advantages", "A", "advantage of the action", "scores", ".."}, o.advantages);
    const auto write_terms = [clip](const Index& at, Pen& pen) {
        const double ratio = pen.value("ratio", at);
        pen.scalar("r", "ratio", at);
        pen.scalar("A", "advantages", at);
        pen.constant("c", "how far the ratio may go", clip);
        pen.step("h", "ratio, held back", ratio < 1 - clip ? "1 - c" : ratio > 1 + clip ? "1 + c" : "r");
        pen.step("f", "free term", "r * A");
        pen.step("k", "clipped term", "h * A");
    };
    add_made(trace, {"clipped", "c", "1 where clipped", "scores", ".."}, r.clipped, [=](const Index& at, Pen& pen) {
        const double ratio = pen.value("ratio", at), advantage = pen.value("advantages", at);
        const double held = std::min(std::max(ratio, 1 - clip), 1 + clip) * advantage;
        pen.rule("1 where the clipped term is the smaller one, so that no gradient flows.",
                 "[\\operatorname{clip}(\\rho) A < \\rho A]");
        write_terms(at, pen);
        pen.step("y", "clipped", held < ratio * advantage ? "1" : "0");
    });
    add_made(trace, {"objective", "J", "objective", "scores", ".."}, r.objective, [=](const Index& at, Pen& pen) {
        const bool clipped = pen.value("clipped", at) != 0;
        pen.rule("The smaller of the two terms: what is better than allowed counts no further.",
                 "\\min(\\rho A, \\operatorname{clip}(\\rho, 1 - c, 1 + c) A)");
        write_terms(at, pen);
        pen.step("y", "the smaller", clipped ? "k" : "f");
    });
    return trace;
}

Trace trace_of(const PpoBackwardOptions& o, const PpoBackwardResult& r, Trace trace) {
    add_given(trace, {"dy", "∂L/∂J", "gradient of the objective", "scores", ".."}, o.dy);
    add_made(trace, {"dRatio", "∂L/∂ρ", "gradient of the ratio", "scores", ".."}, r.d_ratio, [](const Index& at, Pen& pen) {
        const bool clipped = pen.value("clipped", at) != 0;
        pen.rule(clipped ? "The term is clipped: it does not change with the ratio."
                         : "The advantage times the gradient of the objective.",
                 clipped ? "0" : "A\\, \\partial J");
        pen.scalar("A", "advantages", at);
        pen.scalar("d", "dy", at);
        pen.step("g", "gradient", clipped ? "0" : "A * d");
    });
    return trace;
}

Trace trace_of(const DistillationOptions& o, const DistillationResult& r) {
    const Shape& shape = o.student.shape;
    const Size V = o.student.width(), axis = shape.size() - 1;
    const double temperature = o.temperature, rows = static_cast<double>(o.student.rows());
    Trace trace;
    add_given(trace, {"student", "z", "logit of the student", "scores", ".. V"}, o.student);
    add_given(trace, {"teacher", "z'", "logit of the teacher", "scores", ".. V"}, o.teacher);
    trace.derive({"studentSoftened", "z/τ", "student's logit over the temperature", "scores", ".. V"}, shape,
                 quotient_rule("student", temperature, "temperature"));
    trace.derive({"teacherSoftened", "z'/τ", "teacher's logit over the temperature", "scores", ".. V"}, shape,
                 quotient_rule("teacher", temperature, "temperature"));
    add_exponentials(trace, "studentSoftened", axis, {"studentMax", "studentExponentials", "studentSum"});
    add_exponentials(trace, "teacherSoftened", axis, {"teacherMax", "teacherExponentials", "teacherSum"});
    add_made(trace, {"studentProbabilities", "q", "probability of the student", "weights", ".. V"}, r.student_probabilities,
             normalise_rule("studentExponentials", "studentSum"));
    add_made(trace, {"teacherProbabilities", "p", "probability of the teacher", "weights", ".. V"}, r.teacher_probabilities,
             normalise_rule("teacherExponentials", "teacherSum"));
    trace.derive({"studentLog", "ln q", "log-probability of the student", "scores", ".. V"}, shape,
                 log_softmax_rule("studentSoftened", "studentMax", "studentSum"));
    trace.derive({"teacherLog", "ln p", "log-probability of the teacher", "scores", ".. V"}, shape,
                 log_softmax_rule("teacherSoftened", "teacherMax", "teacherSum"));
    add_made(trace, {"losses", "ℓ", "loss of the row", "scores", ".."}, r.losses, [=](const Index& at, Pen& pen) {
        const auto entry = [&at](Size v) {
            Index index = at;
            index.push_back(v);
            return index;
        };
        pen.rule("How far the student's probabilities are from the teacher's, times the square of the temperature.",
                 "\\tau^2 \\sum_v p_v (\\ln p_v - \\ln q_v)");
        pen.vector("p", "teacherProbabilities", V, entry);
        pen.vector("a", "teacherLog", V, entry);
        pen.vector("b", "studentLog", V, entry);
        pen.constant("t", "temperature", temperature);
        pen.step("d", "divergences", "p * (a - b)");
        pen.step("l", "loss", "t * t * sum(d)");
    });
    add_mean_loss(trace, r.loss);
    add_made(trace, {"dStudent", "∂L/∂z", "gradient of the student's logit", "scores", ".. V"}, r.d_student,
             entry_rule({"What the student gives the class too much, times the temperature, over the number of rows.",
                         "\\tau (q - p) / N",
                         {{"q", "studentProbabilities"}, {"p", "teacherProbabilities"}},
                         {{"t", "temperature", temperature}, {"N", "number of rows", rows}},
                         {{"g", "gradient", "t * (q - p) / N"}}}));
    return trace;
}

}  // namespace clearformer
