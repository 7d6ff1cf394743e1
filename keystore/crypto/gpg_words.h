// What gpg itself said while GPGME ran it: whether it came to an end with a judgement. Pure.
//
// GPGME tells neither how gpg ended nor that it ended early: a gpg that was killed, or that found
// no memory, has said nothing of the signature, and GPGME makes "no signature" or "no such key" of
// that. Source of the words: GnuPG's doc/DETAILS, "Format of the --status-fd output".
#pragma once

#include <string_view>

namespace sifguard {

class GpgWords {
 public:
  /// One status line without "[GNUPG:] ".
  void add(std::string_view keyword, std::string_view arguments);

  /// It judged a signature, or said that there is none.
  [[nodiscard]] bool judged() const noexcept { return judged_; }
  /// It had the key of the signature.
  [[nodiscard]] bool had_key() const noexcept { return had_key_; }
  /// It told how many keys it took, or that there are none.
  [[nodiscard]] bool counted_keys() const noexcept { return counted_keys_; }
  /// It lacked memory, descriptors or space for something.
  [[nodiscard]] bool lacked() const noexcept { return lacked_; }

 private:
  bool judged_ = false, had_key_ = false, counted_keys_ = false, lacked_ = false;
};

}  // namespace sifguard
