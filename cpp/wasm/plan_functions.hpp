#pragma once

// Plans as JavaScript holds them: the quantities stay in the core, and are asked for by name.

#include "clearformer/estimate/model.hpp"
#include "wasm/handles.hpp"

namespace clearformer::wasm {

struct PlanOnly {
    static constexpr const char* kFunction = "plan_dispose";
    unsigned plan = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("plan", plan);
    }
};
struct PlanExplain {
    static constexpr const char* kFunction = "plan_explain";
    unsigned plan = 0;
    std::string quantity;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("plan", plan);
        field.required("quantity", quantity);
    }
};
struct PlanDisposed {
    bool disposed = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("disposed", disposed);
    }
};

inline Handles<std::unique_ptr<estimate::Model>>& plans() {
    static Handles<std::unique_ptr<estimate::Model>> all("plan");
    return all;
}

inline estimate::QuantityExplanation plan_explain(const PlanExplain& options) {
    return plans().at(options.plan)->ledger.explain(options.quantity);
}
inline PlanDisposed plan_dispose(const PlanOnly& options) { return {plans().drop(options.plan)}; }

}  // namespace clearformer::wasm
