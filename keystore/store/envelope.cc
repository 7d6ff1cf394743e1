// The file private.key: a private key, encrypted under the store key. Pure but for the random
// nonce.
#include "keystore/store/envelope.h"

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/aead.h"
#include "keystore/crypto/digest.h"

namespace sifguard {
namespace {

constexpr std::string_view kEnvelopeMagic = "SGPRIV1\n";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kHead = 8 + kIdBytes;
constexpr std::string_view kIdLabel = "sifguard store key\n";

std::vector<std::byte> joined(std::span<const std::byte> head, std::string_view meta) {
  std::vector<std::byte> all(head.begin(), head.end());
  const auto text = as_bytes(meta);
  all.insert(all.end(), text.begin(), text.end());
  return all;
}

}  // namespace

Result<std::string> store_key_id(const SecretBytes& secret) {
  Sha256 hash;
  hash.update(as_bytes(kIdLabel));
  hash.update(secret.bytes());
  SG_TRY(const Sha256Digest digest, hash.finish());
  return to_hex(std::span(digest).first(kIdBytes));
}

Result<std::vector<std::byte>> seal_envelope(const StoreKey& key, const SecretBytes& plain,
                                             std::string_view meta) {
  const auto id = from_hex(key.id);
  if (!id || id->size() != kIdBytes) return fail(Code::internal, "bad id of a store key");
  const auto magic = as_bytes(kEnvelopeMagic);
  std::vector<std::byte> envelope(magic.begin(), magic.end());
  envelope.insert(envelope.end(), id->begin(), id->end());
  SG_TRY(const auto sealed, aead_seal(key.secret, plain, joined(envelope, meta)));
  envelope.insert(envelope.end(), sealed.begin(), sealed.end());
  return envelope;
}

Result<std::string> envelope_key_id(std::span<const std::byte> envelope) {
  const bool good = envelope.size() >= kHead + kAeadNonceBytes + kAeadTagBytes &&
                    as_text(envelope).starts_with(kEnvelopeMagic);
  if (!good) return fail(Code::refused, "not an encrypted private key, or it is truncated");
  return to_hex(envelope.subspan(kEnvelopeMagic.size(), kIdBytes));
}

Result<SecretBytes> open_envelope(const StoreKey& key, std::span<const std::byte> envelope,
                                  std::string_view meta) {
  SG_TRY(const std::string id, envelope_key_id(envelope));
  if (id != key.id) return fail(Code::refused, "encrypted under another store key, " + id);
  auto opened = aead_open(key.secret, envelope.subspan(kHead), joined(envelope.first(kHead), meta));
  if (opened || opened.error().code() != Code::refused) return opened;
  return fail(Code::refused, "it does not belong to the meta.json beside it, or is damaged",
              "somebody edited or exchanged a file: restore both from a backup");
}

}  // namespace sifguard
