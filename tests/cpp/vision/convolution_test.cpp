#include "clearformer/vision/convolution.hpp"

#include "clearformer/vision/patches.hpp"
#include "support.hpp"
#include "vision/trace_check.hpp"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("the convolution conforms") {
    for_each_case("vision", "conv2d", [](const Json& c) {
        Conv2dOptions o{tensor_of(c["inputs"]["image"]),
                        tensor_of(c["inputs"]["weight"]),
                        {},
                        c["params"]["stride"],
                        c["params"]["padding"]};
        if (c["inputs"].contains("bias")) o.bias = tensor_of(c["inputs"]["bias"]);
        check_tensor(conv2d(o).y, "y", c);
    });
}

TEST_CASE("a convolution whose stride is its kernel embeds patches") {
    const Array<double> image = normal({3, 6, 8}, 1), weight = normal({5, 3, 2, 2}, 2), bias = normal({5}, 3);
    const Array<double> y = conv2d({image, weight, bias, 2, 0}).y, tokens = patch_embed({image, weight, bias}).tokens;
    CHECK(y.shape == Shape{5, 3, 4});
    for (Size n = 0; n < 5; ++n) {
        for (Size t = 0; t < 12; ++t) CHECK(y.data[n * 12 + t] == doctest::Approx(tokens.row(t)[n]).epsilon(1e-13));
    }
}

TEST_CASE("a kernel with a single one shifts the image, and zeros come in at the border") {
    const Array<double> image = normal({1, 3, 4}, 1);
    Array<double> kernel({1, 1, 3, 3});
    kernel.at({0, 0, 0, 1}) = 1;  // reads the row above
    const Array<double> y = conv2d({image, kernel, {}, 1, 1}).y;
    CHECK(y.shape == Shape{1, 3, 4});
    for (Size j = 0; j < 4; ++j) {
        CHECK(y.at({0, 0, j}) == 0);
        CHECK(y.at({0, 2, j}) == image.at({0, 1, j}));
    }
}

TEST_CASE("padding may be wider than the kernel: the bias is left") {
    const Array<double> y = conv2d({normal({1, 2, 2}, 1), normal({1, 1, 2, 2}, 2), Array<double>({1}, 7.0), 5, 4}).y;
    CHECK(y.shape == Shape{1, 2, 2});
    CHECK(y.data[0] == 7);
}

TEST_CASE("every number of a convolution opens, at the border too") {
    const Conv2dResult r = conv2d({normal({2, 4, 5}, 1), normal({3, 2, 3, 2}, 2), normal({3}, 3), 2, 1, true});
    CHECK(check_whole_trace(*r.trace) == 3);
    CHECK(r.trace->explain("y", {0, 0, 0}).operands[0].terms.size() == 4);
    CHECK(r.trace->explain("y", {0, 1, 1}).operands[0].terms.size() == 12);
    check_whole_trace(*conv2d({normal({1, 2, 2}, 1), normal({1, 1, 2, 2}, 2), {}, 1, 3, true}).trace);
}

TEST_CASE("convolutions that cannot be are refused") {
    const Array<double> image = normal({1, 4, 4}, 1), weight = normal({1, 1, 5, 2}, 1);
    CHECK_THROWS_WITH_AS(conv2d({image, weight, {}}),
                         "conv2d: the kernel must fit into the padded image, got 5 by 2 in 4 by 4", DomainError);
    CHECK_THROWS_WITH_AS(conv2d({image, weight, {}, 0, 1}), "conv2d: stride must be from 1 to 65536, got 0", DomainError);
    CHECK_THROWS_AS(conv2d({image, weight, {}, 1, -1}), DomainError);
    CHECK_THROWS_AS(conv2d({image, normal({1, 2, 2, 2}, 1), {}}), DomainError);
    CHECK_THROWS_AS(conv2d({image, normal({1, 1, 2, 2}, 1), {}, 1, 60000}), DomainError);
}
