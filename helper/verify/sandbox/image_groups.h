// The object groups of an image, and what the verifier's report says about its structure. Runs in
// the sandboxed verifier.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "helper/sif/image.h"
#include "helper/verify/wire/report.h"

namespace sifguard {

/// A group with at least one object that is not a signature.
struct Group {
  std::uint32_t lowest_id = UINT32_MAX;  ///< where relative ids count from
  /// id → index into Image::objects, legacy signatures included, because relative ids count them.
  std::map<std::uint32_t, std::size_t> objects;
  bool has_signatures = false;  ///< among the objects
};
using Groups = std::map<std::uint32_t, Group>;

/// A group that has only signatures contains nothing to be signed and is left out.
[[nodiscard]] Groups find_groups(const sif::Image& image);

/// Fills in everything but the signatures.
void describe_structure(const sif::Image& image, const Groups& groups, VerifierReport& report);

}  // namespace sifguard
