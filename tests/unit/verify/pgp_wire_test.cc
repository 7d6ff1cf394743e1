// Requests to the OpenPGP check and its answers: round trips, and what is refused.
#include "helper/verify/wire/pgp_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace sifguard {
namespace {

using ::testing::HasSubstr;

PgpVerdict sample() {
  PgpVerdict verdict;
  verdict.status = PgpStatus::good;
  verdict.primary = std::string(40, 'A');
  verdict.signer = std::string(40, '0');
  verdict.hash = "sha256";
  verdict.made = 1700000000;
  verdict.expires = 1800000000;
  return verdict;
}

TEST(PgpRequest, SurvivesTheWire) {
  const PgpRequest request = {{"key 1", std::string("\0\xff", 2)}, {{"data", "sig"}, {"", ""}}};
  const auto encoded = encode_pgp_request(request);
  ASSERT_TRUE(encoded);
  const auto decoded = decode_pgp_request(*encoded);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->keys, request.keys);
  EXPECT_EQ(decoded->pairs[0].signature, "sig");
  for (std::size_t size = 0; size < encoded->size(); ++size) {
    EXPECT_FALSE(decode_pgp_request(encoded->substr(0, size)));
  }
  EXPECT_FALSE(decode_pgp_request(*encoded + "x"));
}

TEST(PgpRequest, IsBounded) {
  EXPECT_FALSE(encode_pgp_request({{std::string(kMaxPgpKeySize + 1, 'k')}, {}}));
  EXPECT_FALSE(encode_pgp_request({std::vector<std::string>(kMaxPgpKeys + 1, "k"), {}}));
  EXPECT_FALSE(encode_pgp_request({std::vector<std::string>(9, std::string(1 << 19, 'k')), {}}));
  std::string many = *encode_pgp_request({{}, {}});
  many[9] = 65;  // pairs
  EXPECT_FALSE(decode_pgp_request(many + std::string(65 * 8, '\0')));
}

TEST(PgpAnswer, SurvivesTheWire) {
  PgpVerdict unknown;
  unknown.status = PgpStatus::unknown_key;
  const std::string data = encode_pgp_answer({sample(), unknown});
  EXPECT_EQ(data.size(), 5 + 1 + 4 + 2 * kPgpRecordSize);
  const auto verdicts = decode_pgp_answer(data, 2);
  ASSERT_TRUE(verdicts) << verdicts.error().line();
  EXPECT_EQ((*verdicts)[0].primary, sample().primary);
  EXPECT_EQ((*verdicts)[0].hash, "sha256");
  EXPECT_EQ((*verdicts)[0].expires, 1800000000);
  EXPECT_EQ((*verdicts)[1].status, PgpStatus::unknown_key);
  EXPECT_EQ((*verdicts)[1].primary, "");
}

TEST(PgpAnswer, RefusesOtherCountsTruncationsAndLeftovers) {
  const std::string data = encode_pgp_answer({sample()});
  EXPECT_TRUE(decode_pgp_answer(data, 1));
  EXPECT_FALSE(decode_pgp_answer(data, 0));
  EXPECT_FALSE(decode_pgp_answer(data, 2));
  EXPECT_FALSE(decode_pgp_answer(data + "x", 1));
  for (std::size_t size = 0; size < data.size(); ++size) {
    EXPECT_FALSE(decode_pgp_answer(data.substr(0, size), 1)) << size;
  }
}

TEST(PgpAnswer, CarriesFailures) {
  const auto verdicts =
      decode_pgp_answer(encode_pgp_failure({Code::unavailable, "no gpg", "install it"}), 1);
  ASSERT_FALSE(verdicts);
  EXPECT_EQ(verdicts.error().code(), Code::unavailable);
  EXPECT_EQ(verdicts.error().line(), "no gpg; install it");
}

TEST(PgpAnswer, RefusesVerdictsThatCannotBe) {
  const std::vector<std::function<void(PgpVerdict&)>> lies = {
      [](auto& v) { v.status = static_cast<PgpStatus>(0); },
      [](auto& v) { v.status = static_cast<PgpStatus>(13); },
      [](auto& v) { v.primary.clear(); },
      [](auto& v) { v.primary = std::string(39, 'A'); },
      [](auto& v) { v.primary = std::string(40, 'a'); },
      [](auto& v) { v.primary.replace(39, 1, "\n"); },
      [](auto& v) { v.primary = "AA" + std::string(1, '\0') + std::string(37, 'A'); },
      [](auto& v) { v.signer.clear(); },
      [](auto& v) { v.hash.clear(); },
      [](auto& v) { v.hash = "SHA256"; },
      [](auto& v) { v.hash = "sha\x1b"; },
      [](auto& v) { v.made = 0; },
      [](auto& v) { v.made = -1; },
      [](auto& v) { v.expires = -1; },
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    PgpVerdict verdict = sample();
    lies[i](verdict);
    const auto decoded = decode_pgp_answer(encode_pgp_answer({verdict}), 1);
    ASSERT_FALSE(decoded) << "lie " << i;
    EXPECT_EQ(decoded.error().code(), Code::refused);
    EXPECT_THAT(decoded.error().what(), HasSubstr("malformed answer"));
  }
}

}  // namespace
}  // namespace sifguard
