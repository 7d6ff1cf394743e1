// The steps of `sifctl setup`, each reported when it is over. Any rights.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/cli/session.h"

namespace sifguard {

enum class StepState {
  done,     ///< with --dry-run: would be
  there,    ///< found done already
  works,    ///< tried with success; changes nothing
  missing,  ///< something that it needs does not exist, or is not given
  skipped,  ///< the admin left it out, or there is nothing to do yet
  failed
};
[[nodiscard]] std::string_view step_state_name(StepState state) noexcept;

struct SetupStep {
  StepState state = StepState::done;
  std::string what;         ///< one sentence, or a name
  std::string remedy = {};  ///< of what is missing or failed, or what to do next
};

class SetupReport {
 public:
  explicit SetupReport(const Session& session) : session_(session) {}

  /// Prints a line, and returns the step's state: that of a failed one for an error.
  StepState add(std::string_view name, const Result<SetupStep>& step);

  [[nodiscard]] bool changes() const noexcept;   ///< a step did something
  [[nodiscard]] bool complete() const noexcept;  ///< none is missing, none failed
  [[nodiscard]] const std::optional<Error>& first_error() const noexcept { return error_; }
  [[nodiscard]] nlohmann::ordered_json to_json() const;  ///< an array

 private:
  struct Named {
    std::string name;
    SetupStep step;
  };
  const Session& session_;
  std::vector<Named> steps_;
  std::optional<Error> error_;
};

}  // namespace sifguard
