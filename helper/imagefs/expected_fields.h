// Fields of foreign formats that must have a certain value or a certain size. Pure. Internal to
// helper/imagefs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "keystore/base/strict_json.h"

namespace sifguard {

/// Any other value rejects the object, with an error that quotes it.
void expect(StrictObject& object, const char* field, std::string_view wanted);
void expect(StrictObject& object, const char* field, std::uint32_t wanted);

/// The bytes of a field in base64; a size outside `least` and `most` rejects the object.
[[nodiscard]] std::string bytes_in(StrictObject& object, const char* field, std::size_t least,
                                   std::size_t most);

}  // namespace sifguard
