// The version that each file of ours begins with. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "keystore/base/strict_json.h"

namespace sifguard {

/// What helps with a version that is greater than those that this release reads.
inline constexpr const char* kNewerFormat =
    "if a newer sifguard has written it, install at least that release here";

/// The object's "version"; any but `first` to `last` is rejected.
inline std::int64_t read_version(StrictObject& object, std::int64_t first, std::int64_t last) {
  const std::int64_t version = object.integer("version");
  if (version >= first && version <= last) return version;
  std::string why = "unknown version " + std::to_string(version);
  if (version > last) why += std::string("; ") + kNewerFormat;
  object.reject(std::move(why));
  return version;
}

/// Whether it is this that is wrong with a file, and not damage.
inline bool is_of_newer_format(const Error& error) {
  return error.what().find(kNewerFormat) != std::string::npos;
}

}  // namespace sifguard
