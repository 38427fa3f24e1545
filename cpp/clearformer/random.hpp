#pragma once

#include <cstdint>

namespace clearformer {

/// The only source of randomness: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
/// The integer stream is the same on every machine; normal() uses log and cos and so may differ in its last bit.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    /// A generator of its own for one named purpose, so that drawing more of one thing never changes another.
    Random(std::uint64_t seed, std::uint64_t stream);

    std::uint64_t next();
    /// Uniform in [0, 1), a multiple of 2^-53.
    double uniform();
    /// Standard normal, by Box and Muller (1958).
    double normal();

private:
    std::uint64_t state_;
};

}  // namespace clearformer
