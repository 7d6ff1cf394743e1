// Requests to the public key check and its answers: round trips, and what is refused.
#include "helper/verify/wire/pki_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kSpki(64, 'a');

PkiRequest request_sample() {
  PkiRequest request;
  request.public_keys = {"key 1", std::string("\0\xff", 2)};
  request.certificates = {"leaf"};
  request.intermediates = {"between", ""};
  request.roots = {"root"};
  request.crls = {"crl"};
  request.ocsp = {"ocsp 1", "ocsp 2"};
  request.revocation = Revocation::ocsp_then_crl;
  request.now = 1'750'000'000;
  request.pairs = {{"data", "signature", "SHA256:hint"}, {"", "", ""}};
  return request;
}

PairVerdict pair_sample() {
  return {PairStatus::good, kSpki, "sha256"};
}

CertificateVerdict certificate_sample() {
  CertificateVerdict verdict;
  verdict.status = CertificateStatus::good;
  verdict.spki = kSpki;
  verdict.subject = "CN=carol,O=Example";
  verdict.names = {"email:carol@example.org", "uri:https://example.org/carol"};
  verdict.serial = "01ff";
  verdict.valid_until = 1'800'000'000;
  return verdict;
}

TEST(PkiRequest, SurvivesTheWire) {
  const PkiRequest request = request_sample();
  const auto encoded = encode_pki_request(request);
  ASSERT_TRUE(encoded) << encoded.error().line();
  const auto decoded = decode_pki_request(*encoded);
  ASSERT_TRUE(decoded) << decoded.error().line();
  EXPECT_EQ(decoded->public_keys, request.public_keys);
  EXPECT_EQ(decoded->certificates, request.certificates);
  EXPECT_EQ(decoded->intermediates, request.intermediates);
  EXPECT_EQ(decoded->roots, request.roots);
  EXPECT_EQ(decoded->crls, request.crls);
  EXPECT_EQ(decoded->ocsp, request.ocsp);
  EXPECT_EQ(decoded->revocation, request.revocation);
  EXPECT_EQ(decoded->now, request.now);
  ASSERT_EQ(decoded->pairs.size(), 2U);
  EXPECT_EQ(decoded->pairs[0].data, "data");
  EXPECT_EQ(decoded->pairs[0].signature, "signature");
  EXPECT_EQ(decoded->pairs[0].key_hint, "SHA256:hint");
  EXPECT_EQ(encode_pki_request(*decoded).value(), *encoded);
  for (std::size_t size = 0; size < encoded->size(); ++size) {
    EXPECT_FALSE(decode_pki_request(encoded->substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_pki_request(*encoded + "x"));
}

TEST(PkiRequest, IsBoundedOnTheAskingSide) {
  const std::vector<std::function<void(PkiRequest&)>> excesses = {
      [](auto& r) { r.public_keys.assign(kMaxPkiKeys + 1, "k"); },
      [](auto& r) { r.public_keys = {std::string(kMaxPkiKeySize + 1, 'k')}; },
      [](auto& r) { r.certificates.assign(kMaxPkiKeys + 1, "k"); },
      [](auto& r) { r.certificates = {std::string(kMaxPkiKeySize + 1, 'k')}; },
      [](auto& r) { r.intermediates = {std::string(kMaxPkiBundleSize + 1, 'k')}; },
      [](auto& r) { r.roots = {std::string(kMaxPkiBundleSize + 1, 'k')}; },
      [](auto& r) { r.roots.assign(33, std::string(kMaxPkiBundleSize, 'k')); },
      [](auto& r) { r.crls.assign(kMaxPkiCrls + 1, "c"); },
      [](auto& r) { r.crls.assign(2, std::string(kMaxPkiCrlTotal / 2 + 1, 'c')); },
      [](auto& r) { r.ocsp.assign(kMaxPkiOcsp + 1, "o"); },
      [](auto& r) { r.ocsp = {std::string(kMaxPkiOcspSize + 1, 'o')}; },
      [](auto& r) { r.ocsp.assign(65, std::string(kMaxPkiOcspSize, 'o')); },
  };
  for (std::size_t i = 0; i < excesses.size(); ++i) {
    PkiRequest request = request_sample();
    excesses[i](request);
    const auto encoded = encode_pki_request(request);
    ASSERT_FALSE(encoded) << "excess " << i;
    EXPECT_EQ(encoded.error().code(), Code::config) << i;
  }
}

TEST(PkiRequest, RefusesTooMuchFromAnImage) {
  const std::vector<std::function<void(PkiRequest&)>> excesses = {
      [](auto& r) { r.pairs.assign(kMaxPkiPairs + 1, {}); },
      [](auto& r) {
        r.pairs = {{std::string(kMaxPkiData + 1, 'd'), "", ""}};
      },
      [](auto& r) {
        r.pairs = {{"", std::string(kMaxPkiSignature + 1, 's'), ""}};
      },
      [](auto& r) {
        r.pairs = {{"", "", std::string(kMaxPkiHint + 1, 'h')}};
      },
      [](auto& r) {
        r.pairs.assign(5, {std::string(kMaxPkiData, 'd'), "", ""});
      },
  };
  for (std::size_t i = 0; i < excesses.size(); ++i) {
    PkiRequest request = request_sample();
    excesses[i](request);
    const auto encoded = encode_pki_request(request);
    ASSERT_FALSE(encoded) << "excess " << i;
    EXPECT_EQ(encoded.error().code(), Code::refused) << i;
  }
}

TEST(PkiRequest, IsBoundedOnTheAnsweringSide) {
  PkiRequest nothing;
  const std::string data = encode_pki_request(nothing).value();
  ASSERT_EQ(data.size(), 5U + 6 * 4 + 1 + 8 + 4);
  ASSERT_TRUE(decode_pki_request(data));
  for (std::size_t list = 0; list < 6; ++list) {
    std::string many = data;
    many[5 + list * 4] = 1;  // 257 empty texts
    many[5 + list * 4 + 1] = 1;
    many.insert(5 + list * 4 + 4, std::string(std::size_t{257} * 4, '\0'));
    EXPECT_FALSE(decode_pki_request(many)) << list;
  }
  std::string pairs = data;
  pairs[data.size() - 4] = 1;
  pairs[data.size() - 3] = 1;
  EXPECT_FALSE(decode_pki_request(pairs + std::string(std::size_t{257} * 12, '\0')));
  std::string mode = data;
  mode[5 + 6 * 4] = 4;
  EXPECT_FALSE(decode_pki_request(mode));
  std::string version = data;
  version[4] = 2;
  EXPECT_FALSE(decode_pki_request(version));
  EXPECT_FALSE(decode_pki_request(""));
}

TEST(PkiAnswer, SurvivesTheWire) {
  CertificateVerdict revoked = certificate_sample();
  revoked.status = CertificateStatus::revoked;
  revoked.note = "the certificate is revoked";
  revoked.subject.clear();
  revoked.names.clear();
  const std::string data = encode_pki_answer(
      {{pair_sample(), {PairStatus::unknown_key, "", ""}, {PairStatus::bad, kSpki, ""}},
       {certificate_sample(), revoked}});
  const auto answer = decode_pki_answer(data, 3, 2);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->pairs[0].status, PairStatus::good);
  EXPECT_EQ(answer->pairs[0].spki, kSpki);
  EXPECT_EQ(answer->pairs[0].hash, "sha256");
  EXPECT_EQ(answer->pairs[1].status, PairStatus::unknown_key);
  EXPECT_EQ(answer->pairs[2].spki, kSpki);
  const CertificateVerdict& carol = answer->certificates[0];
  EXPECT_EQ(carol.subject, "CN=carol,O=Example");
  EXPECT_THAT(carol.names, ElementsAre("email:carol@example.org", "uri:https://example.org/carol"));
  EXPECT_EQ(carol.serial, "01ff");
  EXPECT_EQ(carol.valid_until, 1'800'000'000);
  EXPECT_EQ(answer->certificates[1].note, "the certificate is revoked");
  EXPECT_EQ(encode_pki_answer(*answer), data);
}

TEST(PkiAnswer, RefusesOtherCountsTruncationsAndLeftovers) {
  const std::string data = encode_pki_answer({{pair_sample()}, {certificate_sample()}});
  EXPECT_TRUE(decode_pki_answer(data, 1, 1));
  EXPECT_FALSE(decode_pki_answer(data, 0, 1));
  EXPECT_FALSE(decode_pki_answer(data, 2, 1));
  EXPECT_FALSE(decode_pki_answer(data, 1, 0));
  EXPECT_FALSE(decode_pki_answer(data, 1, 2));
  EXPECT_FALSE(decode_pki_answer(data + "x", 1, 1));
  for (std::size_t size = 0; size < data.size(); ++size) {
    EXPECT_FALSE(decode_pki_answer(data.substr(0, size), 1, 1)) << size;
  }
}

TEST(PkiAnswer, CarriesFailures) {
  const auto answer = decode_pki_answer(
      encode_pki_failure({Code::config, "public key 1 is weak", "use another"}), 1, 0);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Code::config);
  EXPECT_EQ(answer.error().line(), "public key 1 is weak; use another");
}

void expect_nonsense(const PkiAnswer& lie, std::size_t number) {
  const auto decoded =
      decode_pki_answer(encode_pki_answer(lie), lie.pairs.size(), lie.certificates.size());
  ASSERT_FALSE(decoded) << "lie " << number;
  EXPECT_EQ(decoded.error().code(), Code::refused);
  EXPECT_THAT(decoded.error().what(), HasSubstr("malformed answer"));
}

TEST(PkiAnswer, RefusesPairVerdictsThatCannotBe) {
  const std::vector<std::function<void(PairVerdict&)>> lies = {
      [](auto& v) { v.status = static_cast<PairStatus>(0); },
      [](auto& v) { v.status = static_cast<PairStatus>(6); },
      [](auto& v) { v.spki.clear(); },
      [](auto& v) { v.spki = std::string(63, 'a'); },
      [](auto& v) { v.spki = std::string(65, 'a'); },
      [](auto& v) { v.spki = std::string(64, 'A'); },
      [](auto& v) { v.spki[63] = 'g'; },
      [](auto& v) { v.hash.clear(); },
      [](auto& v) { v.hash = "sha1"; },
      [](auto& v) { v.hash = "SHA256"; },
      [](auto& v) { v.status = PairStatus::unknown_key; },
      [](auto& v) {
        v = {PairStatus::unknown_key, "", "sha256"};
      },
      [](auto& v) {
        v = {PairStatus::malformed, kSpki, ""};
      },
      [](auto& v) {
        v = {PairStatus::bad, "", ""};
      },
      [](auto& v) { v.status = PairStatus::bad; },
      [](auto& v) {
        v = {PairStatus::weak, kSpki, ""};
      },
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    PairVerdict verdict = pair_sample();
    lies[i](verdict);
    expect_nonsense({{verdict}, {}}, i);
  }
}

TEST(PkiAnswer, RefusesCertificateVerdictsThatCannotBe) {
  const std::vector<std::function<void(CertificateVerdict&)>> lies = {
      [](auto& v) { v.status = static_cast<CertificateStatus>(0); },
      [](auto& v) { v.status = static_cast<CertificateStatus>(10); },
      [](auto& v) { v.spki.clear(); },
      [](auto& v) { v.spki = std::string(64, 'x'); },
      [](auto& v) { v.subject = std::string(kMaxSubject + 1, 'a'); },
      [](auto& v) { v.subject = "CN=a\nb"; },
      [](auto& v) { v.subject = "CN=\xc3\xa9"; },
      [](auto& v) { v.names = std::vector<std::string>(kMaxNames + 1, "dns:a"); },
      [](auto& v) { v.names = {"dns:" + std::string(kMaxName, 'a')}; },
      [](auto& v) { v.names.assign(9, "dns:" + std::string(500, 'a')); },
      [](auto& v) { v.names = {"ip:127.0.0.1"}; },
      [](auto& v) { v.names = {"dns:"}; },
      [](auto& v) { v.names = {"dns:a\x1b"}; },
      [](auto& v) { v.serial.clear(); },
      [](auto& v) { v.serial = "0G"; },
      [](auto& v) { v.serial = std::string(kMaxSerial + 1, '0'); },
      [](auto& v) { v.valid_until = 0; },
      [](auto& v) { v.valid_until = -1; },
      [](auto& v) { v.note = "good, but"; },
      [](auto& v) { v.status = CertificateStatus::expired; },
      [](auto& v) {
        v.status = CertificateStatus::expired;
        v.note = "a\x1b[1m";
      },
      [](auto& v) {
        v.status = CertificateStatus::expired;
        v.note = std::string(kMaxVerdictNote + 1, 'n');
      },
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    CertificateVerdict verdict = certificate_sample();
    lies[i](verdict);
    expect_nonsense({{}, {verdict}}, i);
  }
}

TEST(PkiAnswer, HasRoomForTheLargestVerdicts) {
  CertificateVerdict large = certificate_sample();
  large.status = CertificateStatus::revoked;
  large.subject = std::string(kMaxSubject, 's');
  large.names.assign(kMaxNames, "dns:" + std::string(kMaxAllNames / kMaxNames - 4, 'n'));
  large.serial = std::string(kMaxSerial, '1');
  large.note = std::string(kMaxVerdictNote, 'n');
  PkiAnswer answer;
  answer.pairs.assign(kMaxPkiPairs, pair_sample());
  answer.certificates.assign(kMaxPkiKeys, large);
  const std::string data = encode_pki_answer(answer);
  EXPECT_LE(data.size(), kMaxPkiAnswer);
  EXPECT_TRUE(decode_pki_answer(data, kMaxPkiPairs, kMaxPkiKeys));
}

}  // namespace
}  // namespace sifguard
