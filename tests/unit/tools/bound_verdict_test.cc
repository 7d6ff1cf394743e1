// The verdict by one binding of a keystore: all that it demands, and its key's rule.
#include "helper/tools/bound_verdict.h"

#include <gmock/gmock.h>

#include "tests/unit/release/granting.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

using test::certified;
using test::facts_of;
using test::kImage;
using test::kOtherSigner;
using test::kSigner;
using test::record_of;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kMade = 1'700'000'000;  // as in facts_of()

BoundRequest bound() {
  BoundRequest request;
  request.binding.name = "cow";
  request.binding.signers.any_of = {kSigner};
  request.binding.allow.users = std::vector<std::string>{"nobody-in-particular"};
  return request;
}

BoundRequest bound_with_key() {
  BoundRequest request = bound();
  request.binding.key = "lolcow-key";
  request.keys = {record_of()};
  return request;
}

ImageFacts encrypted() {
  ImageFacts facts = facts_of();
  facts.primary_fstype = 6;
  facts.message = CryptoMessageFact{100, 100};
  return facts;
}

Result<Verdict> verdict(const BoundRequest& request, const ImageFacts& facts = facts_of()) {
  return judge_bound(certified(facts, kImage), request, kNow);
}

void expect_refused(const Result<Verdict>& outcome, Code code, const std::string& words) {
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), code);
  EXPECT_THAT(outcome.error().line(), HasSubstr(words));
}

TEST(BoundVerdict, AnImageAsItIsBound) {
  const auto found = verdict(bound());
  ASSERT_TRUE(found) << found.error().line();
  EXPECT_EQ(found->signers(), std::vector<std::string>{kSigner});
  EXPECT_TRUE(verdict(bound_with_key(), encrypted()));
}

TEST(BoundVerdict, SignersOfTheBindingAlone) {
  expect_refused(verdict(bound(), facts_of(kOtherSigner)), Code::refused, "not signed by");
  BoundRequest both = bound();
  both.binding.signers = {};
  both.binding.signers.all_of = {kSigner, kOtherSigner};
  expect_refused(verdict(both), Code::refused, kOtherSigner);
}

TEST(BoundVerdict, SignaturesFromBeforeTheBindingsDate) {
  BoundRequest request = bound();
  request.binding.signers.signed_after = kMade + 1;
  EXPECT_FALSE(verdict(request));
  request.binding.signers.signed_after = kMade;
  EXPECT_TRUE(verdict(request));
}

TEST(BoundVerdict, TheImageThatIsPinned) {
  BoundRequest request = bound();
  request.binding.digest = "sha256:" + std::string(64, 'e');
  expect_refused(verdict(request), Code::refused, "pins");
  request.binding.digest = kImage;
  EXPECT_TRUE(verdict(request));
}

TEST(BoundVerdict, EncryptedExactlyWhereAKeyIsNamed) {
  expect_refused(verdict(bound_with_key()), Code::refused, "is not encrypted");
  expect_refused(verdict(bound(), encrypted()), Code::denied, "names no key");
}

TEST(BoundVerdict, TheRuleOfAKeyOfTheLine) {
  BoundRequest request = bound_with_key();
  request.keys.front().rule.signers = {kOtherSigner};
  expect_refused(verdict(request, encrypted()), Code::denied, "rule does not allow");
  request.keys.push_back(record_of(std::string(64, '2')));
  EXPECT_TRUE(verdict(request, encrypted())) << "the one that replaces it takes them";
  request.keys.back().state = KeyState::suspended;
  expect_refused(verdict(request, encrypted()), Code::denied, "rule does not allow");
  request.keys.pop_back();
  request.keys.front().rule = {};
  EXPECT_FALSE(verdict(request, encrypted())) << "a key without a rule releases nothing";
  request.keys.front() = record_of();
  request.keys.front().state = KeyState::revoked;
  expect_refused(verdict(request, encrypted()), Code::denied, "is revoked");
  request = bound_with_key();
  request.binding.mode = Mode::warn;
  expect_refused(verdict(request, encrypted()), Code::denied, "warn");
}

class BoundRequestTest : public test::StoreFixture {
 protected:
  Result<BoundRequest> read(const std::string& images, const std::string& name) {
    EXPECT_TRUE(store_->replace_images_text("version: 1\nimages:\n" + images));
    return read_bound_request(*store_, name, Release::mount);
  }
  void expect_not_read(const std::string& images, Code code, const std::string& words) {
    const auto found = read(images, "cow");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), code);
    EXPECT_THAT(found.error().line(), HasSubstr(words));
  }
};

TEST_F(BoundRequestTest, WhatTheKeystoreLacks) {
  const std::string cow = "  - {name: cow, match: [/c], allow: {users: ['*']}, ";
  expect_not_read("  []\n", Code::no_input, "no binding 'cow'");
  expect_not_read(cow + "signing_key: {fingerprint: " + kSigner + "}}\n", Code::config,
                  "lacks signer");
  EXPECT_TRUE(store_->replace_images_text("images: no list\n").has_value());
  EXPECT_FALSE(read_bound_request(*store_, "cow", Release::pem));
}

}  // namespace
}  // namespace sifguard
