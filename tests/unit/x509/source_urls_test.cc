#include "keystore/x509/source_urls.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(SourceUrls, TheHostOfAUrl) {
  EXPECT_EQ(host_of_url("http://PKI.example.org/root.crl"), "pki.example.org");
  EXPECT_EQ(host_of_url("https://pki.example.org:8443?x"), "pki.example.org:8443");
  EXPECT_EQ(host_of_url("http://[::1]:80/"), "[::1]:80");
  for (const char* bad : {"", "ftp://a/", "ldap://a/", "file:///etc/passwd", "http:/a", "a",
                          "http://pki.example.org@evil.example/", "http:///x", "http://a b/",
                          "http://a\\b/", "http://a\n/"}) {
    EXPECT_EQ(host_of_url(bad), "") << bad;
  }
  EXPECT_EQ(host_of_url("http://a/" + std::string(2000, 'x')), "");
}

/// A certificate with the two extensions, unsigned.
Certificate with_urls(const std::string& crl, const std::string& access) {
  Certificate certificate(X509_new());
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate.get(), certificate.get(), nullptr, nullptr, 0);
  for (const auto& [nid, value] :
       {std::pair{NID_crl_distribution_points, crl}, std::pair{NID_info_access, access}}) {
    const Owned<X509_EXTENSION, X509_EXTENSION_free> one(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    EXPECT_TRUE(one);
    X509_add_ext(certificate.get(), one.get(), -1);
  }
  return certificate;
}

TEST(SourceUrls, CountOnlyWhereTheAdminAllowsTheirHost) {
  const Certificate certificate =
      with_urls("URI:http://pki.example.org/a.crl,URI:http://evil.example/b.crl,URI:ldap://x/c",
                "OCSP;URI:http://ocsp.example.org:8080/,caIssuers;URI:http://pki.example.org/ca");
  EXPECT_TRUE(allowed_urls(certificate.get(), {}).crl.empty());
  const auto some = allowed_urls(certificate.get(), {"pki.example.org", "ocsp.example.org"});
  EXPECT_EQ(some.crl, std::vector<std::string>{"http://pki.example.org/a.crl"});
  EXPECT_TRUE(some.ocsp.empty()) << "the port belongs to the host";
  const auto other = allowed_urls(certificate.get(), {"ocsp.example.org:8080"});
  EXPECT_TRUE(other.crl.empty());
  EXPECT_EQ(other.ocsp, std::vector<std::string>{"http://ocsp.example.org:8080/"});
  EXPECT_TRUE(allowed_urls(Certificate(X509_new()).get(), {"pki.example.org"}).crl.empty());
}

}  // namespace
}  // namespace sifguard
