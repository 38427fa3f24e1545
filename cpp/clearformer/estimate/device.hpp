#pragma once

// What this device does in one thread, measured: multiply-adds per second and bytes per second.

#include "clearformer/extents.hpp"

namespace clearformer::estimate {

struct MeasureDeviceOptions {
    static constexpr const char* kFunction = "measure_device";
    int milliseconds = 200;  // for each of the two measurements, 1 to 2000
    template <class Visitor>
    void fields(Visitor& field) {
        field.optional("milliseconds", milliseconds);
    }
};

struct MeasureDeviceResult {
    double flops = 0;         // FLOP/s of float32, 2 per multiply-add, 4 lanes wide
    double bandwidth = 0;     // bytes per second of a copy, read and written bytes together
    double copied_bytes = 0;  // the block that was copied: 32 MiB, or less where memory is short
    double seconds = 0;       // how long it took in all
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("flops", flops);
        field.required("bandwidth", bandwidth);
        field.required("copied_bytes", copied_bytes);
        field.required("seconds", seconds);
    }
};

/// Runs a loop of multiply-adds on registers, then copies of one block of memory to another, each for about `milliseconds`, and gives the
/// best rate of the pieces: other work on the device makes single pieces slower, never faster. Not the same twice.
/// Throws DomainError for milliseconds outside 1 to 2000.
MeasureDeviceResult measure_device(const MeasureDeviceOptions& options);

/// The two loops, device_kernels.cpp. multiply_adds returns a number that depends on all of them; each round is kMultiplyAddsPerRound
/// multiply-adds of single floats.
inline constexpr double kMultiplyAddsPerRound = 12 * 4;
float multiply_adds(Size rounds);
void copy_floats(const float* from, float* to, Size count);

}  // namespace clearformer::estimate
