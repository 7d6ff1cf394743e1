// The steps that `sifctl setup` tries on Slurm at its end: whose they are, and where. Pure.
#include "keystore/cli/setup_trial.h"

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {

std::vector<std::string> trial_options(const Audience& allow, const std::string& node) {
  // So that it waits neither for a busy cluster nor for ever.
  std::vector<std::string> words = {"--nodes=1", "--ntasks=1",     "--job-name=sifguard-setup",
                                    "--chdir=/", "--immediate=60", "--time=10"};
  const auto add = [&](const char* option, const std::optional<std::vector<std::string>>& names) {
    if (names) words.push_back(option + names->front());
  };
  add("--partition=", allow.partitions);
  add("--account=", allow.accounts);
  add("--qos=", allow.qos);
  add("--reservation=", allow.reservations);
  if (allow.nodes) {
    const bool here = contains(*allow.nodes, node);
    words.push_back("--nodelist=" + (here ? node : allow.nodes->front()));
  } else if (!node.empty()) {
    words.push_back("--nodelist=" + node);
  }
  return words;
}

std::optional<std::string> trial_user(const Audience& allow, const std::string& given) {
  if (!given.empty()) return given;
  if (allow.users && allow.users->front() != kAnyUser) return allow.users->front();
  if (allow.groups) return std::nullopt;
  return std::string();
}

std::string node_named(const std::string& answer, const std::string& host) {
  const std::string name = host.substr(0, host.find('.'));
  for (const std::string& node : split(answer, '\n')) {
    if (!name.empty() && (node == name || node == host)) return node;
  }
  return {};
}

}  // namespace sifguard
