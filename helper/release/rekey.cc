// Releasing a key: rekeying a fresh copy, or unsealing the transient key of a cached one. Root.
#include "helper/release/rekey.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "helper/release/crypto_message.h"
#include "helper/release/granted_key.h"
#include "helper/release/sealed_key.h"

namespace sifguard {
namespace {

// Generation of a larger key takes seconds, and this one protects one image's volume key on one
// node.
constexpr int kTransientBits = 3072;
constexpr std::size_t kOneBlock = kTransientBits / 8 - 66;  // RFC 8017 7.1.1

/// A larger key than the image's own would not fit into the place of the old message, nor would
/// several blocks of a smaller one.
int transient_bits(const RsaPrivateKey& long_term, const SecretBytes& volume_key) {
  return volume_key.size() <= kOneBlock ? std::min(kTransientBits, long_term.bits())
                                        : long_term.bits();
}

Status patch(int fd, std::string_view message, std::uint64_t offset) {
  while (!message.empty()) {
    const ssize_t done = ::pwrite(fd, message.data(), message.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return fail_errno(Code::temporary, "cannot patch the staged image", errno);
    message.remove_prefix(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return {};
}

}  // namespace

ReleasedKey release_nothing(const Admission& admission) {
  (void)admission;  // having one is the condition
  return ReleasedKey(std::nullopt);
}

Result<Rekeyed> rekey(const KeyGrant& grant, const StoredPrivateKey& stored,
                      const PrivateCopy& copy, const CryptoMessageFact& message,
                      const std::string& digest) {
  SG_CHECK(check_own_image(grant.key(), digest));
  SG_CHECK(check_granted(grant, stored));
  SG_TRY(const RsaPrivateKey long_term, stored.open());
  SG_TRY(std::string pristine, read_crypto_message(copy.fd.get(), copy.size, message));
  SG_TRY(const SecretBytes volume_key, open_message(pristine, long_term));
  SG_TRY(const RsaPrivateKey transient,
         RsaPrivateKey::generate(transient_bits(long_term, volume_key)));
  SG_TRY(const RsaPublicKey transient_public, transient.public_key());
  SG_TRY(const std::string patched, wrap_volume_key(volume_key, transient_public, pristine.size()));
  SG_TRY(SecretBytes pem, transient.pkcs1_pem());
  SG_TRY(std::vector<std::byte> sealed, seal(pem, stored, digest));
  SG_CHECK(patch(copy.fd.get(), patched, message.offset));
  return Rekeyed{ReleasedKey(std::move(pem)), std::move(sealed), std::move(pristine)};
}

Status check_opens(const KeyGrant& grant, const RsaPrivateKey& long_term, int image_fd,
                   const ImageFacts& facts, const std::string& digest, bool in_place) {
  // Any other key would open other images too: it must not come near a job.
  if (in_place && grant.key().image.empty()) {
    return fail(Code::denied, "key " + grant.key().name + " was not made for this image alone",
                "publish the image with sifctl image publish");
  }
  SG_CHECK(check_own_image(grant.key(), digest));
  SG_TRY(const RsaPublicKey half, granted_half(grant, long_term));
  if (!facts.message) return fail(Code::refused, "the image is not encrypted");
  SG_TRY(const std::string text, read_crypto_message(image_fd, facts.image_size, *facts.message));
  SG_TRY(const SecretBytes volume_key, open_message(text, long_term));
  return {};
}

Result<ReleasedKey> release_published(const KeyGrant& grant, const RsaPrivateKey& own, int image_fd,
                                      const ImageFacts& facts, const std::string& digest) {
  SG_CHECK(check_opens(grant, own, image_fd, facts, digest, true));
  SG_TRY(SecretBytes pem, own.pkcs1_pem());
  return ReleasedKey(std::move(pem));
}

Result<Rewrapped> rewrap(const KeyGrant& grant, const RsaPrivateKey& long_term, int image_fd,
                         std::uint64_t image_size, const CryptoMessageFact& message) {
  SG_TRY(const RsaPublicKey half, granted_half(grant, long_term));
  SG_TRY(const std::string text, read_crypto_message(image_fd, image_size, message));
  SG_TRY(const SecretBytes volume_key, open_message(text, long_term));
  SG_TRY(RsaPrivateKey own, RsaPrivateKey::generate(transient_bits(long_term, volume_key)));
  SG_TRY(const RsaPublicKey own_half, own.public_key());
  SG_TRY(std::string patched, wrap_volume_key(volume_key, own_half, text.size()));
  return Rewrapped{std::move(own), std::move(patched)};
}

Result<ReleasedKey> release_sealed(const KeyGrant& grant, const StoredPrivateKey& stored,
                                   const EntryRecord& entry) {
  if (entry.key_id != grant.key().id) {
    return fail(Code::internal, "the cached image was staged under another key");
  }
  SG_CHECK(check_granted(grant, stored));
  SG_TRY(SecretBytes pem, unseal(entry.sealed_key, stored, entry.digest));
  return ReleasedKey(std::move(pem));
}

}  // namespace sifguard
