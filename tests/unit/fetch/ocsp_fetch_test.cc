// Asking openssl's own OCSP responder, and judging what it says.
#include "helper/fetch/ocsp_fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/x509/certificate_check.h"
#include "keystore/x509/ocsp_request.h"
#include "tests/unit/fetch/http_server.h"
#include "tests/unit/x509/pki_data.h"

namespace sifguard {
namespace {

using test::pem;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

const HttpLimits kLimits = {64 * 1024, 5000};

/// What the openssl program answers for the CA `inter` to the body of an HTTP request.
std::string answer_of_openssl(const std::string& request) {
  test::write_file(test::pki() / "asked", request.substr(request.find("\r\n\r\n") + 4));
  test::openssl(
      "ocsp -index inter.index -CA inter.pem -rsigner responder.pem -rkey responder.key -ndays 7 "
      "-reqin asked -respout answered");
  return test::http_answer(test::pki_file("answered"));
}

OcspSubject subject_of(const std::string& name) {
  return {pem(name), {pem("inter")}, {pem("root")}, test::made_at()};
}

CertificateVerdict judged(const std::string& name, const std::vector<std::string>& responses) {
  auto anchors = TrustAnchors::parse({pem("root")}, {pem("inter")});
  EXPECT_TRUE(anchors);
  std::vector<std::string> all = responses;
  all.push_back(test::pki_file("inter.ocsp"));
  const CertificateRules rules = {
      *std::move(anchors), {}, OcspSet::parse(all), Revocation::ocsp, test::made_at() + 60};
  return check_certificate(pem(name), rules)->verdict;
}

TEST(OcspFetch, WhatOpensslAnswersIsGood) {
  const test::HttpServer responder(answer_of_openssl);
  const auto responses = fetch_ocsp(responder.url(), subject_of("carol"), kLimits);
  ASSERT_TRUE(responses) << responses.error().line();
  EXPECT_THAT(*responses, SizeIs(3));  // one about carol, two about her CA, which it does not know
  const CertificateVerdict verdict = judged("carol", *responses);
  EXPECT_EQ(verdict.status, CertificateStatus::good) << verdict.note;
  EXPECT_EQ(judged("dave", *responses).status, CertificateStatus::revocation_unknown);
}

TEST(OcspFetch, RevokedIsAnAnswer) {
  const test::HttpServer responder(answer_of_openssl);
  const auto responses = fetch_ocsp(responder.url(), subject_of("revoked"), kLimits);
  ASSERT_TRUE(responses) << responses.error().line();
  EXPECT_EQ(judged("revoked", *responses).status, CertificateStatus::revoked);
}

TEST(OcspFetch, AsksAgainBySha1WhenSha256IsNotKnown) {
  int asked = 0;
  const test::HttpServer server([&](const std::string& request) {
    EXPECT_THAT(request, HasSubstr("application/ocsp-request"));
    ++asked;
    if (asked == 1) return test::http_answer(std::string("\x30\x03\x0a\x01\x06", 5));
    return test::http_answer(test::pki_file(asked == 2 ? "carolsha1.ocsp" : "inter.ocsp"));
  });
  const auto responses = fetch_ocsp(server.url(), subject_of("carol"), kLimits);
  ASSERT_TRUE(responses) << responses.error().line();
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(judged("carol", *responses).status, CertificateStatus::good);
}

TEST(OcspFetch, KeepsWhatItHasWhenALaterRequestFails) {
  int asked = 0;
  const test::HttpServer server([&](const std::string& /*request*/) {
    return ++asked == 1 ? test::http_answer(test::pki_file("carol.ocsp"))
                        : test::http_answer("", "503 Later");
  });
  const auto responses = fetch_ocsp(server.url(), subject_of("carol"), kLimits);
  ASSERT_TRUE(responses) << responses.error().line();
  EXPECT_THAT(*responses, SizeIs(1));
  EXPECT_EQ(asked, 2);
  const test::HttpServer closed(
      [](const std::string& /*request*/) { return test::http_answer("", "503 Later"); });
  const auto nothing = fetch_ocsp(closed.url(), subject_of("carol"), kLimits);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code(), Code::temporary);
  EXPECT_EQ(closed.served(), 1);
}

TEST(OcspFetch, AsksAboutCertificatesWithAChainAlone) {
  const test::HttpServer server([](const std::string& /*request*/) { return std::string(); });
  OcspSubject stranger = subject_of("carol");
  stranger.roots = {pem("rogue")};
  const auto refused = fetch_ocsp(server.url(), stranger, kLimits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::refused);
  EXPECT_THAT(refused.error().what(), StartsWith("the certificate has no chain"));
  stranger = subject_of("carol");
  stranger.certificate = "rubbish";
  EXPECT_FALSE(fetch_ocsp(server.url(), stranger, kLimits));
  EXPECT_EQ(server.served(), 0);
  EXPECT_FALSE(fetch_ocsp("file:///etc/passwd", subject_of("carol"), kLimits));
}

TEST(OcspRequest, IsOneThatOpensslReads) {
  const auto carol = parse_one_certificate(pem("carol"));
  const auto inter = parse_one_certificate(pem("inter"));
  const auto question = ask_about(carol->get(), inter->get(), OcspIdHash::sha256);
  ASSERT_TRUE(question) << question.error().line();
  test::write_file(test::pki() / "ours", question->request);
  const std::string text = test::openssl("ocsp -reqin ours -text -noverify");
  EXPECT_THAT(text, HasSubstr("Hash Algorithm: sha256"));
  EXPECT_THAT(text, HasSubstr("Serial Number: 1001"));
  EXPECT_TRUE(seems_to_answer(test::pki_file("carol.ocsp"), *question));
  EXPECT_FALSE(seems_to_answer(test::pki_file("carolsha1.ocsp"), *question));
  EXPECT_FALSE(seems_to_answer(test::pki_file("unknown.ocsp"), *question));
  EXPECT_FALSE(seems_to_answer(test::pki_file("dave.ocsp"), *question));
  EXPECT_FALSE(seems_to_answer(question->certificate_id, *question));
  EXPECT_FALSE(seems_to_answer("", *question));
}

}  // namespace
}  // namespace sifguard
