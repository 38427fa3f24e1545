#pragma once

// What the searches record when `trace` is asked for.

#include "clearformer/sampling/search.hpp"

namespace clearformer {

/// transition, tokens, probabilities, logProbability
Trace trace_of(const GreedySearchOptions& options, const GreedySearchResult& result);
/// transition; for each step n from 1: stepn.candidates (log-probabilities by rank), stepn.live, stepn.finished (log-probabilities), stepn.scores;
/// finished (log-probabilities) and scores of the best.
Trace trace_of(const BeamSearchOptions& options, const BeamSearchResult& result);
/// transition, logProbabilities, scores of the best; mass and paths [L V] (of all sequences by length and last token), probability, count
Trace trace_of(const ExhaustiveSearchOptions& options, const ExhaustiveSearchResult& result);
/// probabilities, history, candidates, historyLengths, historyUnits, candidateLengths, candidateUnits, cosine, maxCosine, score, index
Trace trace_of(const ContrastiveSearchOptions& options, const ContrastiveSearchResult& result);

}  // namespace clearformer
