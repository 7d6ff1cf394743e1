#include "keystore/ocsp/received_request.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

/// As OpenSSL writes it: about `count` serial numbers of some issuer.
std::string request_about(int count, int nonce_bytes = -1, bool critical = false) {
  const OcspRequestHandle request(OCSP_REQUEST_new());
  const Owned<X509_NAME, X509_NAME_free> name(X509_NAME_new());
  const Owned<ASN1_BIT_STRING, ASN1_BIT_STRING_free> key(ASN1_BIT_STRING_new());
  for (int i = 0; i < count; ++i) {
    const Owned<ASN1_INTEGER, ASN1_INTEGER_free> serial(ASN1_INTEGER_new());
    ASN1_INTEGER_set(serial.get(), i + 1);
    OCSP_request_add0_id(request.get(),
                         OCSP_cert_id_new(EVP_sha1(), name.get(), key.get(), serial.get()));
  }
  if (nonce_bytes >= 0) {
    std::string der = nonce_bytes < 128 ? "\x04" : "\x04\x81";  // OCTET STRING, long form from 128
    der += static_cast<char>(nonce_bytes);
    der += std::string(static_cast<std::size_t>(nonce_bytes), 'n');
    const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(value.get(), octets(as_bytes(der)), static_cast<int>(der.size()));
    const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509_EXTENSION_create_by_NID(nullptr, NID_id_pkix_OCSP_Nonce, 0, value.get()));
    OCSP_REQUEST_add_ext(request.get(), extension.get(), -1);
  }
  if (critical) {
    OCSP_REQUEST_add1_ext_i2d(request.get(), NID_id_pkix_OCSP_noCheck,
                              Owned<ASN1_NULL, ASN1_NULL_free>(ASN1_NULL_new()).get(), 1, 0);
  }
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_REQUEST(request.get(), &der);
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

TEST(OcspRequest, IsRead) {
  const auto one = parse_ocsp_request(request_about(1));
  ASSERT_TRUE(one) << one.error().line();
  EXPECT_EQ(one->ids.size(), 1U);
  EXPECT_FALSE(one->has_nonce);
  const auto many = parse_ocsp_request(request_about(kMaxAsked, 32));
  ASSERT_TRUE(many);
  EXPECT_EQ(many->ids.size(), static_cast<std::size_t>(kMaxAsked));
  EXPECT_TRUE(many->has_nonce);
  EXPECT_TRUE(parse_ocsp_request(request_about(1, 1)));
  EXPECT_TRUE(parse_ocsp_request(request_about(1, 128)));
}

TEST(OcspRequest, HasLimits) {
  EXPECT_FALSE(parse_ocsp_request(request_about(0)));
  EXPECT_FALSE(parse_ocsp_request(request_about(kMaxAsked + 1)));
  EXPECT_FALSE(parse_ocsp_request(request_about(1, 0)));
  EXPECT_FALSE(parse_ocsp_request(request_about(1, 129)));
  EXPECT_FALSE(parse_ocsp_request(request_about(1, -1, true)));
  EXPECT_FALSE(parse_ocsp_request(request_about(1) + "x"));
  EXPECT_FALSE(parse_ocsp_request(std::string(kMaxOcspRequest + 1, '0')));
}

TEST(OcspRequest, EveryTruncationIsRefused) {
  const std::string whole = request_about(2, 16);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_ocsp_request(std::string_view(whole).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace sifguard
