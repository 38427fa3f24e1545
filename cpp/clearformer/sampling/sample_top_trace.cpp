#include "clearformer/sampling/sample_top_trace.hpp"

#include "clearformer/recipe.hpp"

namespace clearformer {

Trace trace_of(const SampleTopOptions<double>& o) {
    SampleTopOptions<double> plain = o;
    plain.trace = false;
    const SampleTopResult<double> r = sample_top(plain);
    const Size K = r.ids.size();
    Trace trace;
    add_given(trace, {"logits", "z", "logit", "scores", "V"}, o.logits);
    const Array<double> ids = as_tensor(r.ids);
    add_made(trace, {"ids", "v", "number of a token that is kept", "scores", "K"}, ids,
             told_rule({"The tokens with the largest logits, largest first: the top_k, and of them the fewest whose "
                        "probabilities reach top_p.",
                        "\\operatorname{top}\\, z",
                        {},
                        {{"i", "its place", 0, 0}, {"p", "top_p", o.top_p}},
                        {}},
                       "v", "number of the token", ids));
    trace.derive({"kept", "z", "logit of the token", "scores", "K"}, {K}, [ids = r.ids](const Index& at, Pen& pen) {
        pen.rule("The token's logit, as it stands.", "z_v");
        pen.scalar("z", "logits", {static_cast<Size>(ids[at[0]])});
        pen.step("y", "looked up", "z");
    });
    trace.derive({"powers", "e", "exponential", "scores", "K"}, {K},
                 recipe_rule({"e to the power of the logit's distance from the largest, over the temperature.",
                              "e^{(z_v - z_1) / \\tau}",
                              {{"z", "kept"}, {"m", "kept", "z"}},
                              {{"t", "temperature", o.temperature}},
                              {{"e", "exponential", "exp((z - m) / t)"}}}));
    trace.derive({"sum", "Z", "sum of exponentials", "scores", ""}, {},
                 sum_rule("The exponentials of the kept, summed.", "powers", "*"));
    add_made(trace, {"probabilities", "p", "probability of the token", "weights", "K"}, r.probabilities,
             recipe_rule({"The exponential as a share of the sum.",
                          "e / Z",
                          {{"e", "powers"}, {"Z", "sum", ""}},
                          {},
                          {{"p", "share", "e / Z"}}}));
    return trace;
}

}  // namespace clearformer
