// Releasing a key: rekeying a fresh copy, or unsealing the transient key of a cached one. Root.
//
// The long-term key unwraps the image's volume key. The volume key is wrapped under a transient RSA
// key that is made for this copy alone, and the copy's message is replaced in place. The job only
// ever sees the transient key, which opens only this copy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "helper/release/key_grant.h"
#include "helper/stage/cache.h"
#include "keystore/store/stored_key.h"

namespace sifguard {

/// What the job may have: a transient key, or nothing for an image that is not encrypted.
/// Only the functions below make one.
class ReleasedKey {
 public:
  /// PKCS#1 PEM, the form that the runtimes read; null when the image is not encrypted.
  [[nodiscard]] const SecretBytes* pem() const noexcept { return pem_ ? &*pem_ : nullptr; }

 private:
  explicit ReleasedKey(std::optional<SecretBytes> pem) : pem_(std::move(pem)) {}
  friend ReleasedKey release_nothing(const Admission&);
  friend Result<struct Rekeyed> rekey(const KeyGrant&, const StoredPrivateKey&, const PrivateCopy&,
                                      const CryptoMessageFact&, const std::string&);
  friend Result<ReleasedKey> release_sealed(const KeyGrant&, const StoredPrivateKey&,
                                            const EntryRecord&);
  friend Result<ReleasedKey> release_published(const KeyGrant&, const RsaPrivateKey&, int,
                                               const ImageFacts&, const std::string&);
  std::optional<SecretBytes> pem_;
};

/// For an image that is not encrypted.
[[nodiscard]] ReleasedKey release_nothing(const Admission& admission);

struct Rekeyed {
  ReleasedKey key;
  std::vector<std::byte> sealed_key;
  std::string pristine_message;
};

/// Changes the copy, which nobody has seen yet. `digest` is the copy's, in hexadecimal. Errors:
/// Code::refused when the image is not encrypted for this key.
[[nodiscard]] Result<Rekeyed> rekey(const KeyGrant& grant, const StoredPrivateKey& stored,
                                    const PrivateCopy& copy, const CryptoMessageFact& message,
                                    const std::string& digest);

/// For an image that runs in place: releases the key that was made for it alone. Errors:
/// Code::denied when the key is not this image's own; Code::refused when the image is not encrypted
/// for it.
[[nodiscard]] Result<ReleasedKey> release_published(const KeyGrant& grant, const RsaPrivateKey& own,
                                                    int image_fd, const ImageFacts& facts,
                                                    const std::string& digest);

/// Only checks whether the granted key opens the image, for explanations. Errors: those of the
/// release in a launch, which is release_published() if `in_place`, else rekey() or
/// release_volume_key().
Status check_opens(const KeyGrant& grant, const RsaPrivateKey& long_term, int image_fd,
                   const ImageFacts& facts, const std::string& digest, bool in_place);

struct Rewrapped {
  RsaPrivateKey key;    ///< made for this image alone
  std::string message;  ///< for this key, with the length of the old message
};

/// For an image that is being published: wraps its volume key under a key of its own. `image_size`
/// bounds the old message. Errors: Code::refused when the image is not encrypted for the granted
/// key.
[[nodiscard]] Result<Rewrapped> rewrap(const KeyGrant& grant, const RsaPrivateKey& long_term,
                                       int image_fd, std::uint64_t image_size,
                                       const CryptoMessageFact& message);

/// For an image staged before; the entry must have been made under the granted key.
[[nodiscard]] Result<ReleasedKey> release_sealed(const KeyGrant& grant,
                                                 const StoredPrivateKey& stored,
                                                 const EntryRecord& entry);

}  // namespace sifguard
