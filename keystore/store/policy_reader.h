// The policy of a keystore, read as far as it is wanted. Root on nodes; the owner of the keystore
// in `sifctl`.
//
// A large images.yaml has an index beside it, images.index (keystore/policy/images_index.h), keyed
// by the digest of images.yaml and read with the same checks. It is made by whoever first reads a
// file that has none, if he may write there; without it everything works, only slower.
#pragma once

#include <string>
#include <vector>

#include "keystore/policy/images_index.h"
#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kImagesIndex = "images.index";
/// Smaller files are parsed faster than an index is read.
inline constexpr std::size_t kWorthAnIndex = 64UL * 1024;

class PolicyReader {
 public:
  /// Reads images.yaml once. Errors: Code::config, also when any binding of it is malformed.
  [[nodiscard]] static Result<PolicyReader> load(const Keystore& keystore);

  /// The bindings that have to hold for an image of these names (concerns()); perhaps more, which
  /// decide() passes over.
  [[nodiscard]] Result<Policy> bindings_for(const ImageNames& names) const;
  [[nodiscard]] Result<Policy> all() const;

 private:
  PolicyReader() = default;
  std::string text_;
  ImagesDigest digest_{};
  std::string index_;            ///< empty if there is none that fits
  std::optional<Policy> whole_;  ///< what was parsed, where there was none
};

}  // namespace sifguard
