#include "clearformer/sampling/search.hpp"

#include <cmath>
#include <numeric>

#include "clearformer/ops/norm.hpp"
#include "clearformer/sampling/search_trace.hpp"

namespace clearformer {
namespace {

constexpr int kLongest = 256, kMostBeams = 1024, kMostBest = 1000;
constexpr double kMostContinuations = 1e8, kMostTokens = 1e7;
constexpr Size kMostNodes = 2000000;

/// The transition table of one call, checked.
class Table {
public:
    Table(const char* function, const Array<double>& transition, int bos, std::optional<int> eos, int max_len)
        : function_(function), p_(transition), V_(transition.width()) {
        require(V_ > 0 && V_ <= 2147483647, function, ": transition must have at least one column, got shape ", p_.shape);
        require(max_len >= 0 && max_len <= kLongest, function, ": max_len must be from 0 to ", kLongest, ", got ", max_len);
        const int end = eos.value_or(static_cast<int>(V_) - 1);
        for (int token : {bos, end}) {
            require(token >= 0 && static_cast<Size>(token) < V_, function,
                    ": bos and eos must lie below the vocabulary size ", V_, ", got ", token);
        }
        end_ = end;
        for (double p : p_.data) require(p >= 0, function, ": transition must hold probabilities of at least 0, got ", p);
    }
    Size width() const { return V_; }
    int end() const { return end_; }
    const double* after(int token) const {
        require(static_cast<Size>(token) < p_.shape[0], function_, ": token ", token,
                " has to be followed, but transition has only ", p_.shape[0], " rows");
        return p_.row(static_cast<Size>(token));
    }

private:
    const char* function_;
    const Array<double>& p_;
    Size V_;
    int end_ = 0;
};

/// Keeps the `most` best, sorted by score.
void keep_best(std::vector<Hypothesis>& list, Size most) {
    std::sort(list.begin(), list.end(), [](const Hypothesis& a, const Hypothesis& b) {
        return a.score != b.score ? a.score > b.score : a.tokens < b.tokens;
    });
    if (list.size() > most) list.resize(most);
}

std::vector<int> with(std::vector<int> tokens, int next) {
    tokens.push_back(next);
    return tokens;
}

/// A continuation of a live beam.
struct Continuation {
    double log_probability;
    Size parent, parent_order;  // the beam, and its place among the beams sorted by tokens
    int token;
};

bool likelier(const Continuation& a, const Continuation& b) {
    if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
    return a.parent_order != b.parent_order ? a.parent_order < b.parent_order : a.token < b.token;
}

/// Every continuation with a probability above 0, the first `sorted` of them by rank.
std::vector<Continuation> continuations(const Table& table, const std::vector<Hypothesis>& live, int bos, Size sorted) {
    std::vector<Size> order(live.size()), place(live.size());
    std::iota(order.begin(), order.end(), Size{0});
    std::sort(order.begin(), order.end(), [&](Size a, Size b) { return live[a].tokens < live[b].tokens; });
    for (Size i = 0; i < order.size(); ++i) place[order[i]] = i;
    std::vector<Continuation> found;
    for (Size beam = 0; beam < live.size(); ++beam) {
        const double* p = table.after(live[beam].tokens.empty() ? bos : live[beam].tokens.back());
        for (Size v = 0; v < table.width(); ++v) {
            if (p[v] > 0)
                found.push_back({live[beam].log_probability + std::log(p[v]), beam, place[beam], static_cast<int>(v)});
        }
    }
    const auto middle = found.begin() + static_cast<std::ptrdiff_t>(std::min(sorted, found.size()));
    std::partial_sort(found.begin(), middle, found.end(), likelier);
    return found;
}

/// All sequences from `path` on, depth first.
class Walk {
public:
    Walk(const Table& table, const ExhaustiveSearchOptions& o, ExhaustiveSearchResult& r) : table_(table), o_(o), r_(r) {}
    void from(int token, double log_probability) {
        if (path_.size() >= static_cast<Size>(o_.max_len)) return;
        const double* p = table_.after(token);
        for (Size v = 0; v < table_.width(); ++v) {
            if (p[v] <= 0) continue;
            require(++nodes_ <= kMostNodes, "exhaustive_search: the tree has more than ", kMostNodes, " nodes, max_len is ",
                    o_.max_len);
            const int next = static_cast<int>(v);
            path_.push_back(next);
            if (next == table_.end()) finish(log_probability + std::log(p[v]));
            else from(next, log_probability + std::log(p[v]));
            path_.pop_back();
        }
    }

private:
    void finish(double log_probability) {
        const double length = static_cast<double>(path_.size()), penalty = std::pow((5 + length) / 6, o_.alpha);
        const double score = log_probability / penalty;
        require(penalty > 0 && std::isfinite(score), "exhaustive_search: alpha is too large, got ", o_.alpha);
        ++r_.count;
        r_.probability += std::exp(log_probability);
        r_.finished.push_back({path_, log_probability, score});
        if (r_.finished.size() >= 2 * kMostBest) keep_best(r_.finished, static_cast<Size>(o_.best));
    }
    const Table& table_;
    const ExhaustiveSearchOptions& o_;
    ExhaustiveSearchResult& r_;
    std::vector<int> path_;
    Size nodes_ = 0;
};

}  // namespace

GreedySearchResult greedy_search(const GreedySearchOptions& o) {
    check_shapes(o);
    const Table table("greedy_search", o.transition, o.bos, o.eos, o.max_len);
    GreedySearchResult r;
    int token = o.bos;
    for (int length = 0; length < o.max_len; ++length) {
        const double* p = table.after(token);
        const double* best = std::max_element(p, p + table.width());
        require(*best > 0, "greedy_search: token ", token,
                " has to be followed, but its row of transition holds only zeros");
        token = static_cast<int>(best - p);
        r.tokens.push_back(token);
        r.probabilities.push_back(*best);
        r.log_probability += std::log(*best);
        if (token == table.end()) break;
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

BeamSearchResult beam_search(const BeamSearchOptions& o) {
    check_shapes(o);
    const Table table("beam_search", o.transition, o.bos, o.eos, o.max_len);
    require(o.num_beams >= 1 && o.num_beams <= kMostBeams, "beam_search: num_beams must be from 1 to ", kMostBeams, ", got ",
            o.num_beams);
    require(o.most_candidates >= 0, "beam_search: most_candidates must be at least 0, got ", o.most_candidates);
    const Size beams = static_cast<Size>(o.num_beams), shown = std::max(2 * beams, static_cast<Size>(o.most_candidates));
    const double length = o.max_len, all = static_cast<double>(beams) * static_cast<double>(table.width());
    require(all * length <= kMostContinuations, "beam_search: there would be more than ", kMostContinuations,
            " continuations, got ", beams, " beams over ", table.width(), " tokens and max_len ", o.max_len);
    require(std::min(static_cast<double>(shown), all) * length * length <= kMostTokens,
            "beam_search: the candidates of all steps would have more than ", kMostTokens,
            " tokens; lower most_candidates or max_len");
    BeamSearchResult r;
    std::vector<Hypothesis> live = {{}};
    for (int t = 1; t <= o.max_len && !live.empty(); ++t) {
        const std::vector<Continuation> found = continuations(table, live, o.bos, shown);
        const double penalty = std::pow(t, o.length_penalty);
        BeamStep step;
        // 1. What becomes of each candidate.
        for (Size rank = 0; rank < std::min(shown, found.size()); ++rank) {
            const Continuation& next = found[rank];
            BeamCandidate candidate{with(live[next.parent].tokens, next.token), next.log_probability,
                                    static_cast<int>(next.parent), static_cast<int>(rank), "dropped"};
            const Hypothesis as{candidate.tokens, next.log_probability, next.log_probability / penalty};
            require(penalty > 0 && std::isfinite(as.score), "beam_search: length_penalty is too large, got ",
                    o.length_penalty);
            if (next.token == table.end() || t == o.max_len) {
                if (rank < beams) candidate.outcome = "finished", r.finished.push_back(as);
            } else if (rank < 2 * beams && step.live.size() < beams) {
                candidate.outcome = "live";
                step.live.push_back(as);
            }
            step.candidates.push_back(std::move(candidate));
        }
        // 2. The best so far, and what goes on.
        keep_best(r.finished, beams);
        step.finished = r.finished;
        live = step.live;
        r.steps.push_back(std::move(step));
        if (o.early_stopping && r.finished.size() == beams) break;
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

ExhaustiveSearchResult exhaustive_search(const ExhaustiveSearchOptions& o) {
    check_shapes(o);
    const Table table("exhaustive_search", o.transition, o.bos, o.eos, o.max_len);
    require(o.best >= 1 && o.best <= kMostBest, "exhaustive_search: best must be from 1 to ", kMostBest, ", got ", o.best);
    ExhaustiveSearchResult r;
    Walk(table, o, r).from(o.bos, 0);
    keep_best(r.finished, static_cast<Size>(o.best));
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

ContrastiveSearchResult contrastive_search(const ContrastiveSearchOptions& o) {
    const Letters letters = check_shapes(o);
    const Size K = letters["K"], T = letters["T"], D = letters["D"];
    require(K > 0 && T > 0 && D > 0, "contrastive_search: there must be candidates and a history, got shapes ",
            o.candidates.shape, " and ", o.history.shape);
    require(o.alpha >= 0 && o.alpha <= 1, "contrastive_search: alpha must be from 0 to 1, got ", o.alpha);
    const auto unit = [](const Array<double>& x) {
        L2NormalizeOptions<double> normalise;
        normalise.x = x;
        normalise.eps = 0;
        return l2_normalize(normalise).y;
    };
    const Array<double> history = unit(o.history), candidates = unit(o.candidates);
    ContrastiveSearchResult r{Array<double>({K, T}), Array<double>({K}, -1), Array<double>({K}), 0};
    for (Size k = 0; k < K; ++k) {
        for (Size t = 0; t < T; ++t) {
            double cosine = 0;
            for (Size d = 0; d < D; ++d) cosine += candidates.row(k)[d] * history.row(t)[d];
            r.cosine.row(k)[t] = cosine;
            r.max_cosine.data[k] = std::max(r.max_cosine.data[k], cosine);
        }
        r.score.data[k] = (1 - o.alpha) * o.probabilities.data[k] - o.alpha * r.max_cosine.data[k];
        if (r.score.data[k] > r.score.data[static_cast<Size>(r.index)]) r.index = static_cast<int>(k);
    }
    if (o.trace) r.trace = trace_of(o, r);
    return r;
}

}  // namespace clearformer
