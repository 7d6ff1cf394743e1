// What one run of sifctl answers under --json: one object. Pure.
//
// It begins with "schema", the kind of the object and the version of its form. Within a version
// members may be added; one that goes, or whose meaning changes, makes another. The answer to a
// command that changes something goes on with "changed", whether it did (with --dry-run: whether it
// would), and "dry_run"; where it takes something away, with "past_launches", those that would be
// refused (consequences.h), and where that is dated with "clock_doubt", why not by the clock
// (clock_option.h). A list is in "items". A member without a value is null, never left out.
// packaging/schemas has the form of each kind. There is no other place that writes a schema.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Of a command that changes something.
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
  /// list. The last one counts.
  void set(std::string_view kind, nlohmann::ordered_json value);
  /// What would have gone to the standard output by itself, a PEM file, say: "content", or in
  /// base64 "content_base64" when it is no text.
  void add_content(std::string_view content);

  /// "past_launches", null until they are known.
  void set_past_launches(nlohmann::ordered_json value);

  /// "clock_doubt", null for "".
  void set_clock_doubt(std::string_view doubt);

  /// Indented, ASCII only, so that nothing in it can steer a terminal. Of a command that said
  /// nothing the kind is "done".
  [[nodiscard]] std::string text(const std::optional<ChangeNote>& change) const;

 private:
  std::string kind_;
  std::unique_ptr<nlohmann::ordered_json> value_, past_launches_;
  std::optional<std::string> clock_doubt_, content_;
};

/// Instead of the answer: "sifguard.error/1" with status, kind, message, remedy, and whether the
/// change was made all the same (base/in_place.h).
[[nodiscard]] std::string json_error(const Error& error);

}  // namespace sifguard
