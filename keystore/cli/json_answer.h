// What one run of sifctl answers under --json: one object. Pure.
//
// It begins with "schema", the kind of the object and the version of its form. Within a version
// members may be added; if one is removed or its meaning changes, the version changes. The answer
// to a command that makes changes continues with "changed" (whether it changed anything or, with
// --dry-run, would) and "dry_run". If it takes a right away it also has "past_launches", those that
// would be refused (consequences.h), and, if that is dated, "clock_doubt", why its date is not the
// clock's (clock_option.h). A list is in "items". A member without a value is null, never left out.
// packaging/schemas has the form of each kind. No other code writes "schema".
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// For a command that makes changes.
struct ChangeNote {
  bool changed = false;
  bool dry_run = false;
};

class JsonAnswer {
 public:
  JsonAnswer();
  JsonAnswer(const JsonAnswer&) = delete;
  JsonAnswer& operator=(const JsonAnswer&) = delete;
  ~JsonAnswer();

  /// `kind`: lower-case words with hyphens. `value`: an object's members, or an array, which is the
  /// list. The last call counts.
  void set(std::string_view kind, nlohmann::ordered_json value);
  /// Adds what would otherwise be the whole standard output, such as a PEM file: as "content", or
  /// in base64 as "content_base64" if it is not text.
  void add_content(std::string_view content);

  /// "past_launches", null until they are known.
  void set_past_launches(nlohmann::ordered_json value);

  /// "clock_doubt", null for "".
  void set_clock_doubt(std::string_view doubt);

  /// The object, indented and in ASCII only, so that it cannot contain control sequences of a
  /// terminal. If a command set nothing, the kind is "done".
  [[nodiscard]] std::string text(const std::optional<ChangeNote>& change) const;

 private:
  std::string kind_;
  std::unique_ptr<nlohmann::ordered_json> value_, past_launches_;
  std::optional<std::string> clock_doubt_, content_;
};

/// The object instead of an answer: "sifguard.error/1" with status, kind, message, remedy, and
/// whether the change was made nevertheless (base/in_place.h).
[[nodiscard]] std::string json_error(const Error& error);

}  // namespace sifguard
