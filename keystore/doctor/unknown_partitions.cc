// Partitions that are to enforce images and that Slurm does not have. Pure.
#include "keystore/doctor/unknown_partitions.h"

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {

std::vector<std::string> unknown_partitions(std::string_view answer,
                                            const std::vector<std::string>& enforced) {
  std::vector<std::string> known = split(answer, '\n');
  for (std::string& line : known) line.resize(line.find_last_not_of(" \t\r") + 1);
  std::vector<std::string> unknown;
  for (const std::string& name : enforced) {
    if (!contains(known, name)) unknown.push_back(name);
  }
  return unknown;
}

}  // namespace sifguard
