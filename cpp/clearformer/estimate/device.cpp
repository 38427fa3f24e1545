#include "clearformer/estimate/device.hpp"

#include "clearformer/estimate/clock.hpp"

#include <algorithm>
#include <memory>
#include <new>

namespace clearformer::estimate {
namespace {

/// Results of the loops go here, so that none is left out.
volatile float kept;

/// The best rate of `piece`, which does `amount` of something, over pieces that together take about `seconds`. A clock may be coarse
/// (browsers round to as much as a millisecond): a piece is repeated until it takes at least a twentieth of the time, and 5 ms.
template <class Piece>
double best_rate(double seconds, double amount, Piece piece) {
    const double start = seconds_now(), least = std::min(std::max(seconds / 20, 0.005), seconds);
    double best = 0;
    int repeats = 1;
    do {
        const double before = seconds_now();
        for (int i = 0; i < repeats; ++i) piece();
        const double took = seconds_now() - before;
        if (took >= least) best = std::max(best, amount * repeats / took);
        else if (repeats < (1 << 24)) repeats *= 2;
    } while (best == 0 || seconds_now() - start < seconds);
    return best;
}

}  // namespace

MeasureDeviceResult measure_device(const MeasureDeviceOptions& options) {
    require(options.milliseconds >= 1 && options.milliseconds <= 2000,
            "measure_device: milliseconds must be from 1 to 2000, got ", options.milliseconds);
    const double seconds = options.milliseconds / 1000.0, start = seconds_now();
    MeasureDeviceResult result;
    constexpr Size kRounds = 10000;
    result.flops = best_rate(seconds, 2 * kMultiplyAddsPerRound * kRounds, [] { kept = multiply_adds(kRounds); });
    // Two blocks that most caches do not hold, and that a phone can spare.
    constexpr Size kMost = Size{32} << 20, kLeast = Size{1} << 20;
    for (Size bytes = kMost; bytes >= kLeast && result.bandwidth == 0; bytes /= 2) {
        const Size count = bytes / sizeof(float);
        const std::unique_ptr<float[]> from(new (std::nothrow) float[count]), to(new (std::nothrow) float[count]);
        if (!from || !to) continue;
        std::fill_n(from.get(), count, 1.0f);
        std::fill_n(to.get(), count, 0.0f);  // pages are there before the clock runs
        result.bandwidth = best_rate(seconds, 2.0 * static_cast<double>(bytes), [&] {
            copy_floats(from.get(), to.get(), count);
            kept = to[count - 1];
        });
        result.copied_bytes = static_cast<double>(bytes);
    }
    result.seconds = seconds_now() - start;
    return result;
}

}  // namespace clearformer::estimate
