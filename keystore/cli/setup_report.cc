// The steps of `sifctl setup`, each reported when it is over. Any rights.
#include "keystore/cli/setup_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "keystore/base/json_values.h"

namespace sifguard {
namespace {

std::string_view shown_state(StepState state, bool dry_run) {
  if (state == StepState::done && dry_run) return "would be done";
  if (state == StepState::there) return "already there";
  if (state == StepState::skipped) return "left out";
  return step_state_name(state);
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, text.size()), ' ');
}

}  // namespace

std::string_view step_state_name(StepState state) noexcept {
  switch (state) {
    case StepState::done:
      return "done";
    case StepState::there:
      return "there";
    case StepState::works:
      return "works";
    case StepState::missing:
      return "missing";
    case StepState::skipped:
      return "skipped";
    case StepState::failed:
      break;
  }
  return "failed";
}

StepState SetupReport::add(std::string_view name, const Result<SetupStep>& step) {
  const SetupStep told =
      step ? *step : SetupStep{StepState::failed, step.error().what(), step.error().remedy()};
  if (!step && !error_) error_ = step.error();
  const std::string text = told.what + (told.remedy.empty() ? "" : "; " + told.remedy);
  // One by one, as they are over: so each has the width of all.
  session_.print_fields(
      {{padded(name, 12) + padded(shown_state(told.state, session_.dry_run), 13), text}});
  steps_.push_back({std::string(name), told});
  return told.state;
}

bool SetupReport::changes() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(),
                     [](const Named& one) { return one.step.state == StepState::done; });
}

bool SetupReport::complete() const noexcept {
  return std::all_of(steps_.begin(), steps_.end(), [](const Named& one) {
    return one.step.state != StepState::missing && one.step.state != StepState::failed;
  });
}

nlohmann::ordered_json SetupReport::to_json() const {
  auto list = nlohmann::ordered_json::array();
  for (const auto& [name, step] : steps_) {
    list.push_back({{"step", name},
                    {"state", step_state_name(step.state)},
                    {"what", step.what},
                    {"remedy", text_or_null(step.remedy)}});
  }
  return list;
}

}  // namespace sifguard
