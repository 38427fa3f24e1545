#pragma once

namespace clearformer::estimate {

/// Seconds since some moment; only differences mean something. In WebAssembly the host's clock (cpp/wasm/clock.cpp).
double seconds_now();

}  // namespace clearformer::estimate
