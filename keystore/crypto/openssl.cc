// What the files of keystore/crypto share about OpenSSL. Any process, any privilege.
#include "keystore/crypto/openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/err.h>

#include "keystore/base/fd.h"
#include "keystore/crypto/rsa_bits.h"

namespace sifguard {
namespace {

Status encode(const EVP_PKEY* key, int selection, const char* structure, BIO* to) {
  const Owned<OSSL_ENCODER_CTX, OSSL_ENCODER_CTX_free> context(
      OSSL_ENCODER_CTX_new_for_pkey(key, selection, "PEM", structure, nullptr));
  if (!context || to == nullptr || OSSL_ENCODER_CTX_get_num_encoders(context.get()) == 0 ||
      OSSL_ENCODER_to_bio(context.get(), to) != 1) {
    return fail_openssl(Code::internal, "cannot encode a key");
  }
  return {};
}

std::span<const std::byte> content(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  if (size <= 0) return {};
  return std::as_bytes(std::span(data, static_cast<std::size_t>(size)));
}

}  // namespace

tl::unexpected<Error> fail_openssl(Code code, std::string what, std::string remedy) {
  const unsigned long last = ERR_peek_last_error();
  if (const char* reason = last != 0 ? ERR_reason_error_string(last) : nullptr) {
    what += std::string(" (") + reason + ")";
  }
  ERR_clear_error();
  return fail(code, std::move(what), std::move(remedy));
}

bool openssl_lacks_algorithm() noexcept {
  const unsigned long cause = ERR_peek_error();  // the oldest: the cause, not its wrapping
  // A decoder says "unsupported", too, of bytes that are no key (a wrong password made them).
  return ERR_GET_REASON(cause) == ERR_R_UNSUPPORTED && ERR_GET_LIB(cause) == ERR_LIB_EVP;
}

Bio view_bio(std::span<const std::byte> bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

Result<SecretBytes> private_pem(const EVP_PKEY* key, const char* structure) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  SG_CHECK(encode(key, EVP_PKEY_KEYPAIR, structure, bio.get()));
  return SecretBytes::copy_of(content(bio.get()));
}

Result<std::string> public_pem(const EVP_PKEY* key, const char* structure) {
  const Bio bio(BIO_new(BIO_s_mem()));
  SG_CHECK(encode(key, EVP_PKEY_PUBLIC_KEY, structure, bio.get()));
  return std::string(as_text(content(bio.get())));
}

Status check_rsa(const EVP_PKEY* key) {
  if (key == nullptr) return fail(Code::internal, "no key given");
  if (EVP_PKEY_is_a(key, "RSA") != 1) {
    const char* type = EVP_PKEY_get0_type_name(key);
    return fail(Code::refused, std::string("the key is ") + (type ? type : "unknown") + ", not RSA",
                "images are encrypted for RSA keys only: make one with sifctl key create");
  }
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return fail(Code::refused, "the RSA key has " + std::to_string(bits) + " bits",
                "use 2048 to 8192 bits");
  }
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &number) != 1) {
    return fail_openssl(Code::refused, "the RSA key has no public exponent");
  }
  const Owned<BIGNUM, BN_free> exponent(number);
  const int size = BN_num_bits(exponent.get());
  if (BN_is_odd(exponent.get()) != 1 || size < 2 || size > 64) {
    return fail(Code::refused, "the RSA key's public exponent is unusable");
  }
  return {};
}

bool has_small_exponent(const EVP_PKEY* key) noexcept {
  BIGNUM* number = nullptr;
  const auto is = [&](const char* type) { return EVP_PKEY_is_a(key, type) == 1; };
  if (key == nullptr || (!is("RSA") && !is("RSA-PSS"))) return false;
  const bool read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &number) == 1;
  const Owned<BIGNUM, BN_free> exponent(number);
  constexpr int kBits = 17;
  return !read ||
         (BN_num_bits(exponent.get()) <= kBits && BN_get_word(exponent.get()) < kLeastExponent);
}

Status check_exponent(const EVP_PKEY* key) {
  if (!has_small_exponent(key)) return {};
  return fail(Code::refused, "the RSA key's exponent is less than 65537",
              "use one with the exponent 65537, as all of today's tools make them");
}

}  // namespace sifguard
