// The host's clock: what clearformer/estimate/clock.cpp does natively, without another import.

#include "clearformer/estimate/clock.hpp"

#include <emscripten/val.h>

namespace clearformer::estimate {

double seconds_now() { return emscripten::val::global("performance").call<double>("now") / 1000; }

}  // namespace clearformer::estimate
