// Fields of formats of others that must have a certain value, or bytes of certain sizes. Pure.
// Internal to helper/imagefs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "keystore/base/strict_json.h"

namespace sifguard {

/// Anything else rejects the object, by what it is.
void expect(StrictObject& object, const char* field, std::string_view wanted);
void expect(StrictObject& object, const char* field, std::uint32_t wanted);

/// What is there in base64; of another size than said it rejects the object.
[[nodiscard]] std::string bytes_in(StrictObject& object, const char* field, std::size_t least,
                                   std::size_t most);

}  // namespace sifguard
