#pragma once

// How many pairs of a query and a key attention looks at: what the mask leaves, counted exactly.

#include "clearformer/estimate/quantity.hpp"

namespace clearformer::estimate {

/// Which keys a causal query sees: itself and what is before it, at most `window` of them; with `chunked` those of its own chunk.
struct Sight {
    Quantity window;  // none: everything before
    bool chunked = false;
};

/// Pairs of the first `tokens` positions, Σ over p = 1 .. tokens of the keys that position p sees. Without a window n (n + 1) / 2; with a
/// window W, m (m + 1) / 2 + (n - m) W for m = min(n, W); in chunks of W, c W (W + 1) / 2 + r (r + 1) / 2 for c = ⌊n / W⌋, r = n - c W.
Quantity visible_pairs(Quantity tokens, const Sight& sight);
/// Of `tokens` new positions behind `before` others (none: 0).
Quantity visible_pairs(Quantity tokens, Quantity before, const Sight& sight);
/// The keys that the last of `context` positions sees: one decoding step.
Quantity visible_keys(Quantity context, const Sight& sight);
/// The mean of visible_keys over contexts from prompt + 1 to prompt + generated. Exact: a sum of pairs over the steps.
Quantity mean_visible_keys(Quantity prompt, Quantity generated, const Sight& sight);
/// The keys of `before` positions that a query behind them can still see.
Quantity kept_keys(Quantity before, const Sight& sight);

}  // namespace clearformer::estimate
