// The inside of a PFX file whose MAC is good: its bags of keys and certificates. Any privilege.
//
// PKCS12_parse() is not used: it returns the first key and the first certificate that matches it
// and ignores the others.
#include "keystore/crypto/pfx_bags.h"

#include <openssl/err.h>

#include <vector>

#include "keystore/crypto/certificate.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/pbe_cost.h"

namespace sifguard {
namespace {

constexpr int kMaxDepth = 4;  // of bags in bags; tools nest none
constexpr std::size_t kMaxBags = 128;

void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
void free_safes(STACK_OF(PKCS7) * safes) {
  sk_PKCS7_pop_free(safes, PKCS7_free);
}
using Bags = Owned<STACK_OF(PKCS12_SAFEBAG), free_bags>;
using Safes = Owned<STACK_OF(PKCS7), free_safes>;
using KeyInfo = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

struct Opener {
  const char* password;
  OSSL_LIB_CTX* library;
  std::size_t bags = 0;
  std::vector<Pkey> keys = {};
  std::vector<Certificate> certificates = {};

  Status open_all(const STACK_OF(PKCS12_SAFEBAG) * all, int depth);
  Status open(const PKCS12_SAFEBAG* bag, int depth);
  Status take_key(const PKCS8_PRIV_KEY_INFO* info);
};

tl::unexpected<Error> not_opened() {
  if (openssl_lacks_algorithm()) {
    return fail_openssl(Code::refused, "the PFX file uses a cipher that this OpenSSL lacks",
                        "export it again with openssl pkcs12 -export, or install the legacy "
                        "provider");
  }
  return fail_openssl(Code::refused, "cannot decrypt the content of the PFX file");
}

Status Opener::take_key(const PKCS8_PRIV_KEY_INFO* info) {
  Pkey key(info != nullptr ? EVP_PKCS82PKEY(info) : nullptr);
  if (!key) return fail_openssl(Code::refused, "the private key in the PFX file is malformed");
  keys.push_back(std::move(key));
  return {};
}

Status Opener::open(const PKCS12_SAFEBAG* bag, int depth) {
  switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_keyBag:
      return take_key(PKCS12_SAFEBAG_get0_p8inf(bag));
    case NID_pkcs8ShroudedKeyBag: {
      const X509_ALGOR* algorithm = nullptr;
      const X509_SIG* const sealed = PKCS12_SAFEBAG_get0_pkcs8(bag);
      if (sealed == nullptr) return not_opened();
      X509_SIG_get0(sealed, &algorithm, nullptr);
      SG_CHECK(check_pbe_cost(algorithm));
      const KeyInfo info(PKCS12_decrypt_skey_ex(bag, password, -1, library, nullptr));
      if (!info) return not_opened();
      return take_key(info.get());
    }
    case NID_certBag: {
      if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) return {};
      Certificate certificate(PKCS12_SAFEBAG_get1_cert(bag));
      if (!certificate) {
        return fail_openssl(Code::refused, "a certificate in the PFX file is malformed");
      }
      certificates.push_back(std::move(certificate));
      return {};
    }
    case NID_safeContentsBag:
      return open_all(PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
    default:
      return {};  // CRLs and secrets are of no use here
  }
}

Status Opener::open_all(const STACK_OF(PKCS12_SAFEBAG) * all, int depth) {
  if (depth > kMaxDepth) return fail(Code::refused, "the PFX file is nested too deeply");
  for (int i = 0; i < sk_PKCS12_SAFEBAG_num(all); ++i) {
    if (++bags > kMaxBags) return fail(Code::refused, "the PFX file holds too many items");
    SG_CHECK(open(sk_PKCS12_SAFEBAG_value(all, i), depth));
  }
  return {};
}

Result<Bags> unpack(PKCS7* safe, const char* password) {
  ERR_clear_error();
  Bags bags;
  if (PKCS7_type_is_data(safe)) {
    bags.reset(PKCS12_unpack_p7data(safe));
  } else if (PKCS7_type_is_encrypted(safe)) {
    const PKCS7_ENCRYPT* const sealed = safe->d.encrypted;
    if (sealed == nullptr || sealed->enc_data == nullptr) return not_opened();
    SG_CHECK(check_pbe_cost(sealed->enc_data->algorithm));
    bags.reset(PKCS12_unpack_p7encdata(safe, password, -1));
  } else {
    return fail(Code::refused, "the PFX file is sealed with a public key, not with a password");
  }
  if (!bags) return not_opened();
  return bags;
}

Result<Pfx> choose(Opener opened) {
  if (opened.keys.empty()) return fail(Code::refused, "the PFX file holds no private key");
  if (opened.keys.size() > 1) {
    return fail(Code::refused,
                "the PFX file holds " + std::to_string(opened.keys.size()) + " private keys",
                "export each into a file of its own");
  }
  SG_TRY(RsaPrivateKey key, RsaPrivateKey::from_pkey(std::move(opened.keys.front())));
  if (opened.certificates.empty()) return Pfx{std::move(key), nullptr};
  for (auto& certificate : opened.certificates) {
    if (certificate_fits(*certificate, key.pkey())) {
      return Pfx{std::move(key), std::move(certificate)};
    }
  }
  return fail(Code::refused, "the certificate in the PFX file is not of its private key");
}

}  // namespace

Result<Pfx> open_bags(const PKCS12* pfx, const char* password, OSSL_LIB_CTX* library) {
  const Safes safes(PKCS12_unpack_authsafes(pfx));
  if (!safes) return fail_openssl(Code::refused, "the PFX file's content is malformed");
  Opener opener{password, library};
  for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
    SG_TRY(const Bags bags, unpack(sk_PKCS7_value(safes.get(), i), password));
    SG_CHECK(opener.open_all(bags.get(), 0));
  }
  return choose(std::move(opener));
}

}  // namespace sifguard
