// Releases an image's own key to the server of its mounted root. Root. No process of the job's uid
// ever has it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "helper/release/key_grant.h"
#include "keystore/store/stored_key.h"

namespace sifguard {

/// What opens an image's file system: its password, from the CryptoMessage, or the content key that
/// a server has derived from it, which needs no further derivation. Only the functions below make
/// one.
class VolumeKey {
 public:
  [[nodiscard]] const SecretBytes& bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool is_content_key() const noexcept { return is_content_key_; }

 private:
  VolumeKey(SecretBytes bytes, bool is_content_key)
      : bytes_(std::move(bytes)), is_content_key_(is_content_key) {}
  friend Result<VolumeKey> release_volume_key(const KeyGrant&, const StoredPrivateKey&,
                                              std::string_view, const std::string&);
  friend Result<VolumeKey> release_content_key(const KeyGrant&, const StoredPrivateKey&,
                                               std::span<const std::byte>, const std::string&);
  SecretBytes bytes_;
  bool is_content_key_;
};

/// `message`: the image's own CryptoMessage (PEM), not a rekeyed one; `digest`: of the image, in
/// hexadecimal. Errors: Code::refused when the image is not encrypted for this key, Code::denied
/// for a key of another image.
[[nodiscard]] Result<VolumeKey> release_volume_key(const KeyGrant& grant,
                                                   const StoredPrivateKey& stored,
                                                   std::string_view message,
                                                   const std::string& digest);

/// Seals a content key, to be stored beside the staged copy. To open it, the long-term key and a
/// grant are needed. It cannot be moved to another image or be used as the sealed key of a job.
[[nodiscard]] Result<std::vector<std::byte>> seal_content_key(const KeyGrant& grant,
                                                              const StoredPrivateKey& stored,
                                                              const SecretBytes& content_key,
                                                              const std::string& digest);
/// Errors: Code::refused for anything that does not open, Code::denied as above.
[[nodiscard]] Result<VolumeKey> release_content_key(const KeyGrant& grant,
                                                    const StoredPrivateKey& stored,
                                                    std::span<const std::byte> sealed,
                                                    const std::string& digest);

}  // namespace sifguard
