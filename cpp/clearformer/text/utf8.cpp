#include "clearformer/text/utf8.hpp"

namespace clearformer {
namespace {

/// What may follow a lead byte: how many bytes, and the range of the first of them (Unicode table 3-7).
struct Lead {
    std::size_t following = 0;
    unsigned char low = 0x80, high = 0xBF;
    bool valid = true;
};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80) return {0};
    if (byte < 0xC2 || byte > 0xF4) return {0, 0, 0, false};
    if (byte < 0xE0) return {1};
    if (byte < 0xF0)
        return {2, static_cast<unsigned char>(byte == 0xE0 ? 0xA0 : 0x80),
                static_cast<unsigned char>(byte == 0xED ? 0x9F : 0xBF)};
    return {3, static_cast<unsigned char>(byte == 0xF0 ? 0x90 : 0x80),
            static_cast<unsigned char>(byte == 0xF4 ? 0x8F : 0xBF)};
}

}  // namespace

std::vector<Character> characters(std::string_view text) {
    std::vector<Character> found;
    int unit = 0;
    for (std::size_t i = 0; i < text.size();) {
        Lead lead = lead_of(static_cast<unsigned char>(text[i]));
        Character c{i, 1, unit, 1, lead.valid};
        for (; c.valid && c.bytes <= lead.following; ++c.bytes) {
            const auto byte = i + c.bytes < text.size() ? static_cast<unsigned char>(text[i + c.bytes]) : 0;
            if (byte < lead.low || byte > lead.high) {
                c.valid = false;
                break;
            }
            lead.low = 0x80;
            lead.high = 0xBF;
        }
        if (c.valid && c.bytes == 4) c.units = 2;
        i += c.bytes;
        unit += c.units;
        found.push_back(c);
    }
    return found;
}

}  // namespace clearformer
