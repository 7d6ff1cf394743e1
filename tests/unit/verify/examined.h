// Facts as if they had been examined, and certified, for tests of what follows. Tests only.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "helper/verify/certified_facts.h"

namespace sifguard::test {

/// By the cache's way: there is no other.
inline ExaminedFacts examined(const ImageFacts& facts) {
  auto made = facts_from_json(facts_to_json(facts));
  if (!made) throw std::runtime_error(made.error().line());
  return *std::move(made);
}

inline CertifiedFacts certified(const ImageFacts& facts, const std::string& digest = {},
                                const Standing& standing = {{}, {}, {}}) {
  auto made = certify(examined(facts), digest, standing);
  if (!made) throw std::runtime_error(made.error().line());
  return *std::move(made);
}

}  // namespace sifguard::test
