// Lines of keys that replace each other: a binding that names one of them may use all of its line.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

class KeyLines {
 public:
  /// `all` must outlive it.
  explicit KeyLines(const std::vector<KeyRecord>& all) : all_(all) {}

  /// The id of the oldest key of the line that `reference` belongs to: the same for all its keys.
  /// The reference itself if it means no key, or several.
  [[nodiscard]] std::string of(std::string_view reference) const;

 private:
  const std::vector<KeyRecord>& all_;
};

}  // namespace sifguard
