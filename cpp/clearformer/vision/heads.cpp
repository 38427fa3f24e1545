#include "clearformer/vision/heads.hpp"

namespace clearformer::vision {

Array<double> split_heads(const Array<double>& x, Size first, Size C, Size heads) {
    const Size T = x.rows(), D = C / heads;
    Array<double> y({heads, T, D});
    for (Size h = 0; h < heads; ++h) {
        for (Size t = 0; t < T; ++t) std::copy_n(x.row(t) + first + h * D, D, y.row(h * T + t));
    }
    return y;
}

Array<double> join_heads(const Array<double>& x) {
    const Size heads = x.shape[0], T = x.shape[1], D = x.shape[2];
    Array<double> y({T, heads * D});
    for (Size h = 0; h < heads; ++h) {
        for (Size t = 0; t < T; ++t) std::copy_n(x.row(h * T + t), D, y.row(t) + h * D);
    }
    return y;
}

}  // namespace clearformer::vision
