#include "keystore/store/signer_state.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

TEST(SignerState, HasANameAndIsFoundByIt) {
  for (const SignerState state :
       {SignerState::active, SignerState::retired, SignerState::revoked}) {
    EXPECT_EQ(signer_state_from(signer_state_name(state)), state);
  }
  for (const char* name : {"", "Active", "suspended"}) EXPECT_FALSE(signer_state_from(name));
}

TEST(SignerState, AnActiveSignersSignaturesCount) {
  for (const std::int64_t made : {0, 1, 2000}) {
    EXPECT_TRUE(signature_counts(SignerState::active, "", 1000, made));
  }
}

TEST(SignerState, ARetiredSignersOlderOnesCount) {
  EXPECT_TRUE(signature_counts(SignerState::retired, "", 1000, 999));
  EXPECT_FALSE(signature_counts(SignerState::retired, "", 1000, 1000));
  EXPECT_FALSE(signature_counts(SignerState::retired, "", 1000, 1001));
  EXPECT_TRUE(signature_counts(SignerState::retired, "", 1000, 0));
}

TEST(SignerState, ARevokedSignersOlderOnesCountForSoftReasonsAlone) {
  for (const char* reason :
       {"affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn"}) {
    EXPECT_TRUE(signature_counts(SignerState::revoked, reason, 1000, 999)) << reason;
    EXPECT_FALSE(signature_counts(SignerState::revoked, reason, 1000, 1000)) << reason;
    EXPECT_FALSE(signature_counts(SignerState::revoked, reason, 1000, 0)) << reason;
  }
  for (const char* reason :
       {"keyCompromise", "cACompromise", "aACompromise", "unspecified", "", "something else"}) {
    for (const std::int64_t made : {0, 1, 999, 1000, 2000}) {
      EXPECT_FALSE(signature_counts(SignerState::revoked, reason, 1000, made)) << reason;
    }
  }
}

TEST(SignerState, ATimeOfTheFutureDatesNothing) {
  EXPECT_EQ(dated_since(0, 1000), 0);
  EXPECT_EQ(dated_since(999, 1000), 999);
  EXPECT_EQ(dated_since(1000 + 300, 1000), 1300) << "clocks differ by so much";
  EXPECT_EQ(dated_since(1000 + 301, 1000), 0);
  EXPECT_FALSE(signature_counts(SignerState::retired, "", dated_since(4000, 1000), 999));
  EXPECT_FALSE(signature_counts(SignerState::revoked, "superseded", dated_since(4000, 1000), 999));
}

}  // namespace
}  // namespace sifguard
