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
  for (int i = 0; i < 16; ++i) one.spki += serial;  // each has a key of its own
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

TEST(CaIndex, TellsByAllThatIsLeftWhetherThereWasAnIntermediate) {
  EXPECT_FALSE(sample().has_intermediate());
  EXPECT_FALSE(CaIndex().has_intermediate());
  CaIndex index = sample();
  index.issued[0].profile = Profile::intermediate;
  EXPECT_TRUE(index.has_intermediate()) << "its own certificate, by the root";
  index.issued[0].name = "adopted-aa01";
  EXPECT_FALSE(index.has_intermediate()) << "of somebody else's CA";
  index.purged.push_back({"aa05", "intermediate"});
  EXPECT_TRUE(index.has_intermediate()) << "what it issued, dropped since";
  index = sample();
  index.issued[1].issuer = "intermediate";
  EXPECT_TRUE(index.has_intermediate()) << "what it issued";
  index = sample();
  index.crls["intermediate"] = {1, kNow};
  EXPECT_TRUE(index.has_intermediate()) << "its list";
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

TEST(CaIndex, RevocationsOfWhatWasPurgedStayKnown) {
  CaIndex index = sample();
  index.purged.push_back({"aa09", "root", kNow + 9, kNow, "superseded"});
  const std::string text = format_ca_index(index);
  const auto again = parse_ca_index(text, "here");
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(format_ca_index(*again), text);
  EXPECT_EQ(again->purged.at(1).until, kNow + 9);
  EXPECT_EQ(again->purged.at(1).reason, "superseded");
  EXPECT_EQ(again->purged.at(0).revoked_at, 0);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string wrong = text;
    const std::size_t at = wrong.rfind(from);
    EXPECT_NE(at, std::string::npos) << from;
    return parse_ca_index(wrong.replace(at, from.size(), to), "here");
  };
  EXPECT_FALSE(with("\"version\": 3", "\"version\": 2"));
  EXPECT_FALSE(with("\"version\": 3", "\"version\": 4"));
  EXPECT_FALSE(with("\"superseded\"", "\"certificateHold\""));
  EXPECT_FALSE(with("\"superseded\"", "\"\""));
}

TEST(CaIndex, TheWorseOfTwoRevocationsStaysWhereverItWasPurged) {
  const PurgedCertificate revoked{"aa01", "root", kNow + 9, kNow, "keyCompromise"};
  CaIndex known = sample();
  CaIndex purged = sample();
  purged.issued.erase(purged.issued.begin());
  purged.purged.push_back(revoked);
  EXPECT_EQ(merge_ca_index(known, purged), 1U);
  EXPECT_EQ(known.find("aa01")->reason, "keyCompromise");
  CaIndex good = sample();
  good.issued.erase(good.issued.begin());
  good.purged.push_back({"aa01", "root"});
  CaIndex other = good;
  EXPECT_EQ(merge_ca_index(other, purged), 1U);
  EXPECT_EQ(other.purged.back().reason, "keyCompromise");
  CaIndex again = good;
  EXPECT_EQ(merge_ca_index(again, known), 1U);
  EXPECT_EQ(again.purged.back().reason, "keyCompromise");
  EXPECT_EQ(merge_ca_index(again, good), 0U);
  EXPECT_EQ(again.purged.back().reason, "keyCompromise");
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

TEST(CaIndex, WhatARevokedIntermediateIssuedIsGoodNowhere) {
  CaIndex index;
  EXPECT_TRUE(index.is_intermediate_good(kNow)) << "none is known";
  IssuedCertificate own = issued("aa10");
  own.issuer = kRootAuthority;
  own.profile = Profile::intermediate;
  own.until = kNow + 1000;
  index.issued = {own};
  EXPECT_TRUE(index.is_intermediate_good(kNow));
  EXPECT_FALSE(index.is_intermediate_good(kNow + 1000)) << "it has ended";
  index.issued[0].revoked_at = kNow;
  index.issued[0].reason = "superseded";
  EXPECT_FALSE(index.is_intermediate_good(kNow));
  own.serial = "aa11";
  index.issued.push_back(own);
  EXPECT_TRUE(index.is_intermediate_good(kNow)) << "its key was certified anew";
  index.issued[0].reason = "cessationOfOperation";
  EXPECT_FALSE(index.is_intermediate_good(kNow)) << "its key was given up";
  IssuedCertificate leaf = issued("aa12");
  leaf.issuer = kIntermediateAuthority;
  EXPECT_EQ(state_of(leaf, kNow, 1, false), CertificateState::issuer_revoked);
  EXPECT_EQ(state_of(leaf, kNow, 1, true), CertificateState::valid);
  EXPECT_EQ(state_of(leaf, leaf.until, 1, false), CertificateState::expired);
  leaf.issuer = kRootAuthority;
  EXPECT_EQ(state_of(leaf, kNow, 1, false), CertificateState::valid) << "the root's own";
  leaf.issuer = kIntermediateAuthority;
  leaf.revoked_at = kNow;
  EXPECT_EQ(state_of(leaf, kNow, 1, false), CertificateState::revoked);
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

/// Both orders of a merge.
std::string merged_reason(const std::string& one, const std::string& other, Profile profile) {
  const auto with = [&](const std::string& reason, std::int64_t at) {
    CaIndex index;
    index.issued = {issued("aa01")};
    index.issued[0].profile = profile;
    index.issued[0].revoked_at = reason.empty() ? 0 : at;
    index.issued[0].reason = reason;
    return index;
  };
  CaIndex first = with(one, kNow + 1);
  CaIndex second = with(other, kNow + 2);
  merge_ca_index(first, with(other, kNow + 2));
  merge_ca_index(second, with(one, kNow + 1));
  EXPECT_EQ(format_ca_index(first), format_ca_index(second)) << one << " and " << other;
  return first.issued[0].reason;
}

TEST(CaIndex, TheWorseReasonWinsInEveryOrder) {
  const std::vector<std::string> reasons = {"",
                                            "superseded",
                                            "affiliationChanged",
                                            "cessationOfOperation",
                                            "privilegeWithdrawn",
                                            "unspecified",
                                            "aACompromise",
                                            "cACompromise",
                                            "keyCompromise"};
  for (const Profile profile : {Profile::signer, Profile::intermediate}) {
    for (const std::string& one : reasons) {
      for (const std::string& other : reasons) {
        const std::string got = merged_reason(one, other, profile);
        EXPECT_FALSE(is_worse_reason(one, got)) << one << " and " << other << ": " << got;
        EXPECT_FALSE(is_worse_reason(other, got)) << one << " and " << other << ": " << got;
        EXPECT_TRUE(got == one || got == other);
      }
    }
  }
  for (const char* milder : {"superseded", "affiliationChanged", "unspecified", "cACompromise"}) {
    EXPECT_EQ(merged_reason(milder, "keyCompromise", Profile::signer), "keyCompromise");
    EXPECT_EQ(merged_reason("keyCompromise", milder, Profile::signer), "keyCompromise");
  }
  EXPECT_EQ(merged_reason("superseded", "cessationOfOperation", Profile::intermediate),
            "cessationOfOperation");
}

TEST(CaIndex, WhatOneSideKnowsOfAKeyHoldsForAllCertificatesOfBoth) {
  const auto renewed = [](Profile profile) {
    CaIndex index;
    index.issued = {issued("aa01"), issued("aa02")};
    index.issued[1].spki = index.issued[0].spki;
    for (IssuedCertificate& one : index.issued) one.profile = profile;
    return index;
  };
  const auto revoked = [&](const std::string& reason, Profile profile) {
    CaIndex index;
    index.issued = {renewed(profile).issued[0]};
    index.issued[0].revoked_at = kNow + 5;
    index.issued[0].reason = reason;
    return index;
  };
  for (const bool forward : {true, false}) {
    const auto both = [&](CaIndex one, CaIndex other) {
      if (!forward) std::swap(one, other);
      merge_ca_index(one, other);
      return one;
    };
    CaIndex merged = both(renewed(Profile::signer), revoked("keyCompromise", Profile::signer));
    EXPECT_EQ(merged.find("aa01")->reason, "keyCompromise");
    EXPECT_EQ(merged.find("aa02")->reason, "keyCompromise");
    EXPECT_EQ(merged.find("aa02")->revoked_at, kNow + 5);
    merged = both(renewed(Profile::signer), revoked("superseded", Profile::signer));
    EXPECT_EQ(merged.find("aa02")->revoked_at, 0);
    merged = both(renewed(Profile::intermediate),
                  revoked("cessationOfOperation", Profile::intermediate));
    EXPECT_EQ(merged.find("aa02")->reason, "cessationOfOperation");
    merged = both(renewed(Profile::intermediate), revoked("superseded", Profile::intermediate));
    EXPECT_EQ(merged.find("aa02")->revoked_at, 0) << "its key goes on";
    // Purged by one side before the other knew of the compromise.
    CaIndex lean = renewed(Profile::signer);
    lean.issued.erase(lean.issued.begin());
    lean.purged.push_back({"aa01", "root"});
    merged = both(lean, revoked("cACompromise", Profile::signer));
    EXPECT_TRUE(is_compromise(merged.find("aa02")->reason));
    EXPECT_TRUE(merged.is_compromised(lean.issued[0].spki));
    CaIndex gone;
    gone.purged.push_back({"aa01", "root"});
    gone.compromised.insert(renewed(Profile::signer).issued[0].spki);
    merged = both(renewed(Profile::signer), gone);
    EXPECT_TRUE(is_compromise(merged.find("aa02")->reason));
    EXPECT_TRUE(parse_ca_index(format_ca_index(merged), "here"));
  }
}

}  // namespace
}  // namespace sifguard
