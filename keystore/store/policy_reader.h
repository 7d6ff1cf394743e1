// The policy of a keystore, read as far as it is needed. Root on nodes; the owner of the keystore
// in `sifctl`.
//
// A large images.yaml has an index beside it, images.index (keystore/policy/images_index.h), keyed
// by the digest of images.yaml and read with the same checks. The first process that reads an
// images.yaml without an index makes one, if it may write there. Without an index everything works,
// but more slowly.
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

  /// The bindings that must allow an image of these names (concerns()); perhaps more, which
  /// decide() ignores.
  [[nodiscard]] Result<Policy> bindings_for(const ImageNames& names) const;
  [[nodiscard]] Result<Policy> all() const;

 private:
  PolicyReader() = default;
  std::string text_;
  ImagesDigest digest_{};
  std::string index_;            ///< empty if there is none for this file
  std::optional<Policy> whole_;  ///< the parsed file, if there was no index
};

}  // namespace sifguard
