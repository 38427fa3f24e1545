#include "clearformer/estimate/clock.hpp"

#include <chrono>

namespace clearformer::estimate {

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace clearformer::estimate
