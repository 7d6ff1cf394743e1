// The keys of bindings, however they are spelled.
#include "keystore/store/key_references.h"
#include "tests/unit/policy/names.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

const std::string kId(64, 'a');
const std::string kThumbprint(40, 'b');

std::vector<KeyRecord> keys() {
  KeyRecord cow;
  cow.id = kId;
  cow.name = "cow";
  cow.thumbprint = kThumbprint;
  KeyRecord dog;
  dog.id = std::string(64, 'd');
  dog.name = "dog";
  return {cow, dog};
}

Binding binding(const std::string& pattern, const std::string& key) {
  Binding made;
  made.name = "b";
  made.match = {pattern};
  made.allow.users = std::vector<std::string>{std::string(kAnyUser)};
  if (!key.empty()) made.key = key;
  return made;
}

TEST(KeyReferences, BecomeIds) {
  Policy policy{{binding("/a", "cow"), binding("/a", kThumbprint), binding("/a", "dog"),
                 binding("/a", ""), binding("/a", "lost")}};
  resolve_keys(policy, keys());
  EXPECT_EQ(policy.bindings[0].key, kId);
  EXPECT_EQ(policy.bindings[1].key, kId);
  EXPECT_EQ(policy.bindings[2].key, std::string(64, 'd'));
  EXPECT_FALSE(policy.bindings[3].key);
  EXPECT_EQ(policy.bindings[4].key, "lost");
}

TEST(KeyReferences, TwoSpellingsOfOneKeyDoNotContradict) {
  Policy policy{{binding("/a*", "cow"), binding("/ab", kThumbprint), binding("/c", "dog")}};
  Facts facts;
  facts.user = "alice";
  facts.image_names = test::named({"/ab"});
  EXPECT_FALSE(decide(policy, facts));
  EXPECT_TRUE(spells_keys_differently(policy, facts.image_names));
  EXPECT_FALSE(spells_keys_differently(policy, test::named({"/aa"})));
  EXPECT_FALSE(spells_keys_differently(policy, test::named({"/c"})));
  EXPECT_TRUE(spells_keys_differently(policy, test::named({"/aa", "/c"})));
  resolve_keys(policy, keys());
  EXPECT_TRUE(decide(policy, facts));
  EXPECT_FALSE(spells_keys_differently(policy, facts.image_names));
  Policy two{{binding("/a*", "cow"), binding("/ab", "dog")}};
  resolve_keys(two, keys());
  EXPECT_FALSE(decide(two, facts));
}

}  // namespace
}  // namespace sifguard
