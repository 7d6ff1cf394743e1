// From what gpg reports about one signature to a verdict. Pure but for GPGME's data structures.
#include "keystore/crypto/openpgp_verdict.h"

#include "keystore/base/contains.h"
#include "keystore/crypto/gpgme_handles.h"
#include "keystore/crypto/rsa_bits.h"

namespace sifguard {
namespace {

constexpr unsigned int kMinCurveBits = 255;

const _gpgme_subkey* find_subkey(const _gpgme_key& key, std::string_view signer) {
  for (const _gpgme_subkey* subkey = key.subkeys; subkey != nullptr; subkey = subkey->next) {
    // gpg names a bad signature's key by its 64-bit id only, a good one's by fingerprint.
    if (signer.size() >= 16 && text_or_empty(subkey->fpr).ends_with(signer)) return subkey;
  }
  return nullptr;
}

bool is_weak(const _gpgme_subkey& subkey, const std::vector<std::string>& weak) {
  if (contains(weak, text_or_empty(subkey.fpr))) return true;
  switch (subkey.pubkey_algo) {
    case GPGME_PK_RSA:
    case GPGME_PK_RSA_S:
      return subkey.length < unsigned{kMinRsaBits};
    case GPGME_PK_EDDSA:
    case GPGME_PK_ECDSA:
      return subkey.length < kMinCurveBits;
    default:
      return true;  // DSA and anything unheard of
  }
}

std::int64_t earliest(std::int64_t a, std::int64_t b) {
  if (a <= 0) return b > 0 ? b : 0;
  return b > 0 && b < a ? b : a;
}

PgpStatus from_gpg(gpgme_error_t status) {
  switch (gpgme_err_code(status)) {
    case GPG_ERR_NO_ERROR:
      return PgpStatus::good;
    case GPG_ERR_BAD_SIGNATURE:
      return PgpStatus::bad;
    case GPG_ERR_NO_PUBKEY:
      return PgpStatus::unknown_key;
    case GPG_ERR_KEY_EXPIRED:
      return PgpStatus::key_expired;
    case GPG_ERR_SIG_EXPIRED:
      return PgpStatus::signature_expired;
    case GPG_ERR_CERT_REVOKED:
      return PgpStatus::key_revoked;
    case GPG_ERR_DIGEST_ALGO:  // gpg does not even try MD5
      return PgpStatus::weak_hash;
    default:
      return PgpStatus::error;
  }
}

/// What gpg said, made stricter by what the keyring says of the key now.
PgpStatus strictest(PgpStatus said, const _gpgme_key& key, const _gpgme_subkey& subkey,
                    const SignaturePacket& packet, std::int64_t made,
                    const std::vector<std::string>& weak) {
  if (said == PgpStatus::bad || said == PgpStatus::unknown_key || said == PgpStatus::error) {
    return said;
  }
  if (key.revoked || subkey.revoked || said == PgpStatus::key_revoked) {
    return key.revoked || &subkey == key.subkeys ? PgpStatus::key_revoked
                                                 : PgpStatus::subkey_revoked;
  }
  if (said == PgpStatus::weak_hash || !is_strong_openpgp_hash(packet.hash_algorithm) ||
      is_weak(subkey, weak) || is_weak(*key.subkeys, weak)) {
    return PgpStatus::weak_hash;
  }
  if (key.expired || subkey.expired || said == PgpStatus::key_expired) {
    return key.expired || &subkey == key.subkeys ? PgpStatus::key_expired
                                                 : PgpStatus::subkey_expired;
  }
  // gpg is told to leave this to us: it would say nothing but that it cannot check.
  // Some releases of GPGME count in unsigned numbers.
  const auto made_on = [](const _gpgme_subkey& one) {
    return static_cast<std::int64_t>(one.timestamp);
  };
  if (made < made_on(subkey) || made < made_on(*key.subkeys)) return PgpStatus::before_its_key;
  if (key.invalid || key.disabled || subkey.invalid || subkey.disabled || !subkey.can_sign) {
    return PgpStatus::bad;
  }
  return said;
}

/// Of what has expired; of a signature that has not: of what expires first.
std::int64_t expiry(PgpStatus status, const _gpgme_subkey& primary, const _gpgme_subkey& subkey,
                    const _gpgme_signature& signature) {
  if (status == PgpStatus::key_expired) return primary.expires;
  if (status == PgpStatus::subkey_expired) return subkey.expires;
  const auto own = static_cast<std::int64_t>(signature.exp_timestamp);
  if (status == PgpStatus::signature_expired) return own;
  return earliest(earliest(primary.expires, subkey.expires), own);
}

}  // namespace

PgpVerdict reach_verdict(const _gpgme_signature& signature, const _gpgme_key* key,
                         const SignaturePacket& packet, const std::vector<std::string>& weak) {
  PgpVerdict verdict;
  verdict.hash = openpgp_hash_name(packet.hash_algorithm);
  verdict.made = static_cast<std::int64_t>(signature.timestamp);
  verdict.status = from_gpg(signature.status);
  const std::string_view named = text_or_empty(signature.fpr);
  const _gpgme_subkey* const subkey = key != nullptr ? find_subkey(*key, named) : nullptr;
  if (subkey == nullptr) {
    // Whatever gpg made of it, no key given here is known to have made it.
    verdict.status = PgpStatus::unknown_key;
    return verdict;
  }
  verdict.primary = text_or_empty(key->subkeys->fpr);
  verdict.signer = text_or_empty(subkey->fpr);
  verdict.status = strictest(verdict.status, *key, *subkey, packet, verdict.made, weak);
  verdict.expires = expiry(verdict.status, *key->subkeys, *subkey, signature);
  return verdict;
}

}  // namespace sifguard
