#include "clearformer/position/relative_bias.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "clearformer/ops/traces.hpp"

namespace clearformer {
namespace {

struct Buckets {
    bool bidirectional;
    int each;   // for one direction
    int exact;  // distances with a bucket of their own
    float max_distance;

    double of(double relative) const {
        const double first = bidirectional && relative > 0 ? each : 0;
        const double distance = bidirectional ? std::fabs(relative) : std::max(-relative, 0.0);
        if (distance < exact) return first + distance;
        const float start = static_cast<float>(exact);
        const float share = std::log(static_cast<float>(distance) / start) / std::log(max_distance / start);
        const double step = std::trunc(static_cast<double>(share * static_cast<float>(each - exact)));
        return first + std::min(exact + step, static_cast<double>(each - 1));
    }
};

Buckets buckets(const char* function, bool bidirectional, int count, int max_distance) {
    const int each = bidirectional ? count / 2 : count, exact = each / 2;
    require(count >= (bidirectional ? 4 : 2) && count % 2 == 0, function, ": num_buckets must be even and at least ",
            bidirectional ? 4 : 2, ", got ", count);
    require(max_distance > exact, function, ": max_distance must be above the ", exact, " exact buckets, got ",
            max_distance);
    return {bidirectional, each, exact, static_cast<float>(max_distance)};
}

/// The steps of a bucket; `relative` gives what the key's position is after the query's, and writes it as d.
Rule bucket_rule(const Buckets& buckets, const std::function<double(const Index&, Pen&)>& relative) {
    return [=](const Index& at, Pen& pen) {
        const double signed_distance = relative(at, pen), bucket = buckets.of(signed_distance);
        const double first = buckets.bidirectional && signed_distance > 0 ? buckets.each : 0;
        const bool hidden = !buckets.bidirectional && signed_distance > 0;
        const bool is_near = bucket < first + buckets.exact;
        pen.constant("b", "first bucket of this direction", first);
        if (hidden) {
            pen.rule("The key comes after the query: bucket 0.", "0");
            pen.step("y", "bucket", "b");
        } else if (is_near) {
            pen.rule("A near distance has a bucket of its own.", "b + |d|");
            pen.step("y", "bucket", "b + abs(d)");
        } else {
            pen.rule(
                "A far distance shares a bucket with others like it, the wider the farther; the last bucket takes all the "
                "rest.",
                "b + x + \\lfloor \\tfrac{\\ln(|d| / x)}{\\ln(m / x)} (n - x) \\rfloor");
            pen.constant("x", "buckets of one distance each", buckets.exact);
            pen.constant("k", "whole steps of the logarithm, in single precision", bucket - first - buckets.exact);
            pen.step("y", "bucket", "b + x + k");
        }
    };
}

}  // namespace

RelativeBucketsResult relative_buckets(const RelativeBucketsOptions& o) {
    const char* name = RelativeBucketsOptions::kFunction;
    const Buckets rule = buckets(name, o.bidirectional, o.num_buckets, o.max_distance);
    RelativeBucketsResult r{o.relative_position};
    for (double& value : r.bucket.data) {
        require(value == std::floor(value) && std::fabs(value) <= 1e9, name,
                ": relative_position must hold whole numbers of at most 1e9, got ", value);
        value = rule.of(value);
    }
    if (o.trace) {
        r.trace.emplace();
        add_given(*r.trace, {"relativePosition", "d", "relative position", "position", ".."}, o.relative_position);
        add_made(*r.trace, {"bucket", "b", "bucket", "position", ".."}, r.bucket,
                 bucket_rule(rule, [](const Index& at, Pen& pen) {
                     pen.scalar("d", "relativePosition", at);
                     return pen.value("relativePosition", at);
                 }));
    }
    return r;
}

RelativeBiasResult relative_bias(const RelativeBiasOptions& o) {
    const char* name = RelativeBiasOptions::kFunction;
    const Letters letter = check_shapes(o);
    const Size N = letter["N"], H = letter["H"];
    require(o.queries >= 0 && o.keys >= 0, name, ": queries and keys must be at least 0, got ", o.queries, " and ", o.keys);
    require(N <= 1000000, name, ": the table may have at most 1000000 buckets, got ", N);
    const Buckets rule = buckets(name, o.bidirectional, static_cast<int>(N), o.max_distance);
    const Size T = static_cast<Size>(o.queries), S = static_cast<Size>(o.keys);
    check_bytes(name, {H, T, S}, sizeof(double));
    const double offset = o.query_offset ? *o.query_offset : static_cast<double>(S) - static_cast<double>(T);
    RelativeBiasResult r{Array<double>({H, T, S}), Array<double>({T, S})};
    for (Size t = 0; t < T; ++t) {
        for (Size s = 0; s < S; ++s) {
            const double bucket = rule.of(static_cast<double>(s) - (static_cast<double>(t) + offset));
            r.bucket.row(t)[s] = bucket;
            for (Size h = 0; h < H; ++h) r.bias.row(h * T + t)[s] = o.table.row(static_cast<Size>(bucket))[h];
        }
    }
    if (o.trace) {
        r.trace.emplace();
        add_given(*r.trace, {"table", "E", "entry of the table", "input", "N H"}, o.table);
        add_made(*r.trace, {"bucket", "b", "bucket", "position", "T S"}, r.bucket,
                 bucket_rule(rule, [offset](const Index& at, Pen& pen) {
                     const double relative = static_cast<double>(at[1]) - (static_cast<double>(at[0]) + offset);
                     pen.constant("d", "the key's position less the query's", relative);
                     return relative;
                 }));
        add_made(*r.trace, {"bias", "B", "bias on the score", "position", "H T S"}, r.bias, [](const Index& at, Pen& pen) {
            pen.rule("The head's entry for the bucket of this pair of positions.", "E_{b_{t,s},\\,h}");
            pen.scalar("E", "table", {static_cast<Size>(pen.value("bucket", {at[1], at[2]})), at[0]});
            pen.step("y", "looked up", "E");
        });
    }
    return r;
}

}  // namespace clearformer
