// Natively fuzzed: with Clang's libFuzzer (target clearformer_fuzz), or as a program of its own that makes seeded calls (target
// clearformer_fuzz_smoke): clearformer_fuzz_smoke [CALLS] [SEED]. Both under the sanitizers. Valid calls to start from are read from the
// file that CLEARFORMER_SAMPLES names.

#include "fuzz/harness.hpp"

#include <cstdlib>

namespace {

void read_samples() {
    const char* path = std::getenv("CLEARFORMER_SAMPLES");
    if (path) clearformer::fuzz::read_samples(path);
}

}  // namespace

#ifdef CLEARFORMER_LIBFUZZER

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    read_samples();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    clearformer::fuzz::run(data, size);
    return 0;
}

#else

#include <cstdio>

#include "clearformer/random.hpp"

int main(int count, char** arguments) {
    read_samples();
    const int calls = count > 1 ? std::atoi(arguments[1]) : 3000;
    clearformer::Random random(count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1);
    int results = 0;
    std::vector<std::uint8_t> bytes(2048);
    for (int call = 0; call < calls; ++call) {
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.uniform() * 256);
        // Every function in its turn.
        bytes[0] = static_cast<std::uint8_t>(call % static_cast<int>(clearformer::fuzz::functions().size()));
        results += clearformer::fuzz::run(bytes.data(), bytes.size());
    }
    std::printf("%d calls of %zu functions, %d gave a result\n", calls, clearformer::fuzz::functions().size(), results);
    return calls > 0 && results == 0 ? 1 : 0;
}

#endif
