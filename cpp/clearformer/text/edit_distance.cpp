#include "clearformer/text/edit_distance.hpp"

#include <cmath>

#include "clearformer/text/units.hpp"

namespace clearformer {
namespace {

constexpr const char* kName = EditDistanceOptions::kFunction;
constexpr Size kMostUnits = 1000, kMostBytes = 100000;

std::vector<std::string> units_of(const std::string& text, const std::string& unit) {
    require(unit == "characters" || unit == "words" || unit == "bytes", kName,
            ": unit must be characters, words or bytes, got ", unit);
    require(text.size() <= kMostBytes, kName, ": a text may have at most ", kMostBytes, " bytes, got ", text.size());
    std::vector<std::string> units = unit == "words" ? words_of(text) : characters_of(text);
    if (unit == "bytes") {
        units.clear();
        for (char byte : text) {
            constexpr char kDigits[] = "0123456789ABCDEF";
            const auto code = static_cast<unsigned char>(byte);
            units.push_back({'0', 'x', kDigits[code >> 4], kDigits[code & 15]});
        }
    }
    require(units.size() <= kMostUnits, kName, ": a text may have at most ", kMostUnits, " ", unit, ", got ", units.size());
    return units;
}

void check_cost(const char* name, double cost) {
    require(cost >= 0 && cost <= 1e100, kName, ": ", name, " must lie in 0 .. 1e100, got ", cost);
}

}  // namespace

EditDistanceResult edit_distance(const EditDistanceOptions& o) {
    check_cost("insertion_cost", o.insertion_cost);
    check_cost("deletion_cost", o.deletion_cost);
    check_cost("substitution_cost", o.substitution_cost);
    EditDistanceResult r;
    r.source_units = units_of(o.source, o.unit);
    r.target_units = units_of(o.target, o.unit);
    const Size N = r.source_units.size(), M = r.target_units.size();
    r.table = Array<double>({N + 1, M + 1});
    const auto change = [&](Size i, Size j) {
        return r.source_units[i - 1] == r.target_units[j - 1] ? 0.0 : o.substitution_cost;
    };
    const auto at = [&](Size i, Size j) -> double& { return r.table.row(i)[j]; };
    // 1. The table: the edges take or leave everything.
    for (Size i = 0; i <= N; ++i) {
        for (Size j = 0; j <= M; ++j) {
            if (i == 0 && j == 0) continue;
            double best = kInfinity;
            if (i > 0) best = at(i - 1, j) + o.deletion_cost;
            if (j > 0) best = std::min(best, at(i, j - 1) + o.insertion_cost);
            if (i > 0 && j > 0) best = std::min(best, at(i - 1, j - 1) + change(i, j));
            at(i, j) = best;
        }
    }
    r.distance = at(N, M);
    r.normalised = N + M == 0 ? 0 : r.distance / static_cast<double>(std::max(N, M));
    // 2. The way back, from the end.
    for (Size i = N, j = M; i + j > 0;) {
        Edit edit;
        edit.row = static_cast<int>(i);
        edit.column = static_cast<int>(j);
        const bool diagonal = i > 0 && j > 0 && at(i, j) == at(i - 1, j - 1) + change(i, j);
        const bool removal = !diagonal && i > 0 && at(i, j) == at(i - 1, j) + o.deletion_cost;
        const bool equal = diagonal && r.source_units[i - 1] == r.target_units[j - 1];
        edit.kind = equal ? "keep" : diagonal ? "substitute" : removal ? "remove" : "insert";
        edit.cost = equal ? 0 : diagonal ? o.substitution_cost : removal ? o.deletion_cost : o.insertion_cost;
        if (diagonal || removal) edit.from = r.source_units[--i];
        if (!removal) edit.to = r.target_units[--j];
        r.edits.push_back(edit);
    }
    std::reverse(r.edits.begin(), r.edits.end());
    return r;
}

}  // namespace clearformer
