// The findings of an examination of a host, collected check by check. Any privilege.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

/// A warning needs attention; a problem refuses launches, or lets the wrong people in.
enum class Severity { warning, problem };
[[nodiscard]] std::string_view severity_name(Severity severity) noexcept;

struct Finding {
  Severity severity = Severity::warning;
  std::string check;   ///< the name of the check (checks.h)
  std::string where;   ///< a path, or what the sentence is about: "key lolcow"
  std::string what;    ///< what is wrong, one sentence
  std::string remedy;  ///< what to do about it; never empty
};

class Findings {
 public:
  /// Findings that are added from now on belong to this check.
  void begin(std::string_view check);
  /// The same sentence about the same object is kept once, for the check that found it first. At
  /// most kMaxOfCheck findings of one check are kept; the last one then says how many more there
  /// are.
  void add(Severity severity, std::string where, std::string what, std::string remedy);
  void warn(std::string where, std::string what, std::string remedy) {
    add(Severity::warning, std::move(where), std::move(what), std::move(remedy));
  }
  void problem(std::string where, std::string what, std::string remedy) {
    add(Severity::problem, std::move(where), std::move(what), std::move(remedy));
  }
  /// Adds an error of a called function; `remedy` is used if the error has none.
  void add(Severity severity, std::string where, const Error& error, std::string remedy);

  [[nodiscard]] const std::vector<Finding>& all() const noexcept { return all_; }
  /// 0: none, 1: warnings alone, 2: a problem.
  [[nodiscard]] int level() const noexcept;

  static constexpr std::size_t kMaxOfCheck = 100;

 private:
  std::string check_;
  std::size_t of_check_ = 0;
  std::vector<Finding> all_;
};

}  // namespace sifguard
