// Reading a small JSON object strictly: an unknown, repeated, missing or wrongly typed field
// rejects the whole text. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// Takes an object apart field by field; the first thing wrong is kept, and finish() tells it.
/// Until then the values handed out may be defaults: use none before finish() is good.
class StrictObject {
 public:
  /// Errors (from finish()): Code::config, "where: …".
  StrictObject(nlohmann::json value, std::string where);
  /// Parses at most `limit` bytes of text.
  [[nodiscard]] static StrictObject parse(std::string_view text, std::string where,
                                          std::size_t limit = 64UL * 1024);

  [[nodiscard]] std::string string(const char* field);
  [[nodiscard]] std::int64_t integer(const char* field);
  [[nodiscard]] bool boolean(const char* field);
  [[nodiscard]] std::vector<std::string> strings(const char* field);
  /// The object in `field`; its own finish() is to be asked too.
  [[nodiscard]] StrictObject object(const char* field);
  /// The objects of the array in `field`, each with its own finish().
  [[nodiscard]] std::vector<StrictObject> objects(const char* field);
  /// Makes the object wrong for a reason the caller found.
  void reject(std::string why);

  [[nodiscard]] Status finish() const;

 private:
  const nlohmann::json* take(const char* field, nlohmann::json::value_t type);

  nlohmann::json value_;
  std::string where_;
  std::set<std::string> taken_;
  std::optional<std::string> wrong_;
};

}  // namespace sifguard
