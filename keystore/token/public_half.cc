// The public half of a key in a PKCS#11 token. Runs in sifguard-token.
#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>

#include "keystore/crypto/openssl.h"
#include "keystore/token/token.h"

namespace sifguard {
namespace {

using Build = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;

Result<Pkey> build_key(const char* type, OSSL_PARAM_BLD* build) {
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(build));
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return fail_openssl(Code::refused, "the token tells a public key that is not usable");
  }
  return Pkey(made);
}

Result<Pkey> rsa_key(std::span<const std::byte> modulus, std::span<const std::byte> exponent) {
  const Owned<BIGNUM, BN_free> n(
      BN_bin2bn(octets(modulus), static_cast<int>(modulus.size()), nullptr));
  const Owned<BIGNUM, BN_free> e(
      BN_bin2bn(octets(exponent), static_cast<int>(exponent.size()), nullptr));
  const Build build(OSSL_PARAM_BLD_new());
  if (!n || !e || !build ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return fail_openssl(Code::internal, "cannot build a public key");
  }
  return build_key("RSA", build.get());
}

/// `curve`: the DER of ECParameters, of which a name is wanted (RFC 5480 2.1.1). `point`: the DER
/// of an OCTET STRING (PKCS#11 2.40 2.3.3).
Result<Pkey> ec_key(std::span<const std::byte> curve, std::span<const std::byte> point) {
  const unsigned char* at = octets(curve);
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> name(
      d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(curve.size())));
  const int nid = name ? OBJ_obj2nid(name.get()) : NID_undef;
  if (nid == NID_undef) {
    return fail_openssl(Code::refused, "the token's key is on a curve that is not known here",
                        "use P-256 or P-384");
  }
  at = octets(point);
  const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> bytes(
      d2i_ASN1_OCTET_STRING(nullptr, &at, static_cast<long>(point.size())));
  const Build build(OSSL_PARAM_BLD_new());
  if (!bytes || !build ||
      OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(nid),
                                      0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(
          build.get(), OSSL_PKEY_PARAM_PUB_KEY, ASN1_STRING_get0_data(bytes.get()),
          static_cast<std::size_t>(ASN1_STRING_length(bytes.get()))) != 1) {
    return fail_openssl(Code::refused, "the token tells the key's point in another form");
  }
  return build_key("EC", build.get());
}

}  // namespace

Result<std::string> Token::rsa_public_pem() const {
  SG_TRY(const auto modulus, attribute(CKA_MODULUS, "modulus"));
  SG_TRY(const auto exponent, attribute(CKA_PUBLIC_EXPONENT, "public exponent"));
  SG_TRY(const Pkey key, rsa_key(modulus, exponent));
  SG_TRY(const RsaPublicKey checked, RsaPublicKey::from_pkey(key.get()));
  return checked.spki_pem();
}

/// The point stands in the public key's object alone, which has the same id.
Result<std::string> Token::ec_public_pem() const {
  SG_TRY(auto id, attribute(CKA_ID, "id"));
  CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
  CK_KEY_TYPE type = CKK_EC;
  SG_TRY(const auto found, find_objects({{CKA_CLASS, &object_class, sizeof object_class},
                                         {CKA_KEY_TYPE, &type, sizeof type},
                                         {CKA_ID, id.data(), static_cast<CK_ULONG>(id.size())}}));
  if (found.size() != 1) {
    return fail(Code::absent,
                found.empty()
                    ? "the token has no public key with the id of the private one"
                    : "the token has more than one public key with the id of the private one",
                "give the two halves of the key an id of their own");
  }
  SG_TRY(const auto curve, attribute(CKA_EC_PARAMS, "curve"));
  SG_TRY(const auto point, attribute_of(found[0], CKA_EC_POINT, "point"));
  SG_TRY(const Pkey key, ec_key(curve, point));
  return sifguard::public_pem(key.get(), "SubjectPublicKeyInfo");
}

Result<std::string> Token::public_pem() const {
  return type_ == CKK_RSA ? rsa_public_pem() : ec_public_pem();
}

}  // namespace sifguard
