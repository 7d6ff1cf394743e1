#include "keystore/ca/ca_index.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

constexpr std::int64_t kNow = 1700000000;

IssuedCertificate issued(const std::string& serial) {
  IssuedCertificate one;
  one.serial = serial;
  one.issuer = "root";
  one.profile = Profile::signer;
  one.name = "carol";
  one.subject = "CN=carol,O=Example";
  one.names = {"email:carol@example.org"};
  one.spki = std::string(64, 'a');
  one.from = kNow;
  one.until = kNow + 1000;
  return one;
}

CaIndex sample() {
  CaIndex index;
  index.crl_url = "http://pki.example.org/{authority}.crl";
  index.crls["root"] = {7, kNow};
  index.issued = {issued("aa01"), issued("aa02")};
  index.issued[1].revoked_at = kNow + 5;
  index.issued[1].reason = "superseded";
  index.purged = {{"aa00", "root"}};
  return index;
}

TEST(CaIndex, WhatIsWrittenIsReadAgain) {
  const CaIndex index = sample();
  const auto again = parse_ca_index(format_ca_index(index), "here");
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(format_ca_index(*again), format_ca_index(index));
  ASSERT_EQ(again->issued.size(), 2U);
  EXPECT_EQ(again->issued[1].reason, "superseded");
  EXPECT_EQ(again->issued[0].names, index.issued[0].names);
  EXPECT_EQ(again->crls.at("root").number, 7);
  EXPECT_TRUE(again->knows("aa00"));
  EXPECT_EQ(again->find("aa00"), nullptr);
  EXPECT_FALSE(again->knows("aa03"));
}

TEST(CaIndex, IsReadStrictly) {
  const std::string good = format_ca_index(sample());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return parse_ca_index(text.replace(at, from.size(), to), "here");
  };
  EXPECT_FALSE(parse_ca_index("", "here"));
  EXPECT_FALSE(parse_ca_index(good.substr(0, good.size() / 2), "here"));
  EXPECT_FALSE(with("\"version\": 1", "\"version\": 2"));
  EXPECT_FALSE(with("\"aa02\"", "\"aa01\"")) << "a serial twice";
  EXPECT_FALSE(with("\"aa01\"", "\"AA01\""));
  EXPECT_FALSE(with("\"aa01\"", "\"aa1\""));
  EXPECT_FALSE(with("\"aa01\"", "\"../../x\""));
  EXPECT_FALSE(with("\"signer\"", "\"king\""));
  EXPECT_FALSE(with("\"superseded\"", "\"certificateHold\""));
  EXPECT_FALSE(with("\"superseded\"", "\"\""));
  EXPECT_FALSE(with("\"reason\": \"\"", "\"reason\": \"superseded\"")) << "a reason, not revoked";
  EXPECT_FALSE(with("\"name\": \"carol\"", "\"name\": \"/etc\""));
  EXPECT_FALSE(with("\"subject\"", "\"subjekt\""));
  EXPECT_FALSE(with("\"number\": 7", "\"number\": -7"));
  EXPECT_FALSE(with("\"revoked_at\": 0", "\"revoked_at\": -1"));
  const auto bad = with("\"signer\"", "\"king\"");
  EXPECT_EQ(bad.error().code(), Code::config);
  EXPECT_NE(bad.error().what().find("here: "), std::string::npos);
}

TEST(CaIndex, CompromisedKeysStayKnown) {
  const std::string spki(64, 'c');
  CaIndex index = sample();
  EXPECT_NE(format_ca_index(index).find("\"version\": 1"), std::string::npos);
  EXPECT_FALSE(index.is_compromised(spki));
  index.compromised.insert(spki);
  const std::string text = format_ca_index(index);
  const auto again = parse_ca_index(text, "here");
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_TRUE(again->is_compromised(spki));
  EXPECT_EQ(format_ca_index(*again), text);
  std::string wrong = text;
  EXPECT_FALSE(parse_ca_index(wrong.replace(wrong.find(spki), 64, std::string(64, 'C')), "here"));
  wrong = text;
  EXPECT_FALSE(
      parse_ca_index(wrong.replace(wrong.find("\"version\": 2"), 12, "\"version\": 1"), "x"));
  CaIndex other = sample();
  merge_ca_index(other, index);
  EXPECT_TRUE(other.is_compromised(spki));
  for (const char* reason : {"keyCompromise", "cACompromise"}) {
    CaIndex revoked = sample();
    revoked.issued[0].revoked_at = kNow;
    revoked.issued[0].reason = reason;
    EXPECT_TRUE(revoked.is_compromised(revoked.issued[0].spki)) << reason;
  }
}

TEST(CaIndex, StatesFollowTheClockAndRevocationStays) {
  IssuedCertificate one = issued("aa01");
  EXPECT_EQ(state_of(one, kNow, 100), CertificateState::valid);
  EXPECT_EQ(state_of(one, kNow + 899, 100), CertificateState::valid);
  EXPECT_EQ(state_of(one, kNow + 900, 100), CertificateState::expiring);
  EXPECT_EQ(state_of(one, kNow + 1000, 100), CertificateState::expired);
  one.revoked_at = kNow;
  EXPECT_EQ(state_of(one, kNow, 100), CertificateState::revoked);
  EXPECT_EQ(state_of(one, kNow + 2000, 100), CertificateState::revoked);
}

TEST(CaIndex, AMergeForgetsAndForgivesNothing) {
  CaIndex old = sample();
  CaIndex current = sample();
  current.issued.push_back(issued("aa03"));
  current.issued[0].revoked_at = kNow + 9;
  current.issued[0].reason = "keyCompromise";
  current.crls["root"] = {9, kNow + 9};
  CaIndex merged = current;
  EXPECT_EQ(merge_ca_index(merged, old), 0U);
  EXPECT_EQ(format_ca_index(merged), format_ca_index(current));
  // The other way round, too.
  EXPECT_EQ(merge_ca_index(old, current), 2U);
  EXPECT_NE(old.find("aa03"), nullptr);
  EXPECT_EQ(old.find("aa01")->reason, "keyCompromise");
  EXPECT_EQ(old.crls.at("root").number, 9);
  // What was purged here does not come back.
  CaIndex lean = sample();
  lean.issued.erase(lean.issued.begin());
  lean.purged.push_back({"aa01", "root"});
  EXPECT_EQ(merge_ca_index(lean, sample()), 0U);
  EXPECT_EQ(lean.find("aa01"), nullptr);
}

}  // namespace
}  // namespace sifguard
