#pragma once

// How many insertions, deletions and substitutions lead from one text to another.

#include <string>
#include <vector>

#include "clearformer/fields.hpp"

namespace clearformer {

/// `unit`: `characters` (Unicode code points), `words` (between ASCII white space) or `bytes`. The costs are at least 0.
struct EditDistanceOptions {
    static constexpr const char* kFunction = "edit_distance";
    std::string source, target;
    std::string unit = "characters";
    double insertion_cost = 1, deletion_cost = 1, substitution_cost = 1;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("source", source);
        field.required("target", target);
        field.optional("unit", unit);
        field.optional("insertion_cost", insertion_cost);
        field.optional("deletion_cost", deletion_cost);
        field.optional("substitution_cost", substitution_cost);
    }
};

/// One step of the cheapest way. `keep` and `substitute` take both units, `remove` that of the source, `insert` that of
/// the target.
struct Edit {
    std::string kind;  // keep, substitute, insert or remove
    std::string from;  // the source's unit, empty for insert
    std::string to;    // the target's unit, empty for remove
    int row = 0;       // the place in the table that the step leads to
    int column = 0;
    double cost = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("kind", kind);
        field.required("from", from);
        field.required("to", to);
        field.required("row", row);
        field.required("column", column);
        field.required("cost", cost);
    }
};

struct EditDistanceResult {
    double distance = 0;
    double normalised = 0;    // distance / max(length of source, length of target), 0 for two empty texts
    Array<double> table;      // [N + 1, M + 1]: entry (i, j) leads from the first i units to the first j
    std::vector<Edit> edits;  // from (0, 0) to (N, M)
    std::vector<std::string> source_units, target_units;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("distance", distance);
        field.required("normalised", normalised);
        field.required("table", table, "..");
        field.required("edits", edits);
        field.required("source_units", source_units);
        field.required("target_units", target_units);
    }
};

/// The cheapest sum of costs, by the table D(i, j) = min(D(i - 1, j) + deletion, D(i, j - 1) + insertion, D(i - 1, j - 1)
/// + (0 where the units are equal, else substitution)) (Wagner and Fischer 1974; with costs of 1 the Levenshtein
/// distance). Of equally cheap ways back the diagonal comes first, then the deletion.
/// Throws DomainError for an unknown unit, a negative cost, and texts of more than 1000 units or 100000 bytes.
EditDistanceResult edit_distance(const EditDistanceOptions& options);

}  // namespace clearformer
