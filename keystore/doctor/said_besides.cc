// What else, besides sifguard.yaml, says that this host enforces images. The caller's rights.
#include "keystore/doctor/said_besides.h"

#include <unistd.h>

#include "keystore/base/contains.h"
#include "keystore/doctor/installed.h"
#include "sifguard/paths.h"

namespace sifguard {

std::string state_directory(const ExaminePlan& plan) {
  const auto line = plugin_line(plan);
  std::string named = line ? line->argument("state") : std::string();
  return named.empty() ? SIFGUARD_STATE_DIR : named;
}

enforcement_record::Memory remembered(const ExaminePlan& plan, enforcement_record::Record& record) {
  const auto memory = enforcement_record::recall(state_directory(plan).c_str(), record);
  // What others than root cannot look at is not damaged.
  return ::geteuid() == 0 ? memory : enforcement_record::Memory::none;
}

Insistence said_besides(const ExaminePlan& plan) {
  Insistence insistence;
  if (const auto line = plugin_line(plan)) {
    const auto& all = line->arguments;
    insistence.argument = contains(all, kEnforceArgument);
  }
  enforcement_record::Record record;
  insistence.remembered = enforcement_record::insists(remembered(plan, record), record);
  return insistence;
}

}  // namespace sifguard
