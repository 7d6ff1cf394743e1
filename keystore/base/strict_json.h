// JSON without the freedoms that let two readers see different things, taken apart field by field.
// Pure. Runs in the sandboxed verifier (statements of signatures), in the root helper (its cache)
// and in sifctl (the keystore's files).
//
// Refused besides what RFC 8259 refuses: a field that is unknown, repeated, missing or of another
// type; depth over 8; a byte order mark. What is not taken apart has json_tree.h.
// Numbers keep their kind: 1, 1.0 and -0 are three things.
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

/// What a text may be, and with which code the rest is refused.
struct JsonRules {
  Code code = Code::config;
  std::size_t max_bytes = 64UL * 1024;
  /// Of members and elements at all depths, and so of memory: a tree takes far more than its text.
  std::size_t max_values = SIZE_MAX;
  /// Not even blanks before the first brace or after the last one.
  bool exact = false;
  std::size_t max_depth = 8;  ///< of objects and arrays in each other
};

/// Takes an object apart: each field can be taken once. The first thing wrong is kept, and finish()
/// tells it. Until then the values handed out may be defaults: use none before finish() is good.
class StrictObject {
 public:
  /// Errors (from finish()): the rules' code, "where: …".
  [[nodiscard]] static StrictObject parse(std::string_view text, std::string where,
                                          const JsonRules& rules = {});
  StrictObject(StrictObject&&) noexcept;
  StrictObject& operator=(StrictObject&&) noexcept;
  ~StrictObject();

  /// Is the field there, and not taken yet? For those that a format does not always have.
  [[nodiscard]] bool has(const char* field) const;
  /// Likewise, and no null, which is taken: for formats whose writers spell absence so.
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
  /// The object in `field`, of strings alone, under whatever names.
  [[nodiscard]] std::map<std::string, std::string> texts(const char* field);
  /// The object in `field`; its own finish() is to be asked too.
  [[nodiscard]] StrictObject object(const char* field);
  /// Likewise; nullopt for null.
  [[nodiscard]] std::optional<StrictObject> object_or_null(const char* field);
  /// The objects of the array in `field`, each with its own finish().
  [[nodiscard]] std::vector<StrictObject> objects(const char* field);
  /// For formats that others extend: the fields not taken yet are left alone, but for those that a
  /// reader who does not look at case (Go's) would take for one of `known`.
  void ignore_others(std::initializer_list<const char*> known);
  /// Makes the object wrong for a reason the caller found.
  void reject(std::string why);
  /// Where this object stands, as errors name it.
  [[nodiscard]] const std::string& where() const noexcept;

  [[nodiscard]] Status finish() const;

 private:
  struct State;
  explicit StrictObject(State state);
  std::uint64_t unsigned_number(const char* field, std::uint64_t max);

  std::unique_ptr<State> state_;
};

}  // namespace sifguard
