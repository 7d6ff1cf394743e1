// Fields of formats of others that must have a certain value, or bytes of certain sizes. Pure.
#include "helper/imagefs/expected_fields.h"

#include "keystore/base/base64.h"
#include "keystore/base/text.h"

namespace sifguard {

void expect(StrictObject& object, const char* field, std::string_view wanted) {
  const std::string found = object.string(field);
  if (found != wanted) {
    object.reject("the " + std::string(field) + " '" + printable(found, 48) + "'");
  }
}

void expect(StrictObject& object, const char* field, std::uint32_t wanted) {
  const auto found = object.number<std::uint32_t>(field);
  if (found != wanted) {
    object.reject("the " + std::string(field) + " " + std::to_string(found));
  }
}

std::string bytes_in(StrictObject& object, const char* field, std::size_t least, std::size_t most) {
  const auto bytes = from_base64(object.string(field));
  if (bytes && bytes->size() >= least && bytes->size() <= most) return *bytes;
  object.reject("the " + std::string(field) + " of a wrong size");
  return {};
}

}  // namespace sifguard
