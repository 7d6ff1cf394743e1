#include "keystore/store/key_state.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::array kStates = {KeyState::active, KeyState::retired, KeyState::suspended,
                                KeyState::revoked, KeyState::destroyed};
constexpr std::array kSteps = {KeyStep::retire, KeyStep::suspend, KeyStep::resume, KeyStep::revoke,
                               KeyStep::destroy};

TEST(KeyState, HasANameAndIsFoundByIt) {
  for (const KeyState state : kStates) EXPECT_EQ(key_state_from(key_state_name(state)), state);
  for (const char* name : {"", "Active", "active ", "gone"}) EXPECT_FALSE(key_state_from(name));
}

TEST(KeyState, OnlyActiveAndRetiredKeysDecrypt) {
  for (const KeyState state : kStates) {
    EXPECT_EQ(decrypts(state), state == KeyState::active || state == KeyState::retired);
  }
}

TEST(KeyState, EveryStepFromEveryState) {
  using Way = std::pair<KeyState, KeyStep>;
  const std::map<Way, KeyState> ways = {
      {{KeyState::active, KeyStep::retire}, KeyState::retired},
      {{KeyState::active, KeyStep::suspend}, KeyState::suspended},
      {{KeyState::active, KeyStep::revoke}, KeyState::revoked},
      {{KeyState::retired, KeyStep::suspend}, KeyState::suspended},
      {{KeyState::retired, KeyStep::revoke}, KeyState::revoked},
      {{KeyState::retired, KeyStep::destroy}, KeyState::destroyed},
      {{KeyState::suspended, KeyStep::resume}, KeyState::active},
      {{KeyState::suspended, KeyStep::revoke}, KeyState::revoked},
      {{KeyState::suspended, KeyStep::destroy}, KeyState::destroyed},
      {{KeyState::revoked, KeyStep::destroy}, KeyState::destroyed}};
  for (const KeyState state : kStates) {
    for (const KeyStep step : kSteps) {
      const auto next = next_state(state, KeyState::active, step);
      const auto way = ways.find({state, step});
      ASSERT_EQ(next.has_value(), way != ways.end())
          << key_state_name(state) << " step " << static_cast<int>(step);
      if (next) {
        EXPECT_EQ(*next, way->second);
        continue;
      }
      EXPECT_EQ(next.error().code(), Code::wrong_state);
      EXPECT_EQ(next.error().what().find("is " + std::string(key_state_name(state))), 0U);
      EXPECT_FALSE(next.error().remedy().empty());
    }
  }
}

TEST(KeyState, AStepIsTakenWhereItLeads) {
  const std::map<KeyStep, KeyState> targets = {{KeyStep::retire, KeyState::retired},
                                               {KeyStep::suspend, KeyState::suspended},
                                               {KeyStep::revoke, KeyState::revoked},
                                               {KeyStep::destroy, KeyState::destroyed}};
  for (const KeyState state : kStates) {
    for (const auto& [step, target] : targets) {
      EXPECT_EQ(is_taken(state, KeyState::active, step), state == target);
      // What is taken is not taken again.
      EXPECT_FALSE(state == target && next_state(state, KeyState::active, step));
    }
  }
  EXPECT_TRUE(is_taken(KeyState::active, std::nullopt, KeyStep::resume));
  EXPECT_TRUE(is_taken(KeyState::active, KeyState::suspended, KeyStep::resume));
  EXPECT_TRUE(is_taken(KeyState::retired, KeyState::suspended, KeyStep::resume));
  EXPECT_FALSE(is_taken(KeyState::retired, KeyState::active, KeyStep::resume));
  for (const KeyState state : {KeyState::suspended, KeyState::revoked, KeyState::destroyed}) {
    EXPECT_FALSE(is_taken(state, KeyState::active, KeyStep::resume));
  }
}

TEST(KeyState, ResumeGoesBackToWhatItWasAndNeverFurther) {
  EXPECT_EQ(next_state(KeyState::suspended, KeyState::active, KeyStep::resume).value(),
            KeyState::active);
  EXPECT_EQ(next_state(KeyState::suspended, KeyState::retired, KeyStep::resume).value(),
            KeyState::retired);
  EXPECT_EQ(next_state(KeyState::suspended, std::nullopt, KeyStep::resume).value(),
            KeyState::retired);
}

TEST(KeyState, ReasonsAreThoseOfTheRfc) {
  for (const std::string& reason : split(kRevocationReasons, '|')) {
    EXPECT_TRUE(check_revocation_reason(reason)) << reason;
  }
  for (const char* reason : {"", "keycompromise", "key Compromise", "stolen", "|", "superseded|"}) {
    const auto checked = check_revocation_reason(reason);
    ASSERT_FALSE(checked) << reason;
    EXPECT_EQ(checked.error().code(), Code::usage);
    EXPECT_NE(checked.error().remedy().find("keyCompromise"), std::string::npos);
  }
  EXPECT_NE(check_revocation_reason("certificateHold").error().remedy().find("suspend"),
            std::string::npos);
  EXPECT_NE(check_revocation_reason("removeFromCRL").error().remedy().find("resume"),
            std::string::npos);
}

}  // namespace
}  // namespace sifguard
