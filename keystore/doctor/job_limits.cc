// What on this host depends on a job's account, partition, QOS or reservation. Pure.
#include "keystore/doctor/job_limits.h"

#include <vector>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

bool asks_of_job(const Audience& audience) {
  return audience.accounts || audience.partitions || audience.qos || audience.reservations;
}

}  // namespace

std::string limited_by_job(const Config& config, const Policy& policy) {
  std::vector<std::string> all;
  if (config.enforce == Enforce::partitions) all.emplace_back("'enforce'");
  for (const Binding& binding : policy.bindings) {
    if (asks_of_job(binding.allow) || (binding.deny && asks_of_job(*binding.deny))) {
      all.push_back("binding '" + printable(binding.name, 100) + "'");
    }
  }
  if (all.size() < 2) return all.empty() ? "" : all.front();
  return all.front() + ", and " + std::to_string(all.size() - 1) + " more,";
}

}  // namespace sifguard
