// The status lines of gpg while GPGME ran it: whether it ended with a judgement. Pure.
//
// GPGME reports neither how gpg ended nor that it ended early: a gpg that was killed, or that
// lacked memory, has said nothing about the signature, but GPGME then reports "no signature" or "no
// such key". Source of the keywords: GnuPG's doc/DETAILS, "Format of the --status-fd output".
#pragma once

#include <string_view>

namespace sifguard {

class GpgWords {
 public:
  /// One status line without "[GNUPG:] ".
  void add(std::string_view keyword, std::string_view arguments);

  /// Whether gpg judged a signature, or said that there is none.
  [[nodiscard]] bool judged() const noexcept { return judged_; }
  /// Whether gpg had the key of the signature.
  [[nodiscard]] bool had_key() const noexcept { return had_key_; }
  /// Whether gpg reported how many keys it read, or that there are none.
  [[nodiscard]] bool counted_keys() const noexcept { return counted_keys_; }
  /// Whether gpg lacked memory, descriptors or space.
  [[nodiscard]] bool lacked() const noexcept { return lacked_; }

 private:
  bool judged_ = false, had_key_ = false, counted_keys_ = false, lacked_ = false;
};

}  // namespace sifguard
