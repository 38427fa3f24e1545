#pragma once

#include <cstdint>

namespace clearformer {

enum class CharacterClass { kLetter, kNumber, kSpace, kOther };

/// Letters and numbers by the general categories L and N, spaces by the property White_Space (Unicode 14.0, annex 44).
CharacterClass class_of(std::uint32_t code_point);

}  // namespace clearformer
