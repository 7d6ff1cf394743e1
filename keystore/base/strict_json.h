// Strict JSON, read field by field, that two readers cannot understand differently. Pure. Runs in
// the sandboxed verifier (statements of signatures), in the root helper (its cache) and in sifctl
// (the keystore's files).
//
// Besides what RFC 8259 forbids, it refuses a field that is unknown, repeated, missing or of
// another type, a depth over 8, and a byte order mark. For JSON that is not read field by field see
// json_tree.h. Numbers keep their kind: 1, 1.0 and -0 are three different values.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// The limits of a text, and the code with which others are refused.
struct JsonRules {
  Code code = Code::config;
  std::size_t max_bytes = 64UL * 1024;
  /// Limits members and elements at all depths, and so memory: a tree takes far more than its text.
  std::size_t max_values = SIZE_MAX;
  /// No blanks are allowed before the first brace or after the last one.
  bool exact = false;
  std::size_t max_depth = 8;  ///< of nested objects and arrays
};

/// Reads an object field by field; each field can be read once. The first error is kept, and
/// finish() returns it. Until then the returned values may be defaults, so use none before finish()
/// has succeeded.
class StrictObject {
 public:
  /// Errors (from finish()): the rules' code, "where: …".
  [[nodiscard]] static StrictObject parse(std::string_view text, std::string where,
                                          const JsonRules& rules = {});
  StrictObject(StrictObject&&) noexcept;
  StrictObject& operator=(StrictObject&&) noexcept;
  ~StrictObject();

  /// Whether the field is present and not yet read. For optional fields of a format.
  [[nodiscard]] bool has(const char* field) const;
  /// The same, but false for null, which counts as read: for formats in which null means absent.
  [[nodiscard]] bool has_value(const char* field);
  [[nodiscard]] std::string string(const char* field);
  [[nodiscard]] std::int64_t integer(const char* field);
  /// A whole number without a sign, at most `max`.
  template <std::unsigned_integral Number>
  [[nodiscard]] Number number(const char* field, Number max = std::numeric_limits<Number>::max()) {
    return static_cast<Number>(unsigned_number(field, max));
  }
  [[nodiscard]] std::vector<std::uint32_t> numbers(const char* field);
  [[nodiscard]] bool boolean(const char* field);
  [[nodiscard]] std::vector<std::string> strings(const char* field);
  /// The object in `field`, which has only strings, with any names.
  [[nodiscard]] std::map<std::string, std::string> texts(const char* field);
  /// The object in `field`; check its own finish(), too.
  [[nodiscard]] StrictObject object(const char* field);
  /// The same; nullopt for null.
  [[nodiscard]] std::optional<StrictObject> object_or_null(const char* field);
  /// The objects of the array in `field`, each with its own finish().
  [[nodiscard]] std::vector<StrictObject> objects(const char* field);
  /// For formats that others extend: ignores the fields that were not read, except those that a
  /// case-insensitive reader (such as Go's) would take for one of `known`.
  void ignore_others(std::initializer_list<const char*> known);
  /// Makes the object invalid for a reason that the caller found.
  void reject(std::string why);
  /// The place of this object, as in errors.
  [[nodiscard]] const std::string& where() const noexcept;

  [[nodiscard]] Status finish() const;

 private:
  struct State;
  explicit StrictObject(State state);
  std::uint64_t unsigned_number(const char* field, std::uint64_t max);

  std::unique_ptr<State> state_;
};

}  // namespace sifguard
