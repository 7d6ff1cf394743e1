// Which keys and signature algorithms of certification authorities count. Any privilege.
#include "keystore/x509/strength.h"

#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "keystore/crypto/openssl.h"
#include "keystore/x509/handles.h"

namespace sifguard {
namespace {

bool is_strong_hash(int nid) noexcept {
  return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

/// RFC 8017 A.2.3: an absent hash is SHA-1.
bool is_strong_pss(const X509_ALGOR* algorithm) noexcept {
  const void* parameters = nullptr;
  int type = 0;
  X509_ALGOR_get0(nullptr, &type, &parameters, algorithm);
  if (type != V_ASN1_SEQUENCE) return false;
  const Owned<RSA_PSS_PARAMS, RSA_PSS_PARAMS_free> pss(
      static_cast<RSA_PSS_PARAMS*>(ASN1_item_unpack(static_cast<const ASN1_STRING*>(parameters),
                                                    ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
  if (!pss || pss->hashAlgorithm == nullptr) return false;
  const ASN1_OBJECT* hash = nullptr;
  X509_ALGOR_get0(&hash, nullptr, nullptr, pss->hashAlgorithm);
  return is_strong_hash(OBJ_obj2nid(hash));
}

}  // namespace

bool is_strong_signature(const X509_ALGOR* algorithm) noexcept {
  if (algorithm == nullptr) return false;
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int nid = OBJ_obj2nid(object);
  if (nid == NID_ED25519 || nid == NID_ED448) return true;
  if (nid == NID_rsassaPss) return is_strong_pss(algorithm);
  int hash = NID_undef;
  int key = NID_undef;
  if (OBJ_find_sigid_algs(nid, &hash, &key) != 1) return false;
  return is_strong_hash(hash) && (key == NID_rsaEncryption || key == NID_X9_62_id_ecPublicKey);
}

bool is_strong_key(const EVP_PKEY* key) noexcept {
  constexpr std::array kTypes = {"RSA", "RSA-PSS", "EC", "ED25519", "ED448"};
  return key != nullptr && EVP_PKEY_get_security_bits(key) >= kSecurityBits &&
         !has_small_exponent(key) &&
         std::any_of(kTypes.begin(), kTypes.end(),
                     [&](const char* type) { return EVP_PKEY_is_a(key, type) == 1; });
}

}  // namespace sifguard
